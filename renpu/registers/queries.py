"""What other rooms ask of the registers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.db import connection

from renpu.platform.areas import code_range
from renpu.registers.models import Delivery, DeliveryArea, RegisterRow

_TOTALS = Path(__file__).with_name("police_totals.sql").read_text(encoding="utf-8")
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def newest_deliveries(
    area_code: str, as_of: datetime | None = None, sources: Sequence[str] | None = None
) -> dict[str, list[tuple[UUID, str]]]:
    """By source, the (delivery, area code of its rows) that are valid: of each committee the newest accepted list."""
    accepted = [Delivery.State.ACCEPTED, Delivery.State.SUPERSEDED]
    found = DeliveryArea.objects.filter(
        area_code__range=code_range(area_code),
        delivery__state__in=accepted,
        delivery__received_at__lte=as_of or _EVER,
    )
    if sources is not None:
        found = found.filter(delivery__source__in=sources)
    newest: dict[tuple[str, str], UUID] = {}
    for source, code, delivery in found.order_by(
        "delivery__received_at", "delivery__decided_at", "delivery_id"
    ).values_list("delivery__source", "area_code", "delivery_id"):
        newest[source, code] = delivery
    by_source: dict[str, list[tuple[UUID, str]]] = {}
    for (source, code), delivery in sorted(newest.items()):
        by_source.setdefault(source, []).append((delivery, code))
    return by_source


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
    rows = RegisterRow.objects.none()
    by_delivery: dict[UUID, list[str]] = {}
    for delivery, code in newest_deliveries(area_code, as_of, ["police"]).get("police", ()):
        by_delivery.setdefault(delivery, []).append(code)
    for delivery, codes in by_delivery.items():
        rows = rows | RegisterRow.objects.filter(delivery_id=delivery, area_code__in=codes, refused=False)
    return rows
