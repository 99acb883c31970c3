"""Where a person may live and how to be reached: what the registers and other forms say, each with source, date and how
sure it is (人户分离追踪, workflow 3.10 step 2).

A row outside the user's area tells its source, date and committee only: enough to know whom to ask, no address and no
telephone.
"""

from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from renpu.collection.models import Person
from renpu.concepts import identity_number, names
from renpu.geography.places import names_of
from renpu.listing.models import Household
from renpu.platform.areas import may_see
from renpu.platform.models import local
from renpu.platform.vault import blind_index
from renpu.registers.models import Delivery, RegisterRow
from renpu.registers.sources import find
from renpu.tracing.persons import Who, of_row, parse_record

AT_MOST = 50
BY_NUMBER, BY_BIRTH, BY_KIN, BY_NAME = "number", "birth", "kin", "name"  # how sure, surest first
OF_THE_HUKOU = ("police", "police_households")  # they tell where the hukou is, not where the person lives
ORDER = (BY_NUMBER, BY_BIRTH, BY_KIN, BY_NAME)


class Hint(NamedTuple):
    """`address` and `phone` are empty for a row outside the user's area (`here` false). `on` is an ISO date."""

    source: str
    on: str
    quality: str
    here: bool
    area_code: str
    area: str
    address: str
    phone: str
    record: str
    household_id: UUID | None = None
    line: int | None = None

    @property
    def form(self) -> bool:
        """Does a form say so, not a register?"""
        return self.record.startswith("line:")

    @property
    def sure(self) -> str:
        return {
            BY_NUMBER: _("identity number"),
            BY_BIRTH: _("name and month of birth"),
            BY_KIN: _("identity number of the mother"),
            BY_NAME: _("name only"),
        }[self.quality]


def hints(user, census, person: Who, *, but: str = "") -> list[Hint]:
    """What is known elsewhere of a person, the surest first, then the newest; `but` is the record one comes from."""
    found = [*_from_rows(user, person, but), *_from_forms(user, census, person, but)]
    found.sort(key=lambda h: (h.source, h.record))
    found.sort(key=lambda h: h.on, reverse=True)
    found.sort(key=lambda h: ORDER.index(h.quality))
    shown = found[:AT_MOST]
    areas = names_of({h.area_code for h in shown if h.area_code} | {h.area_code[:12] for h in shown if h.area_code})
    return [h._replace(area=_area(areas, h.area_code)) for h in shown]


def _area(areas: dict[str, str], code: str) -> str:
    committee, block = areas.get(code[:12], ""), areas.get(code, "") if len(code) > 12 else ""
    return f"{committee} {block}".strip() or code


def row_indexes(number: str, name: str) -> tuple[bytes | None, bytes | None]:
    """The blind indexes under which register rows hold a number and a name."""
    same = identity_number.same(number) if number else ""
    key = names.key(name) if name else ""
    return blind_index(same, "id") if same else None, blind_index(key, "name") if key else None


def rows_of_person(person: Who):
    """Rows of the accepted deliveries that name the person, by number, or by name; a query set."""
    by_number, by_name = row_indexes(person.number, person.name)
    named = Q(pk__in=[])
    if by_number:
        named |= Q(id_index=by_number) | Q(kin_id_index=by_number)
    if by_name:
        named |= Q(name_index=by_name)
    accepted = Delivery.objects.filter(state=Delivery.State.ACCEPTED).exclude(source__in=OF_THE_HUKOU)
    return RegisterRow.objects.filter(named, delivery__in=accepted, refused=False).select_related("delivery")


def _from_rows(user, person: Who, but: str):
    by_number, _by_name = row_indexes(person.number, person.name)
    for row in rows_of_person(person).order_by("-pk")[: AT_MOST * 4]:
        record = f"row:{row.pk}"
        quality = _quality(row, person, by_number)
        if record == but or quality is None:
            continue
        area = row.block_code or row.area_code
        here = may_see(user, row.area_code)
        if quality == BY_NAME and not here:
            continue  # a name alone says nothing about somebody in another area
        source = find(row.delivery.source)
        yield Hint(
            str(source.title) if source else row.delivery.source,
            row.happened_on or f"{local(row.delivery.received_at):%Y-%m-%d}",
            quality,
            here,
            area if here else area[:12],
            "",
            _address(row) if here else "",
            of_row(row).phone if here else "",
            record,
        )


def _quality(row: RegisterRow, person: Who, by_number: bytes | None) -> str | None:
    """How sure it is that the row is about the person; None where the row says that it is somebody else."""
    if by_number and row.kin_id_index and bytes(row.kin_id_index) == by_number:
        return BY_KIN
    if row.id_index:
        if by_number and bytes(row.id_index) == by_number:
            return BY_NUMBER
        if by_number:
            return None
    if not row.birth:
        return BY_NAME
    return BY_BIRTH if person.birth and row.birth[:7] == person.birth else None


def _address(row: RegisterRow) -> str:
    """Where the row says that the person lives: not the old address of a demolition list, nor the unit's own."""
    return str(row.more.get("new_address") or row.more.get("lives_at") or row.more.get("dormitory") or row.address)


def _from_forms(user, census, person: Who, but: str):
    """Lines of other forms with the person's number on which the person lives there; by name within the user's area."""
    seen = set()
    wanted = [(Q(number_index=blind_index(person.number, "number")), BY_NUMBER)] if person.number else []
    wanted += [(Q(name_index=blind_index(names.key(person.name), "name")), BY_BIRTH)] if person.name else []
    for condition, quality in wanted:
        people = Person.objects if quality == BY_NUMBER else Person.objects.visible_to(user)
        rows = list(people.filter(condition, residence_place=1).order_by("household_id", "line")[:AT_MOST])
        homes = Household.objects.filter(census_id=census.pk, removed=False).in_bulk([p.household_id for p in rows])
        for p in rows:
            record = f"line:{p.household_id.hex}:{p.line}"
            home = homes.get(p.household_id)
            if home is None or record == but or record in seen or _same_household(but, p.household_id):
                continue
            if quality == BY_BIRTH and (p.birth != person.birth.replace("-", "") or (p.number_index and person.number)):
                continue
            seen.add(record)
            here = may_see(user, home.block_code)
            yield Hint(
                _("Short form"),
                f"{local(home.form_made_at):%Y-%m-%d}" if home.form_made_at else "",
                quality,
                here,
                home.block_code if here else home.block_code[:12],
                "",
                home.address if here else "",
                "",
                record,
                home.id if here else None,
                p.line if here else None,
            )


def _same_household(record: str, household: UUID) -> bool:
    """Is the record a line of this household? The form one comes from is no hint."""
    if not record.startswith("line:"):
        return False
    found = parse_record(record)
    return isinstance(found, tuple) and found[0] == household
