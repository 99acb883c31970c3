"""Whom a call is about and under which numbers: the people of a roster line, of a register's household that is on no
form, or one member of a unit's collective hukou.

Names and numbers are opened here for the page of one call; counting numbers for a list opens none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from django.db.models import Q

from renpu.collection import events, journal
from renpu.collection.answers import Person
from renpu.collection.models import Person as PersonRow
from renpu.concepts import identity_number
from renpu.concepts.codes import code_list
from renpu.coverage.models import Finding, WorkItem
from renpu.geography.models import Block
from renpu.linkage.models import row_key
from renpu.linkage.records import newest_deliveries
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import blind_index, unseal
from renpu.registers.actions import seal_place
from renpu.registers.models import RegisterRow
from renpu.tracing.answering import OTHER, place_of
from renpu.tracing.models import Member, WrongNumber

EMPTY, MISSING, MEMBER = "empty_registered", "register_missing", "unit_member"
KINDS = (EMPTY, MISSING, MEMBER)
OF_REGISTER = UUID("2f0d5c3e-51c7-5a0e-8f86-0b6a4c1d9e10")
HEADS = ("户主", "本人")
READS = 4  # education: from junior secondary on
# A relation as the police write it, by the first of these that fits; what fits none is asked.
RELATIONS = (
    (re.compile(r"^(户主|本人)$"), 0),
    (re.compile(r"^(配偶|妻子?|丈?夫)$"), 1),
    (re.compile(r"孙"), 7),
    (re.compile(r"(媳|婿)"), 6),
    (re.compile(r"^(岳|公|婆)"), 4),
    (re.compile(r"^(外?祖|爷|奶)"), 5),
    (re.compile(r"^(长|次|三|四|五|独生)?(子|女|儿子|女儿|子女)$"), 2),
    (re.compile(r"^(父|母)"), 3),
    (re.compile(r"^(兄|弟|姐|妹|哥)"), 8),
    (re.compile(r"^(其他|非亲属)"), 9),
)


class Known(NamedTuple):
    """A person of a call, with what is known: from the form, or by name, number, sex and birth from a register.

    `suggested`: answers that a register suggests. The caller still asks; the page only begins with them.
    """

    uuid: str
    person: Person
    suggested: Mapping[str, str] = {}


class Reach(NamedTuple):
    """Whom to call. `household` is None where a register's household has no roster line yet; then `block` says where
    one would be opened ("" = nowhere yet) and `key` would be its id. `phones` are (number, from) in the order to try.
    """

    item: WorkItem
    household: Household | None
    block: str
    key: UUID
    address: str
    people: list[Known]
    phones: list[str]
    form: events.Form | None = None
    member: Member | None = None
    items: tuple[UUID, ...] = ()  # the other work items that the same call settles
    others: tuple[Person, ...] = ()  # persons of the household's form who are not asked about: they stay as they are


def reach(census: Census, item: WorkItem) -> Reach:
    """The people and numbers of one work item, in clear."""
    wrong = {bytes(x) for x in WrongNumber.objects.filter(item=item).values_list("phone_index", flat=True)}
    match item.kind:
        case "unit_member":
            found = _member(item)
        case "register_missing":
            found = _register(census, item)
        case _:
            found = _household(census, item)
    phones = [p for p in dict.fromkeys(found.phones) if p and phone_index(p) not in wrong]
    return found._replace(phones=phones)


def phone_index(phone: str) -> bytes:
    return blind_index("".join(filter(str.isdigit, phone)), "phone")


def form_of(household: Household) -> events.Form | None:
    """The answers that stand."""
    if household.form_event is None:
        return None
    held = next(iter(journal.held_where(id=household.form_event)), None)
    return held.payload if held and held.kind == "form" else None


def _household(census: Census, item: WorkItem) -> Reach:
    household = Household.objects.get(pk=item.household_id)
    rows = rows_of_households([household])[household.id]
    form = form_of(household)
    if form is not None and form.answers.persons:
        people = [Known(p.uuid or str(uuid5(household.id, f"line {n}")), p) for n, p in enumerate(form.answers.persons)]
    else:
        people = [from_row(row) for row in rows]
    phones = [unseal(household.phone, household.id.bytes + b"phone"), *map(phone_of, rows)]
    return Reach(item, household, household.block_code, household.id, household.address, people, phones, form)


def rows_of_households(households: Sequence[Household]) -> dict[UUID, list[RegisterRow]]:
    """The rows of the police's valid list that are a line's people: those of the register household in which a person
    of its form stands by number, or the only one of the committee in which its head stands by name."""
    found: dict[UUID, list[RegisterRow]] = {h.id: [] for h in households}
    by_committee: dict[str, list[Household]] = {}
    for h in households:
        by_committee.setdefault(h.block_code[:12], []).append(h)
    for committee, lines in by_committee.items():
        valid = Q(pk__in=[])
        for delivery, code in newest_deliveries(committee, sources=["police"]).get("police", []):
            valid |= Q(delivery_id=delivery, area_code=code)
        rows = RegisterRow.objects.filter(valid, refused=False, duplicate_of=None).exclude(household_no="")
        ids = _id_indexes([h.id for h in lines if h.version])
        heads = {bytes(h.head_index) for h in lines if h.head_index}
        numbers = {index for of in ids.values() for index in of}
        by_id: dict[bytes, set[str]] = {}
        by_name: dict[bytes, set[str]] = {}
        for name in _some(rows, "id_index", numbers):
            by_id.setdefault(bytes(name.id_index), set()).add(name.household_no)
        for name in _some(rows, "name_index", heads):
            by_name.setdefault(bytes(name.name_index), set()).add(name.household_no)
        wanted: dict[str, list[UUID]] = {}
        for h in lines:
            numbers_of = {no for index in ids.get(h.id, ()) for no in by_id.get(index, ())}
            numbers_of = numbers_of or by_name.get(bytes(h.head_index or b""), set())
            if len(numbers_of) == 1:
                wanted.setdefault(numbers_of.pop(), []).append(h.id)
        for row in _some(rows, "household_no", set(wanted)):
            for key in wanted[row.household_no]:
                found[key].append(row)
    for of in found.values():
        of.sort(key=lambda row: (row.relation not in HEADS, row.number))
    return found


def _some(rows, column: str, values: set) -> Iterable[RegisterRow]:
    ordered = sorted(values)
    for start in range(0, len(ordered), 400):
        yield from rows.filter(**{f"{column}__in": ordered[start : start + 400]}).order_by("number", "pk")


def _id_indexes(households: list[UUID]) -> dict[UUID, list[bytes]]:
    """Of the persons of forms, their identity numbers as the registers index them."""
    found: dict[UUID, list[bytes]] = {}
    for start in range(0, len(households), 400):
        people = PersonRow.objects.filter(household_id__in=households[start : start + 400]).exclude(number=None)
        for key, line, sealed in people.values_list("household_id", "line", "number"):
            number = unseal(sealed, key.bytes + bytes((line & 255,)) + b"number")
            found.setdefault(key, []).append(blind_index(identity_number.same(number), "id"))
    return found


def from_row(row: RegisterRow) -> Known:
    """A person as a register names them: to be confirmed in the call, never an answer without it."""
    place = (str(row.delivery_id), row.sheet, row.number)
    number = identity_number.read(unseal(row.id_sealed, seal_place(*place, "id")))
    born = (row.birth or "").replace("-", "")[:6]
    person = Person(
        uuid=str(uuid5(OF_REGISTER, str(row.pk))),
        D1=unseal(row.name_sealed, seal_place(*place, "name")) or None,
        D2=relation(row.relation),
        D3=number.number if number.valid else None,
        D4=number.sex or row.sex,
        D5=(f"{number.birth:%Y%m}" if number.birth else born) or None,
        D6=_ethnic(row.ethnic),
    )
    return Known(person.uuid or "", person, schooling(row.more.get("education", "")))


def schooling(written: str) -> dict[str, str]:
    """D11, and D12 of whoever went to school beyond the first years, as the register's 文化程度 suggests them."""
    level = next((code for code, label in code_list("education").items() if written and label.zh == written), None)
    if level is None:
        return {}
    return {"D11": level, "D12": "1"} if int(level) >= READS else {"D11": level}


