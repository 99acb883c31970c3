"""Which census and place a report is about, and the free text that an office puts in the place of a draft."""



from renpu.geography.models import Area, Block
from renpu.monitoring import problems
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
