"""What the newest comparison says of the records of an area, as pages show it: counts, and the rows behind each."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from renpu.collection.models import BlockNow, Person
from renpu.concepts.codes import code_list
from renpu.concepts.masking import mask_identity_number, mask_name
from renpu.coverage import evidence
from renpu.coverage.figures import NOBODY, ON_LIST, STANDS, place_in_figures
from renpu.coverage.models import Finding
from renpu.geography.places import COMMITTEE, LEVELS, Place, names_below, names_of
from renpu.linkage.models import line_key
from renpu.listing.models import Household
from renpu.platform.language import code_word
from renpu.platform.models import Census
from renpu.registers.models import RegisterRow
from renpu.registers.sources import SOURCES, find

PAGE = 50
FINDINGS = tuple(code_list("register_finding").codes)
FORM = "form"
POLICE = "police"
VITAL = ("births", "deaths")
FOUND = ("found_here", "found_away", "found_elsewhere")
# Figures of the police list, in persons of the area as a whole but for the rows of nobody.
FIGURES = {
    ON_LIST: _("Persons on the police list"),
    "enumerated_living_here": _("enumerated, living here"),
    "enumerated_as_away_only": _("enumerated, living elsewhere"),
    "dead_on_register": _("dead and still on the list"),
    NOBODY: _("rows behind which nobody stands"),
    "on_no_form": _("on no form of this area"),
}


class Source(NamedTuple):
    """A source with how many of its records ended in each finding, in the order of FINDINGS."""

    name: str
    title: Any
    counts: tuple[tuple[str, int], ...]
    total: int


def visible(user, census: Census, area_code: str):
    return Finding.objects.visible_to(user).in_area(area_code).filter(census_id=census.pk)


def counted(user, census: Census, area_code: str) -> tuple[list[Source], dict[str, int]]:
    """The findings of an area by source, and the figures of its police list (FIGURES), in one query. A block, and an
    area without a list compared since findings say what they stand for, have no figures."""
    rows = visible(user, census, area_code).annotate(stands=stands(area_code))
    found: dict[str, Counter] = {}
    told: Counter = Counter()
    has_figures = False
    for row in rows.values("source", "finding", "stands").annotate(n=Count("pk")).order_by():
        found.setdefault(row["source"], Counter())[row["finding"]] += row["n"]
        has_figures |= bool(row["stands"])
        if row["stands"] in STANDS:
            told.update({ON_LIST: row["n"], STANDS[row["stands"]]: row["n"]})
    if not has_figures:
        return sources(found), {}
    told[NOBODY] = found[POLICE]["never_existed"]
    return sources(found), {name: told[name] for name in FIGURES}


def sources(found: dict[str, Counter]) -> list[Source]:
    order = [source.name for source in SOURCES]
    names = sorted(found, key=lambda name: (name == FORM, order.index(name) if name in order else len(order)))
    return [
        Source(name, title(name), tuple((f, found[name].get(f, 0)) for f in FINDINGS), sum(found[name].values()))
        for name in names
    ]


def title(name: str) -> Any:
    source = find(name)
    return _("Lines of the forms") if name == FORM else source.title if source else name


def stands(area_code: str) -> Substr:
    """What a police row stands for in the figures of the area, a letter of STANDS."""
    return Substr("in_figures", place_in_figures(area_code) + 1, 1)


class Wanted(NamedTuple):
    """Which records are asked for. `figure`: of each person counted in it, the row that stands for the person.
    `origin`, `destination`: form lines of persons whose hukou is at the one and who live at the other, those recorded
    at the one end (`side` gone) or at the other (arrived)."""

    source: str = ""
    findings: tuple[str, ...] = ()
    figure: str = ""
    origin: str = ""
    destination: str = ""
    side: str = ""
    beyond: str = ""  # the other end lies outside this area
    within: str = ""  # the other end lies in this area, and no part of it is named
    after: int = 0

    @classmethod
    def read(cls, query) -> "Wanted":
        after = query.get("after", "")
        return cls(
            query.get("source", "")[:40],
            tuple(f for f in query.getlist("finding") if f in FINDINGS),
            query.get("figure", "") if query.get("figure", "") in FIGURES else "",
            *(
                query.get(name, "")[:15] if query.get(name, "").isdecimal() else ""
                for name in ("origin", "destination")
            ),
            query.get("side", "") if query.get("side", "") in ("gone", "arrived") else "",
            *(code_of(query.get(name, "")) for name in ("beyond", "within")),
            int(after) if after.isdecimal() and len(after) < 19 else 0,
        )


def code_of(text: str) -> str:
    """The code of an area or block in an address; "" for anything else."""
    return text if text.isdecimal() and len(text) in LEVELS else ""


def rows(user, census: Census, area_code: str, wanted: Wanted):
    found = visible(user, census, area_code)
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.findings:
        found = found.filter(finding__in=wanted.findings)
    if wanted.figure == NOBODY:
        found = found.filter(source=POLICE, finding="never_existed")
    elif wanted.figure:
        letters = [letter for letter, name in STANDS.items() if wanted.figure in (name, ON_LIST)]
        found = found.filter(source=POLICE).annotate(stands=stands(area_code)).filter(stands__in=letters)
    if wanted.side:
        found = found.exclude(origin="").filter(area_code=F("origin" if wanted.side == "gone" else "destination"))
    for end in ("origin", "destination"):
        if code := getattr(wanted, end):
            found = found.filter(**{f"{end}__startswith": code})
    if wanted.side and (wanted.beyond or wanted.within):
        other = "destination" if wanted.side == "gone" else "origin"
        found = found.exclude(**{other: ""})
        if wanted.beyond:
            found = found.exclude(**{f"{other}__startswith": wanted.beyond})
        else:
            codes = parts_of(Place(wanted.within, ""))
            found = found.filter(**{f"{other}__startswith": wanted.within}).annotate(
                part=Substr(other, 1, len(next(iter(codes))))
            )
            found = found.exclude(part__in=codes)
    return found


def parts_of(place: Place) -> dict[str, str]:
    """code -> name of the parts of an area; of a block, itself."""
    return names_below(place) or {place.code: place.name}


class Row(NamedTuple):
    """A record of the list, masked."""

    of: Finding
    who: str
    kin: str
    sex: str
    birth: str
    number: str
    address: str
    day: str
    where: str
    household: Household | None
    why: str


def page(user, census: Census, found, after: int) -> tuple[list[Row], int]:
    """One page of records by key, and the key of the next page (0 on the last)."""
    some = list(found.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    more = some[PAGE - 1].pk if len(some) > PAGE else 0
    return shown(user, census, some[:PAGE]), more


def shown(user, census: Census, found: Iterable[Finding]) -> list[Row]:
    found = list(found)
    rows = RegisterRow.objects.in_bulk({int(f.record[4:]) for f in found if f.record.startswith("row:")})
    homes = Household.objects.visible_to(user).filter(census_id=census.pk)
    homes = homes.in_bulk({f.household_id for f in found if f.household_id})
    ids = {f.household_id for f in found if f.source == FORM}
    people = {
        line_key(p.household_id, p.line): p
        for p in Person.objects.filter(household_id__in=ids).order_by("household_id", "line")
    }
    codes = {code for f in found for code in (f.area_code, f.found_in, *codes_in(f.why)) if code}
    names = names_of(codes | {code[:12] for code in codes})
    return [row_of(f, rows, homes, people, names) for f in found]


def row_of(f: Finding, rows: dict, homes: dict, people: dict, names: dict[str, str]) -> Row:
    home = homes.get(f.household_id)
    where = evidence.place_word(f.area_code, names)
    told = why(f.why, names)
    if f.source == FORM:
        person = people.get(f.record)
        said = evidence.of_person(person) if person else {}
        address = home.address if home else ""
        who, number = mask_name(said.get("name", "")), mask_identity_number(said.get("number", ""))
        return Row(f, who, "", said.get("sex", ""), said.get("birth", ""), number, address, "", where, home, told)
    row = rows.get(int(f.record[4:]))
    if row is None:
        return Row(f, "", "", "", "", "", "", "", where, home, told)
    sealed = evidence.opened(row)
    who, kin, number = mask_name(sealed["name"]), mask_name(sealed["kin_name"]), mask_identity_number(sealed["id"])
    sex = code_word("sex", row.sex)
    return Row(f, who, kin, sex, row.birth, number, row.address, row.happened_on, where, home, told)


WHY = (
    (re.compile(r"form D7=(\d+)"), _("form, D7: %s"), "residence_place"),
    (re.compile(r"deaths form (\d{6})"), _("deaths form, %s"), "month"),
    (re.compile(r"deaths form ?"), _("on a deaths form"), ""),
    (re.compile(r"household died out by the roster"), _("household died out, by the roster"), ""),
    (re.compile(r"pair to be decided"), _("pair to be decided"), ""),
    (re.compile(r"no number, household found=(\d+)"), _("no number; of the household %s found"), "n"),
    (re.compile(r"presumed: old, household found=(\d+)"), _("presumed dead: old; of the household %s found"), "n"),
    (re.compile(r"on no form, household found=(\d+)"), _("on no form; of the household %s found"), "n"),
    (re.compile(r"dead by another source"), _("dead by another source"), ""),
    (re.compile(r"D8=1, on the list of (\d+)"), _("hukou here by the form, on the list of %s"), "place"),
    (re.compile(r"D8=1, on no police list"), _("hukou here by the form, on no police list"), ""),
    (re.compile(r"on the police list"), _("on the police list"), ""),
    (re.compile(r"D8=(\d+)"), _("form, D8: %s"), "hukou_place"),
    (re.compile(r"infant by name"), _("infant found by name"), ""),
    (re.compile(r"infant by mother"), _("infant found with the mother"), ""),
    (re.compile(r"not born in the year"), _("not born in the year"), ""),
    (re.compile(r"mother found, no infant with her"), _("mother found, no infant with her"), ""),
    (re.compile(r"neither infant nor mother found"), _("neither infant nor mother found"), ""),
    (re.compile(r"alive on a form"), _("alive on a form"), ""),
    (re.compile(r"on a deaths form"), _("on a deaths form"), ""),
    (re.compile(r"on no deaths form"), _("on no deaths form"), ""),
    (re.compile(r"not of the year"), _("not of the year"), ""),
    (re.compile(r"the household there is away"), _("a household on the roster there is away"), ""),
    (re.compile(r"dwelling on the roster, (\d+) persons"), _("dwelling on the roster, persons: %s"), "n"),
    (re.compile(r"address names no dwelling"), _("address names no dwelling"), ""),
    (re.compile(r"dwelling not on the roster"), _("dwelling not on the roster"), ""),
)


def codes_in(text: str) -> list[str]:
    return re.findall(r"\b\d{9,15}\b", text)


def why(text: str, names: dict[str, str]) -> str:
    """The comparison's evidence in the reader's words; as it stands where there are none for it."""
    for pattern, words, of in WHY:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        if not of:
            return str(words)
        value = found[1]
        match of:
            case "month":
                value = f"{value[:4]}-{value[4:]}"
            case "place":
                value = evidence.place_word(value, names)
            case "residence_place" | "hukou_place":
                value = code_word(of, value)
        return str(words) % value
    return text


class Part(NamedTuple):
    """Births or deaths of a part of an area: on lists, found, missing, unsure; and on the forms."""

    code: str
    name: str
    listed: int
    found: int
    missing: int
    unsure: int
    forms: int


def vital(user, census: Census, place: Place, source: str) -> tuple[list[Part], Part]:
    """The ledger of births or deaths by part, and for the area."""
    length = place.child_length or len(place.code)
    part = {"part": Substr("area_code", 1, length)}
    rows = visible(user, census, place.code).filter(source=source).annotate(**part)
    counts: dict[str, dict[str, int]] = {}
    for row in rows.values("part", "finding").annotate(n=Count("pk")).order_by():
        counts.setdefault(row["part"], {})[row["finding"]] = row["n"]
    now = BlockNow.objects.visible_to(user).in_area(place.code).filter(census_id=census.pk)
    now = now.annotate(part=Substr("block_code", 1, length)).values("part").annotate(n=Sum(source)).order_by()
    forms = {row["part"]: row["n"] for row in now}
    below = parts_of(place)
    named = [*below.items(), *([(place.code, "")] if place.code in counts and place.code not in below else [])]
    parts = [part_of(code, name, source, counts.get(code, {}), forms.get(code, 0)) for code, name in named]
    sums = [sum(column) for column in zip(*(p[2:] for p in parts), strict=True)] if parts else [0] * 5
    return parts, Part(place.code, place.name, *sums)


def found_of(source: str) -> tuple[str, ...]:
    """The findings that say that a birth or a death is on the forms."""
    return FOUND if source == "births" else ("dead",)


def part_of(code: str, name: str, source: str, counts: dict[str, int], forms: int) -> Part:
    found = sum(counts.get(f, 0) for f in found_of(source))
    return Part(code, name, sum(counts.values()), found, counts.get("to_add", 0), counts.get("unsure", 0), forms)


class Cell(NamedTuple):
    """Form lines of persons with the hukou at `origin` who live at `destination`: recorded as gone at the one end, as
    come at the other. None: that side does not say so, or lies outside the area."""

    origin: str
    destination: str
    gone: int | None
    arrived: int | None

    @property
    def difference(self) -> int:
        return 0 if self.gone is None or self.arrived is None else self.arrived - self.gone


UNNAMED, OUTSIDE = "unnamed", "outside"


class Matrix(NamedTuple):
    """`columns`: code -> name of the parts, then what names no part (UNNAMED) and what lies outside (OUTSIDE); `rows`
    (origin, its name, cells by destination)."""

    columns: dict[str, str]
    rows: list[tuple[str, str, list[Cell]]]


def balance(user, census: Census, place: Place) -> Matrix:
    """The comings and goings between the parts of an area, both sides of each, and those beyond it as seen from inside.

    Inside a part nothing comes or goes; between the blocks of one committee nobody comes either, as the hukou then is
    here (D8 = 1).
    """
    length, parts = place.child_length or len(place.code), parts_of(place)
    moved = visible(user, census, place.code).exclude(origin="").exclude(destination="")
    ends = {"o": Substr("origin", 1, length), "d": Substr("destination", 1, length)}
    counts: dict[tuple[str, str, str], int] = {}
    for side, end in (("gone", "origin"), ("arrived", "destination")):
        own = moved.filter(area_code=F(end)).annotate(**ends)
        for row in own.values("o", "d").annotate(n=Count("pk")).order_by():
            key = (side, part_named(row["o"], parts, place), part_named(row["d"], parts, place))
            counts[key] = counts.get(key, 0) + row["n"]

    def cell(o: str, d: str) -> Cell:
        apart = o != d
        gone = counts.get(("gone", o, d), 0) if apart and o in parts else None
        comes = apart and d in parts and not (o in parts and o[:COMMITTEE] == d[:COMMITTEE])
        return Cell(o, d, gone, counts.get(("arrived", o, d), 0) if comes else None)

    columns = {**parts, UNNAMED: "", OUTSIDE: ""}
    if not any(UNNAMED in key for key in counts):
        del columns[UNNAMED]
    return Matrix(columns, [(o, name, [cell(o, d) for d in columns]) for o, name in columns.items()])


def part_named(code: str, parts: dict[str, str], place: Place) -> str:
    if code in parts:
        return code
    return UNNAMED if code.startswith(place.code) else OUTSIDE
