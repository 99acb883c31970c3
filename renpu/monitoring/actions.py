"""Which census and place a report is about, and the free text that an office puts in the place of a draft."""

from datetime import datetime

from renpu.geography.models import Area, Block
from renpu.monitoring import problems
from renpu.monitoring.indicators import BY_CODE
from renpu.monitoring.models import ReportDraft
from renpu.monitoring.reports.words import MARK, PARTS, SMALL_WORDS
from renpu.platform.models import Census


class ReportRefused(Exception):
    """A report that cannot be made or changed as asked; the text is for who asked."""


def census_of(code: str | None = None) -> Census:
    """The census named, or the newest one that is not a pilot."""
    known = Census.objects.filter(code=code) if code else Census.objects.filter(pilot_of=None)
    census = known.order_by("-t0", "-pk").first()
    if census is None:
        raise ReportRefused(problems.NO_CENSUS)
    return census


def place(code: str) -> str:
    """The name of an area or block."""
    if len(code) == 15:
        name = Block.objects.filter(code=code).values_list("name", flat=True).first()
        name = name or code if name is not None else None
    else:
        name = Area.objects.filter(code=code).values_list("name", flat=True).first()
    if name is None:
        raise ReportRefused(problems.UNKNOWN_AREA % {"code": code})
    return name


def save_draft(census: Census, area_code: str, as_of: datetime, part: str, text: str, *, by: str, at: datetime) -> None:
    """Put the office's own text in the place of a free-text part, in reports as of `as_of` and later ones.

    Numbers stand in it by their codes, such as {S15}. An empty text brings the draft back. ReportRefused: no such part
    or number.
    """
    if part not in PARTS or not PARTS[part].free:
        raise ReportRefused(problems.UNKNOWN_PART % {"part": part})
    for word in MARK.findall(text):
        if word not in BY_CODE and word not in SMALL_WORDS:
            raise ReportRefused(problems.UNKNOWN_NUMBER % {"code": word})
    key = {"census_id": census.pk, "area_code": area_code, "as_of": as_of, "part": part}
    values = {"text": text.strip(), "edited_by": by, "edited_at": at}
    ReportDraft.objects.update_or_create(**key, defaults=values)