def relation(written: str) -> int | None:
    return next((code for pattern, code in RELATIONS if pattern.search(written)), None)


def _ethnic(name: str) -> str | None:
    return next((code for code, label in code_list("ethnic_group").items() if label.zh == name), None)


def phone_of(row: RegisterRow) -> str:
    return unseal(row.phone_sealed, seal_place(str(row.delivery_id), row.sheet, row.number, "phone"))


def _register(census: Census, item: WorkItem) -> Reach:
    """The rows of one register household that are on no form, each with its own open work item. Where others of that
    household were found on a form of the committee, they are added to it; else they get a line of their own."""
    row = RegisterRow.objects.filter(pk=item.row_id).first()
    if row is None:  # destroyed with its delivery
        return Reach(item, None, "", UUID(int=0), "", [], [])
    rows = [row]
    if row.household_no:
        same = RegisterRow.objects.filter(
            delivery_id=row.delivery_id, area_code=row.area_code, household_no=row.household_no
        )
        rows = list(same.filter(refused=False, duplicate_of=None).order_by("number", "pk"))
    open_items = WorkItem.objects.of(census).open().filter(kind=MISSING, row_id__in=[r.pk for r in rows])
    of_row = dict(open_items.values_list("row_id", "pk"))
    phones = [phone_of(r) for r in sorted(rows, key=lambda r: r.pk != row.pk)]
    rows_of = rows
    rows = [r for r in rows if r.pk in of_row or r.pk == row.pk]
    rows.sort(key=lambda r: (r.relation not in HEADS, r.number))
    name = row.household_no or f"row {row.pk}"
    key = uuid5(OF_REGISTER, f"{census.pk}/{row.area_code}/{name}")
    there = Household.objects.of(census).filter(pk__in=[key, *found_with(census, rows_of)], removed=False)
    there = list(there.in_area(row.area_code[:12]).order_by("block_code", "household_no", "id"))
    household = there[0] if len(there) == 1 else next((h for h in there if h.id == key), None)
    block = household.block_code if household else row.block_code or virtual_block(row.area_code)
    people = [from_row(r) for r in rows]
    form = form_of(household) if household else None
    stay = tuple(form.answers.persons) if form else ()
    if stay:  # the household has its head
        people = [k._replace(person=msgspec.structs.replace(k.person, D2=k.person.D2 or None)) for k in people]
    same_call = tuple(pk for pk in of_row.values() if pk != item.pk)
    return Reach(item, household, block, key, row.address, people, phones, form, items=same_call, others=stay)


