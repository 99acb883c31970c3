"""The area or block that a page is about, and the way to it from the user's own post."""

from dataclasses import dataclass

from django.db.models.functions import Length
from django.http import Http404

from renpu.geography.models import Area, Block
from renpu.platform.areas import area_codes_of, may_see

LEVELS = (2, 4, 6, 9, 12, 15)
STREET, COMMITTEE, BLOCK = 9, 12, 15


@dataclass(frozen=True)
class Place:
    """An area (2 to 12 digits) or block (15). `trail`: the places above it that the user may see, the widest first."""

    code: str
    name: str
    trail: tuple["Place", ...] = ()

    @property
    def is_block(self) -> bool:
        return len(self.code) == BLOCK

    @property
    def is_committee(self) -> bool:
        return len(self.code) == COMMITTEE

    @property
    def child_length(self) -> int | None:
        """Digits of the codes one level below; None for a block."""
        return next((n for n in LEVELS if n > len(self.code)), None)

    def __str__(self) -> str:
        return self.name


def home_code(user, census) -> str:
    """Where a user begins: the widest of the posts, an administrator at the area of the census; "" without either."""
    codes = area_codes_of(user)
    if codes:
        return codes[0]
    if not user.is_superuser:
        return ""
    if census is not None and census.area_code:
        return census.area_code
    return Area.objects.annotate(n=Length("code")).order_by("n", "code").values_list("code", flat=True).first() or ""


def place_of(request, census, code: str | None = None) -> Place:
    """The place named by `?area=` (or `code`), by default the user's own; Http404 where the user may not see it."""
    wanted = request.GET.get("area", "") if code is None else code
    wanted = wanted or home_code(request.user, census)
    if not wanted.isdecimal() or len(wanted) not in LEVELS or not may_see(request.user, wanted):
        raise Http404
    seen = [wanted[:n] for n in LEVELS if n <= len(wanted) and may_see(request.user, wanted[:n])]
    names = names_of(seen)
    if wanted not in names:
        raise Http404
    trail = tuple(Place(above, names[above]) for above in seen[:-1] if above in names)
    return Place(wanted, names[wanted], trail)


def names_of(codes) -> dict[str, str]:
    """Names of areas and blocks by code; a block without a name is called by its number."""
    codes = list(codes)
    blocks = [code for code in codes if len(code) == BLOCK]
    areas = [code for code in codes if len(code) != BLOCK]
    names = dict(Area.objects.filter(code__in=areas).values_list("code", "name")) if areas else {}
    if blocks:
        found = Block.objects.filter(code__in=blocks).values_list("code", "name")
        names |= {code: name or code[COMMITTEE:] for code, name in found}
    return names


def names_below(place: Place) -> dict[str, str]:
    """code -> name of the areas or blocks one level below."""
    if place.child_length is None:
        return {}
    if place.is_committee:
        found = Block.objects.in_area(place.code).order_by("code").values_list("code", "name")
        return {code: name or code[COMMITTEE:] for code, name in found}
    areas = Area.objects.in_area(place.code).annotate(n=Length("code")).filter(n=place.child_length)
    return dict(areas.order_by("code").values_list("code", "name"))
