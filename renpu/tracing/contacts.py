"""Telephone numbers of a person from all registers and forms of the user's area, for a purpose that is written down.

What is looked up stands in no address and no log: the access log keeps who, when, why, how many were found, and a keyed
mark by which two look-ups of one person are seen to be the same. A number is also known of outside the user's area;
then the source and the committee are told, whom a request for help may ask.
"""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from renpu.collection.models import Person
from renpu.concepts import names
from renpu.geography.places import home_code, names_of
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent, local
from renpu.platform.vault import blind_index, unseal
from renpu.registers.models import Delivery, RegisterRow
from renpu.registers.sources import find
from renpu.tracing import problems
from renpu.tracing.cases import TracingRefused
from renpu.tracing.hints import row_indexes
from renpu.tracing.persons import of_row

AT_MOST = 50
ACTION = "contact.look_up"


class Contact(NamedTuple):
    source: str
    on: str
    area: str
    name: str
    birth: str
    phone: str
    address: str


class Found(NamedTuple):
    """`elsewhere`: (source, committee, rows) outside the user's area; nothing more of those is told."""

    contacts: list[Contact]
    elsewhere: list[tuple[str, str, int]]


def look_up(user, census, *, number: str = "", name: str = "", purpose: str, at: datetime) -> Found:
    """Contacts by identity number, or by name where there is none. Logged before anything is given back.

    TracingRefused without a number or name of two characters, or without a purpose.
    """
    number, name, purpose = "".join(number.split()).upper(), name.strip(), purpose.strip()
    if len(purpose) < 2 or (len(number) < 15 if number else len(names.key(name)) < 2):
        raise TracingRefused(problems.LOOK_UP_WHAT)
    by_number, by_name = row_indexes(number, "" if number else name)
    wanted = Q(id_index=by_number) | Q(kin_id_index=by_number) if by_number else Q(name_index=by_name)
    accepted = Delivery.objects.filter(state=Delivery.State.ACCEPTED)
    rows = RegisterRow.objects.filter(wanted, delivery__in=accepted).select_related("delivery").order_by("-pk")
    mine = list(rows.visible_to(user).exclude(phone_sealed=None)[:AT_MOST])
    elsewhere = _elsewhere(user, rows) if by_number else []
    contacts = [*map(_of_row, mine), *_of_forms(user, census, number, name)][:AT_MOST]
    AccessEvent.objects.create(
        at=at,
        by=user,
        action=ACTION,
        area_code=home_code(user, census),
        about=f"{'number' if number else 'name'} {(by_number or by_name or b'').hex()[:12]} {len(contacts)}",
        purpose=purpose[:200],
    )
    areas = names_of({c.area for c in contacts} | {area for _source, area, _n in elsewhere})
    return Found(
        [c._replace(area=areas.get(c.area, c.area)) for c in contacts],
        [(source, areas.get(area, area), n) for source, area, n in elsewhere],
    )


def _of_row(row: RegisterRow) -> Contact:
    who = of_row(row)
    source = find(row.delivery.source)
    on = row.happened_on or f"{local(row.delivery.received_at):%Y-%m-%d}"
    title = str(source.title) if source else row.delivery.source
    return Contact(title, on, row.area_code[:12], who.name, who.birth, who.phone, row.address)


def _of_forms(user, census, number: str, name: str) -> list[Contact]:
    """Telephones that households on whose forms the person stands have left."""
    if number:
        wanted = Q(number_index=blind_index(number, "number"))
    else:
        wanted = Q(name_index=blind_index(names.key(name), "name"))
    people = list(Person.objects.visible_to(user).filter(wanted).order_by("household_id", "line")[:AT_MOST])
    homes = Household.objects.filter(census_id=census.pk, removed=False).exclude(phone=None)
    homes = homes.in_bulk([p.household_id for p in people])
    found = []
    for p in people:
        home = homes.get(p.household_id)
        if home is not None:
            where = home.id.bytes + bytes((p.line & 255,))
            on = f"{local(home.form_made_at):%Y-%m-%d}" if home.form_made_at else ""
            shown, phone = unseal(p.name, where + b"name"), unseal(home.phone, home.id.bytes + b"phone")
            birth = f"{p.birth[:4]}-{p.birth[4:]}"
            found.append(Contact(_("Short form"), on, home.block_code[:12], shown, birth, phone, home.address))
    return found


def _elsewhere(user, rows) -> list[tuple[str, str, int]]:
    mine = set(rows.visible_to(user).values_list("pk", flat=True)[:1000])
    others = Counter(
        (row.delivery.source, row.area_code[:12]) for row in rows.exclude(phone_sealed=None)[:200] if row.pk not in mine
    )
    titles = {source: str(find(source).title) if find(source) else source for source, _area in others}
    return [(titles[source], area, n) for (source, area), n in sorted(others.items())]
