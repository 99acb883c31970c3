"""What a work item rests on, in words: the register row and the households beside each other, the meter month by month,
and what the comparison said. Personal values are masked unless cleared; what differs is told from the values in clear.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from renpu.collection.models import Person
from renpu.concepts import names
from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.coverage.meters import Meter, meters_of
from renpu.coverage.models import WorkItem
from renpu.geography.models import Unit
from renpu.geography.places import names_of
from renpu.listing.models import Household
from renpu.platform.language import code_word
from renpu.platform.models import Census
from renpu.platform.vault import unseal
from renpu.registers.actions import seal_place
from renpu.registers.models import RegisterRow
from renpu.registers.sources import find

MASKS = {"name": mask_name, "number": mask_identity_number, "phone": mask_phone, "head": mask_name}
LABELS = {
    "address": gettext_lazy("Address"),
    "household_no": gettext_lazy("Household no."),
    "status": gettext_lazy("Status"),
    "head": gettext_lazy("Head"),
    "name": gettext_lazy("Name"),
    "kin": gettext_lazy("Mother"),
    "sex": gettext_lazy("Sex"),
    "birth": gettext_lazy("Birth"),
    "number": gettext_lazy("Identity number"),
    "relation": gettext_lazy("Relation"),
    "residence": gettext_lazy("D7. Lives"),
    "hukou": gettext_lazy("D8. Hukou"),
    "away": gettext_lazy("D9. Away from the hukou"),
    "happened": gettext_lazy("Day"),
    "persons": gettext_lazy("Persons"),
    "use": gettext_lazy("Use"),
    "phone": gettext_lazy("Telephone"),
}
COMPARED = ("name", "sex", "birth", "number")
DIFFER = {"name": names.key, "birth": lambda text: text.replace("-", "")[:6]}


class Record(NamedTuple):
    """One source of what is known: its title, the household to open, and its values in clear."""

    title: str
    household: Household | None
    values: dict[str, str]


class Line(NamedTuple):
    """A value of each record beside each other."""

    label: Any
    values: tuple[str, ...]
    differs: bool


class Story(NamedTuple):
    records: list[Record]
    lines: list[Line]
    members: list[tuple[str, list[dict[str, Any]]]]
    meter: Meter
    told: list[tuple[Any, str]]
    elsewhere: str  # name of the area in which the other side lies, where the reader may not see it
    unit: Unit | None


def story(user, item: WorkItem, *, clear: bool) -> Story:
    """Everything that is known about an item that the user may see."""
    ids = [key for key in (item.household_id, item.other_household_id) if key]
    homes = Household.objects.visible_to(user).filter(census_id=item.census_id).in_bulk(ids)
    people: dict[UUID, list[Person]] = {}
    for person in Person.objects.filter(household_id__in=homes).order_by("household_id", "line"):
        people.setdefault(person.household_id, []).append(person)
    records, members = [], []
    row = RegisterRow.objects.select_related("delivery").filter(pk=item.row_id).first() if item.row_id else None
    if row is not None:
        records.append(of_row(row))
    for key, line in ((item.household_id, item.line), (item.other_household_id, item.other_line)):
        if key in homes:
            home = homes[key]
            records.append(of_home(home, next((p for p in people.get(key, ()) if p.line == line), None), line))
            if people.get(key):
                members.append((home.household_no, [shown(p, line, clear) for p in people[key]]))
    hidden = Household.objects.filter(pk__in=set(ids) - homes.keys()).values_list("block_code", flat=True)
    codes = {code[:12] for code in hidden}
    return Story(
        records,
        lines(records, clear),
        members,
        meters_of([item])[item.pk],
        told(item.evidence),
        "、".join(sorted(names_of(codes).values())),
        Unit.objects.filter(pk=item.unit_id).first() if item.unit_id else None,
    )


def of_row(row: RegisterRow) -> Record:
    source = find(row.delivery.source)
    sealed = opened(row)
    title = _("%(register)s, row %(row)s") % {
        "register": source.title if source else row.delivery.source,
        "row": f"{row.sheet} {row.number}".strip(),
    }
    values = {
        "address": row.address,
        "household_no": row.household_no,
        "name": sealed["name"],
        "kin": sealed["kin_name"],
        "sex": code_word("sex", row.sex),
        "birth": row.birth,
        "number": sealed["id"],
        "relation": row.relation,
        "happened": row.happened_on,
        "persons": "" if row.persons is None else str(row.persons),
        "use": row.use,
        "phone": sealed["phone"],
    }
    return Record(title, None, values)


def opened(row: RegisterRow) -> dict[str, str]:
    """The sealed values of a register row, in clear."""
    place = (str(row.delivery_id), row.sheet, row.number)
    return {
        name: unseal(getattr(row, f"{name}_sealed"), seal_place(*place, name))
        for name in ("name", "id", "phone", "kin_name")
    }


def of_home(home: Household, person: Person | None, line: int | None) -> Record:
    values = {
        "address": home.address,
        "household_no": home.household_no,
        "status": code_word("household_status", home.status),
        "head": unseal(home.head, home.id.bytes + b"head"),
        "phone": unseal(home.phone, home.id.bytes + b"phone"),
    }
    if person is not None:
        values |= of_person(person)
    title = _("Form, line %(line)s") % {"line": line} if person is not None else _("Roster and form")
    return Record(title, home, values)


def of_person(person: Person) -> dict[str, str]:
    name, number = names_and_number(person)
    return {
        "name": name,
        "sex": code_word("sex", person.sex),
        "birth": f"{person.birth[:4]}-{person.birth[4:]}" if person.birth else "",
        "number": number,
        "relation": code_word("relationship", person.relationship),
        "residence": code_word("residence_place", person.residence_place),
        "hukou": code_word("hukou_place", person.hukou_place),
        "away": code_word("away_duration", person.away_duration),
    }


def names_and_number(person: Person) -> tuple[str, str]:
    where = person.household_id.bytes + bytes((person.line & 255,))
    return unseal(person.name, where + b"name"), unseal(person.number, where + b"number")


def shown(person: Person, line: int | None, clear: bool) -> dict[str, Any]:
    """A member of a household for the page; `here` marks the line that the item is about."""
    values = of_person(person)
    return {"line": person.line, "here": person.line == line, **masked(values, clear)}


def masked(values: dict[str, str], clear: bool) -> dict[str, str]:
    if clear:
        return values
    masks = {**MASKS, "kin": mask_name}
    return {name: masks[name](text) if name in masks else text for name, text in values.items()}


def lines(records: list[Record], clear: bool) -> list[Line]:
    found = []
    visible = [masked(record.values, clear) for record in records]
    for name, label in LABELS.items():
        if not any(record.values.get(name) for record in records):
            continue
        given = [DIFFER.get(name, str)(text) for record in records if (text := record.values.get(name))]
        differs = name in COMPARED and len(set(given)) > 1
        found.append(Line(label, tuple(values.get(name, "") for values in visible), differs))
    return found


def told(evidence: dict[str, Any]) -> list[tuple[Any, str]]:
    """What the comparison said, in words; keys that are not in TOLD are for the machine."""
    codes = {str(evidence[key]) for key in PLACES if evidence.get(key)}
    called = names_of(codes | {code[:12] for code in codes})
    found = []
    for key, (label, words) in TOLD.items():
        value = evidence.get(key)
        if value is None or value == "":
            continue
        text = words(value) if key not in PLACES else place_word(str(value), called)
        if text:
            found.append((label, text))
    return found


def place_word(code: str, called: dict[str, str]) -> str:
    above = called.get(code[:12], "") if len(code) > len("310199001001") else ""
    return f"{above} {called.get(code, code)}".strip()


def coded(name: str):
    return lambda value: code_word(name, value)


def yes_no(value: Any) -> str:
    return _("yes") if value else _("no")


def source_word(name: str) -> str:
    if name in OWN_SOURCES:
        return str(OWN_SOURCES[name])
    source = find(name)
    return str(source.title) if source else name


def items_word(text: str) -> str:
    return "、".join(str(text).split(","))


OWN_SOURCES = {
    "form": gettext_lazy("Short form"),
    "listing": gettext_lazy("What was said at listing"),
    "alone": gettext_lazy("Nothing but the household's own word says this number"),
    "once": gettext_lazy("Half a year or more by the form alone: the household was not listed"),
    "status": gettext_lazy("Away by its status, and living here by the form"),
    "unconfirmed": gettext_lazy("Nothing says how it is known that nobody lives there"),
}
PLACES = ("place", "lives_at", "other_block", "on_list", "found_in")
TOLD = {
    "source": (gettext_lazy("Register"), source_word),
    "seems": (gettext_lazy("It seems"), coded("register_finding")),
    "items": (gettext_lazy("They disagree on"), items_word),
    "place": (gettext_lazy("Named place"), str),
    "lives_at": (gettext_lazy("Enumerated at"), str),
    "found_in": (gettext_lazy("Found in"), str),
    "other_block": (gettext_lazy("Also recorded at"), str),
    "on_list": (gettext_lazy("On the list of"), str),
    "D7": (gettext_lazy("D7. Lives"), coded("residence_place")),
    "D8": (gettext_lazy("D8. Hukou"), coded("hukou_place")),
    "D9": (gettext_lazy("D9. Away from the hukou"), coded("away_duration")),
    "D9_residence": (gettext_lazy("D9 by the residence"), coded("away_duration")),
    "D9_hukou": (gettext_lazy("D9 by the hukou place"), coded("away_duration")),
    "members_found": (gettext_lazy("Others of the household found"), str),
    "crowded": (gettext_lazy("Another list counts more persons there"), yes_no),
    "valid": (gettext_lazy("Identity number valid"), yes_no),
    "bearers": (gettext_lazy("Persons with this number"), str),
    "kwh_month": (gettext_lazy("Electricity, kWh a month"), lambda value: f"{value:g}"),
    "building": (gettext_lazy("Building"), str),
    "dwellings": (gettext_lazy("Dwellings by the frame's list"), str),
    "dwellings_listed": (gettext_lazy("Dwellings on the roster"), str),
    "counted": (gettext_lazy("Persons by the grid's list"), str),
    "here": (gettext_lazy("Persons by the form"), str),
    "listed": (gettext_lazy("Persons at listing"), str),
    "resident": (gettext_lazy("Residents by the form"), str),
    "listed_resident": (gettext_lazy("Residents at listing"), str),
    "use": (gettext_lazy("Use by the grid's list"), str),
    "walked": (gettext_lazy("Day of the grid's walk"), str),
    "moved_on": (gettext_lazy("Moved out on, by the demolition office"), str),
    "registered": (gettext_lazy("Hukou registered here"), str),
    "month": (gettext_lazy("Month of birth"), lambda text: f"{text[:4]}-{text[4:]}"),
    "died": (gettext_lazy("Died in"), lambda text: f"{text[:4]}-{text[4:]}"),
}


class Shown(NamedTuple):
    """What a list says of an item: whom or what it is about, masked, and where."""

    who: str
    address: str
    household: Household | None


def in_list(user, census: Census, items: Iterable[WorkItem]) -> dict[UUID, Shown]:
    """Item -> what a row of the list shows; a few queries for all of them."""
    items = list(items)
    homes = Household.objects.visible_to(user).filter(census_id=census.pk)
    homes = homes.in_bulk({i.household_id for i in items if i.household_id})
    rows = RegisterRow.objects.in_bulk({i.row_id for i in items if i.row_id})
    units = Unit.objects.in_bulk({i.unit_id for i in items if i.unit_id and not i.household_id and not i.row_id})
    wanted = {(i.household_id, i.line) for i in items if i.household_id in homes and i.line is not None}
    people = {
        (p.household_id, p.line): p
        for p in Person.objects.filter(household_id__in={key for key, _line in wanted}).order_by("household_id", "line")
        if (p.household_id, p.line) in wanted
    }
    found = {}
    for item in items:
        home, row, unit = homes.get(item.household_id), rows.get(item.row_id), units.get(item.unit_id)
        person = people.get((item.household_id, item.line))
        if row is not None and not (item.household_id and item.line):
            who = opened(row)["name"]
        elif person is not None:
            who = names_and_number(person)[0]
        else:
            who = unseal(home.head, home.id.bytes + b"head") if home else ""
        address = home.address if home and home.address else row.address if row else unit.address if unit else ""
        address = address or str(item.evidence.get("building", ""))
        found[item.pk] = Shown(mask_name(who), address, home)
    return found


def days_over(item: WorkItem, today: date) -> int:
    """Days since an open item was due; 0 while it is not."""
    if item.due_on is None or item.state == WorkItem.State.CLOSED:
        return 0
    return max(0, (today - item.due_on).days)
