"""What other rooms ask of the registers."""

from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from renpu.platform.areas import code_range
from renpu.registers.models import Delivery, RegisterRow

_TOTALS = Path(__file__).with_name("police_totals.sql").read_text(encoding="utf-8")
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def police_totals(area_code: str, as_of: datetime | None = None) -> tuple[int, int, int]:
    """(households, persons, rows) of the police register of an area, by the newest accepted delivery of each
    committee, of those received up to `as_of` (default: all).

    Households are distinct household numbers. Persons are rows after dropping those that equal another in household
    number, name and identity number letter for letter. Rows whose committee is unknown count for the area their file
    was sent for.
    """
    moment = connection.ops.adapt_datetimefield_value(as_of or _EVER)
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [*code_range(area_code), moment])
        households, persons, rows = map(int, cursor.fetchone())
    return households, persons, rows


def police_rows(area_code: str, as_of: datetime | None = None):
    """The rows behind `police_totals`, as a query set; equal rows are in it, with `duplicate_of` set on all but the
    first."""
    newest: dict[str, object] = {}
    accepted = Delivery.objects.of("police").filter(state__in=[Delivery.State.ACCEPTED, Delivery.State.SUPERSEDED])
    pairs = accepted.filter(received_at__lte=as_of or _EVER, areas__area_code__range=code_range(area_code)).order_by(
        "received_at", "decided_at", "id"
    )
    for delivery, code in pairs.values_list("id", "areas__area_code"):
        newest[code] = delivery
    rows = RegisterRow.objects.none()
    for delivery in set(newest.values()):
        codes = [code for code, holder in newest.items() if holder == delivery]
        rows = rows | RegisterRow.objects.filter(delivery_id=delivery, area_code__in=codes, refused=False)
    return rows
