"""`renpu report progress`: the progress report of an area as of a moment: its numbers, a page, or a document."""

import sys
from datetime import datetime
from pathlib import Path

import orjson
from django.core.management.base import BaseCommand, CommandError

from renpu.monitoring import problems
from renpu.monitoring.actions import ReportRefused, census_of, place
from renpu.monitoring.indicators import SLOTS, values
from renpu.platform.models import TIME_ZONE


class Command(BaseCommand):
    requires_system_checks = ()  # it only reads, and pages are none of its business
    help = (
        "The progress report of an area as of a moment. "
        "Example: renpu report progress --area 310109018 --as-of 2020-11-07T18:00 --format docx -o report.docx"
    )

    def add_arguments(self, parser):
        parser.add_argument("report", choices=["progress"])
        parser.add_argument(
            "--area", required=True, metavar="CODE", help="area (6, 9 or 12 digits) or block (15 digits)"
        )
        parser.add_argument("--as-of", metavar="TIME", help="such as 2020-11-07T18:00, census time (default: now)")
        parser.add_argument("--census", metavar="CODE", help="census, where there are several")
        parser.add_argument("--format", choices=["json", "docx", "html"], default="json")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE")

    def handle(self, *, area, as_of, census, format, output, **options):
        try:
            census = census_of(census)
            name = place(area)
            moment = at(as_of)
        except ReportRefused as refusal:
            raise CommandError(str(refusal)) from None
        if format == "json":
            text = numbers(census, area, name, moment, as_of or moment.isoformat(timespec="seconds"))
        elif format == "html":
            from renpu.monitoring.reports.html import page
            from renpu.monitoring.reports.progress import progress_report

            text = page(progress_report(census, area, moment)).encode()
        else:
            if output is None:
                raise CommandError(str(problems.FILE_NEEDED))
            from renpu.monitoring.reports.docx import document
            from renpu.monitoring.reports.progress import progress_report

            text = document(progress_report(census, area, moment))
        if output is None:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        else:
            output.write_bytes(text)


def at(text: str | None) -> datetime:
    """A moment as typed, on the clock of the census unless it carries an offset; now when none is given."""
    if text is None:
        return datetime.now(TIME_ZONE)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ReportRefused(problems.UNKNOWN_TIME % {"text": text}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=TIME_ZONE)


def numbers(census, area_code: str, name: str, as_of: datetime, as_given: str) -> bytes:
    """The numbers as JSON: the 28 slots of the report, and the further indicators under "extra"."""
    found = values(census, area_code, as_of)
    found["S00"] = name
    told = {
        "area": area_code,
        "name": name,
        "as_of": as_given,
        "slots": {code: found[code] for code in SLOTS},
        "extra": {code: found[code] for code in found if code not in SLOTS},
    }
    return orjson.dumps(told, default=float, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
