"""`renpu load police hukou_all.csv --area 310109018 --accept`: a register delivery, or with --dry-run only its reading.
`renpu load auto FILE` finds the register by what the file's header names.

What was read can be written as a list (--rows): file, sheet, row (line or row in the file, from 1), the columns of the
register, problems (codes). For persons the columns are name, sex (1 male, 2 female), birth (ISO date or year-month),
id. Empty means that it could not be read. Where a list states no date of birth, the one in a valid identity number is
given and marked birth_from_id.
"""

import contextlib
import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from tqdm import tqdm

from renpu.registers import actions, mapping
from renpu.registers.lines import Told
from renpu.registers.models import Delivery
from renpu.registers.problems import MESSAGES, SAME_FILE, RegisterRefused, sentence
from renpu.registers.reading import Reading
from renpu.registers.recognise import recognise, the_one
from renpu.registers.rows import Row
from renpu.registers.source import RegisterSource
from renpu.registers.sources import SOURCES, find

AUTO = "auto"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "source",
            help=f"register, or {AUTO} to find it: "
            + ", ".join(name for one in SOURCES for name in (one.name, *one.also)),
        )
        parser.add_argument("file", type=Path)
        parser.add_argument("--area", help="code of the area the file was sent for (needed without --dry-run)")
        parser.add_argument("--dry-run", action="store_true", help="read and tell, store nothing; needs no database")
        parser.add_argument("--rows", type=Path, metavar="OUT.csv", help="write what was read, in clear: keep it safe")
        parser.add_argument("--accept", action="store_true", help="accept the delivery when the file is not refused")
        parser.add_argument("--received-at", metavar="ISO", help="when the file was received (default: now)")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args, **options):
        source = self._source(options["source"], options["file"], "" if options["dry_run"] else options["area"])
        if not options["dry_run"] and not options["area"]:
            raise CommandError(_("Name the area the file was sent for with --area CODE, or use --dry-run."))
        at = _moment(options["received_at"])
        path = options["file"]
        reading = Reading(path, source, timezone.localdate(at))
        staging = None if options["dry_run"] else self._staging(reading, options["area"], at)
        if staging and staging.was_there:
            there = {"file": path.name, "at": f"{timezone.localtime(staging.delivery.received_at):%Y-%m-%d %H:%M}"}
            self.stderr.write(SAME_FILE % there)
        with _rows_written(options["rows"], path, source) as write, _progress(path) as advanced:
            try:
                for rows in (staging or reading).slices(advanced):
                    write(rows)
            except RegisterRefused as refusal:
                raise CommandError(str(refusal)) from refusal
        if staging and options["accept"] and staging.delivery.state == "received":
            with tqdm(total=reading.read, delay=2, disable=None, file=sys.stderr) as bar:
                actions.accept(staging.delivery, at=at, progress=bar.update)
        outcome = _outcome(reading, staging and staging.delivery)
        if options["format"] == "json":
            self.stdout.write(json.dumps(outcome, ensure_ascii=False, indent=1))
        else:
            self._print(outcome)
        if outcome["refused_file"]:
            sys.exit(1)

    def _source(self, name: str, path: Path, area: str | None) -> RegisterSource:
        """The register a file is read as: the one named, else what its header names. A file that fits neither is known
        again where the office of its area (empty: no database is asked) has mapped its columns."""
        named = None if name == AUTO else find(name)
        if named is None and name != AUTO:
            known = ", ".join(one.name for one in SOURCES)
            raise CommandError(
                _("There is no register %(name)s. Known are: %(known)s.") % {"name": name, "known": known}
            )
        fits = recognise(path, [named] if named else SOURCES)
        if named and fits:
            return named
        mapped = mapping.known_source(path, area, named) if area else None
        if source := mapped or named or the_one(fits):
            if mapped or not named:
                told = {"file": path.name, "title": source.title}
                self.stderr.write(_("%(file)s was taken for: %(title)s") % told)
            return source
        if not fits and (why := mapping.unread(path)):
            raise CommandError(why)
        may_be = ", ".join(fit.source.name for fit in fits[:4]) or "—"
        raise CommandError(
            _("It cannot be told which register %(file)s is. It may be: %(known)s. Name the register.")
            % {"file": path.name, "known": may_be}
        )

    def _staging(self, reading: Reading, area: str, at: datetime) -> actions.Staging:
        try:
            return actions.Staging(reading, area=area, at=at)
        except RegisterRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _print(self, outcome: dict) -> None:
        write = self.stdout.write
        write(
            outcome["file"]
            + (f" ({outcome['format']}, {outcome['encoding']})" if outcome["encoding"] else f" ({outcome['format']})")
        )
        for text in outcome["about_the_file"]:
            write("  " + text)
        counts = {name: outcome[name] for name in ("read", "kept", "refused", "duplicates")}
        write(_("Rows read %(read)d, kept %(kept)d, refused %(refused)d; repeated %(duplicates)d.") % counts)
        for problem in outcome["problems"]:
            write(f"{problem['code']}: {problem['rows']}")
            for text in problem["first"]:
                write("  " + text)
            if problem["rows"] > len(problem["first"]):
                write("  " + _("… and %(number)d more") % {"number": problem["rows"] - len(problem["first"])})
        if outcome["delivery"]:
            write(_("Delivery %(delivery)s: %(state)s") % outcome)


def _outcome(reading: Reading, delivery: Delivery | None) -> dict:
    """What was read; of a file that was there, what its delivery says."""
    context = reading.context()

    def say(told: Told) -> str:
        return sentence(told, **context)

    outcome = {
        "file": reading.path.name,
        "format": reading.format,
        "encoding": reading.encoding,
        "read": reading.read,
        "kept": reading.kept,
        "refused": reading.refused,
        "duplicates": reading.duplicates,
        "refused_file": bool(reading.refusals),
        "skipped": dict(reading.skipped),
        "about_the_file": [
            say(told) for told in sorted(reading.told, key=lambda told: not MESSAGES[told.code].refuses)
        ],
        "problems": [
            {
                "code": code,
                "rows": number,
                "note": MESSAGES[code].note,
                "first": [say(told) for told in reading.examples[code]],
            }
            for code, number in reading.found.most_common()
        ],
        "delivery": delivery and str(delivery.pk),
        "state": delivery and delivery.state,
    }
    if delivery and not reading.size:
        outcome |= {
            "format": delivery.format,
            "encoding": delivery.encoding,
            "read": delivery.rows_read,
            "kept": delivery.rows_kept,
            "refused": delivery.rows_refused,
            "duplicates": delivery.duplicates,
        }
    return outcome


@contextlib.contextmanager
def _rows_written(out: Path | None, path: Path, source: RegisterSource) -> Iterator[Callable[[list[Row]], None]]:
    """A function that writes rows to OUT.csv, readable by its owner alone; one that does nothing without OUT."""
    if out is None:
        yield lambda rows: None
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        out.chmod(0o600)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "sheet", "row", *source.listed, "problems"))
        yield lambda rows: writer.writerows(
            (path.name, row.sheet, row.number, *map(row.written, source.listed), row.codes) for row in rows
        )


@contextlib.contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    size = path.stat().st_size if path.is_file() else 0
    with tqdm(total=size, unit="B", unit_scale=True, delay=2, disable=None, file=sys.stderr) as bar:
        yield bar.update


def _moment(text: str | None) -> datetime:
    if not text:
        return timezone.now()
    try:
        moment = parse_datetime(text) or datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("%(text)s is no moment. Write it as 2020-10-08T09:00.") % {"text": text}) from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
