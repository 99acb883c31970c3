"""What two valid lists say differently of one person, known by identity number, or of one dwelling."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from renpu.platform.areas import code_range
from renpu.registers.models import Delivery, SourceConflict
from renpu.registers.places import scope


class Kind(NamedTuple):
    code: str
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str


@cache
def kinds() -> tuple[Kind, ...]:
    """What may differ, in the order of the table (`conflict_kinds.csv`)."""
    text = files("renpu.registers").joinpath("conflict_kinds.csv").read_text("utf-8")
    return tuple(Kind(*row) for row in list(csv.reader(text.splitlines()))[1:])


# Lists of persons who are said to live where they stand; a hukou alone is no sign of it.
LIVED_IN_BY = ("residence_permits", "epidemic", "births", "employer", "education")
_SQL = Path(__file__).with_name("conflicts.sql").read_text(encoding="utf-8")


def find(delivery: Delivery) -> int:
    """Write the conflicts of a valid delivery with the other valid lists of its street anew; gives how many."""
    key = delivery.pk if connection.vendor == "postgresql" else delivery.pk.hex
    street = code_range(scope(delivery.area_code))
    insert = (
        "insert into registers_sourceconflict (delivery_id, row_id, other_delivery_id, other_row_id, about, area_code) "
    )
    sources = ", ".join(f"'{source}'" for source in LIVED_IN_BY)
    with transaction.atomic(), connection.cursor() as cursor:
        delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
        SourceConflict.objects.filter(Q(delivery=delivery) | Q(other_delivery=delivery)).delete()
        if delivery.state != Delivery.State.ACCEPTED or delivery.destroyed_at:
            return 0
        cursor.execute(insert + _SQL.replace("{persons}", sources), [key, key, *street, key])
        return cursor.rowcount


def of_area(area_code: str, user):
    """The conflicts of an area between lists that are valid now."""
    valid = Q(delivery__state=Delivery.State.ACCEPTED, other_delivery__state=Delivery.State.ACCEPTED)
    return SourceConflict.objects.visible_to(user).in_area(area_code).filter(valid)