def found_with(census: Census, rows: Sequence[RegisterRow]) -> list[UUID]:
    """The households in which the comparison found others of these rows."""
    findings = Finding.objects.filter(census_id=census.pk, record__in=[row_key(r.pk) for r in rows])
    return list(findings.exclude(household_id=None).values_list("household_id", flat=True).distinct())


def virtual_block(area_code: str) -> str:
    """The first virtual block of the committee, for those who have no dwelling in it; "" where none was made."""
    found = Block.objects.in_area(area_code[:12]).filter(virtual=True).order_by("code")
    return found.values_list("code", flat=True).first() or ""


def _member(item: WorkItem) -> Reach:
    member = Member.objects.select_related("unit").get(item=item)
    household = Household.objects.get(pk=member.unit.household_id)
    form = form_of(household)
    phones = [unseal(member.phone, member.id.bytes + b"phone")]
    return Reach(
        *(item, household, household.block_code, household.id, member.unit.name),
        *([Known(member.person, person_of(member, form))], phones, form, member),
    )


def person_of(member: Member, form: events.Form | None) -> Person:
    """What is known of a member: the section of the form that is theirs, else name and number."""
    number = unseal(member.identity, member.id.bytes + b"identity")
    read = identity_number.read(number)
    persons = form.answers.persons if form else []
    place = place_of(persons, member.person, identity_number.same(number) if number else "")
    if place is not None:
        return msgspec.structs.replace(persons[place], uuid=persons[place].uuid or member.person)
    return Person(
        uuid=member.person,
        D1=unseal(member.name, member.id.bytes + b"name"),
        D2=OTHER,
        D3=read.number if read.valid else None,
        D4=read.sex if read.valid else None,
        D5=f"{read.birth:%Y%m}" if read.valid and read.birth else None,
    )


def count_phones(census: Census, items: Sequence[WorkItem]) -> Mapping[UUID, int]:
    """How many numbers each item has, none of them opened; those found wrong are not taken off."""
    counts: dict[UUID, int] = {}
    households = {i.pk: i.household_id for i in items if i.kind == EMPTY and i.household_id}
    lines = {h.id: h for h in Household.objects.filter(pk__in=set(households.values()))}
    rows = rows_of_households(list(lines.values()))
    for pk, key in households.items():
        if key in lines:
            counts[pk] = bool(lines[key].phone) + sum(r.phone_sealed is not None for r in rows[key])
    by_row = {i.pk: i.row_id for i in items if i.kind == MISSING}
    with_phone = RegisterRow.objects.filter(pk__in=set(by_row.values())).exclude(phone_sealed=None)
    have = set(with_phone.values_list("pk", flat=True))
    counts |= {pk: int(row in have) for pk, row in by_row.items()}
    members = Member.objects.filter(item__in=[i.pk for i in items if i.kind == MEMBER])
    counts |= {pk: int(phone is not None) for pk, phone in members.values_list("item_id", "phone")}
    return counts
