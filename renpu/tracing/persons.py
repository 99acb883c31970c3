"""Whom a case is about: opened from the line of a form or the row of a register, as much of it as following needs."""

from typing import NamedTuple
from uuid import UUID

from renpu.collection.models import Person
from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.listing.models import Household
from renpu.platform.vault import unseal
from renpu.registers.actions import seal_place
from renpu.registers.models import RegisterRow


class Who(NamedTuple):
    """A person in clear; `birth` is ISO year-month, `address` that of the hukou. `masked` before it is shown."""

    name: str
    number: str
    sex: int | None
    birth: str
    address: str
    phone: str = ""

    def masked(self) -> "Who":
        return self._replace(
            name=mask_name(self.name),
            number=mask_identity_number(self.number),
            phone=mask_phone(self.phone) if self.phone else "",
        )


NOBODY = Who("", "", None, "", "")


def parse_record(record: str) -> tuple[UUID, int] | int:
    """(household, line) or the register row that a key of a record names; ValueError for any other text."""
    kind, _colon, rest = record.partition(":")
    if kind == "row":
        return int(rest)
    if kind != "line":
        raise ValueError(record)
    household, _colon, line = rest.partition(":")
    return UUID(household), int(line)


def of_line(person: Person, household: Household) -> Who:
    where = household.id.bytes + bytes((person.line & 255,))
    birth = f"{person.birth[:4]}-{person.birth[4:]}" if len(person.birth) == 6 else person.birth
    return Who(
        unseal(person.name, where + b"name"),
        unseal(person.number, where + b"number"),
        person.sex,
        birth,
        household.address,
        unseal(household.phone, household.id.bytes + b"phone"),
    )


def of_row(row: RegisterRow) -> Who:
    def opened(field: str) -> str:
        sealed = getattr(row, f"{field}_sealed")
        return unseal(sealed, seal_place(str(row.delivery_id), row.sheet, row.number, field))

    return Who(opened("name"), opened("id"), row.sex, row.birth[:7], row.address, opened("phone"))


def who(case) -> Who:
    """The person of a case: by the form where the hukou side has a line for it, else by the register."""
    if case.household_id and case.line:
        household = Household.objects.filter(pk=case.household_id).first()
        person = Person.objects.filter(household_id=case.household_id, line=case.line).first()
        if household is not None and person is not None:
            return of_line(person, household)
    row = RegisterRow.objects.filter(pk=case.row_id).first() if case.row_id else None
    return of_row(row) if row is not None else NOBODY


def whos(cases) -> dict[UUID, Who]:
    """case id -> person, for a page of cases, in three queries."""
    homes = Household.objects.in_bulk([c.household_id for c in cases if c.household_id])
    people = {
        (p.household_id, p.line): p
        for p in Person.objects.filter(household_id__in=homes).order_by("household_id", "line")
    }
    rows = RegisterRow.objects.in_bulk([c.row_id for c in cases if c.row_id])
    found = {}
    for case in cases:
        person = people.get((case.household_id, case.line))
        if person is not None:
            found[case.id] = of_line(person, homes[case.household_id])
        else:
            found[case.id] = of_row(rows[case.row_id]) if case.row_id in rows else NOBODY
    return found
