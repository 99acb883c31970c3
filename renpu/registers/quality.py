"""How good a delivery is: measures with weights (`quality_measures.csv`), each a share of rows that opens onto the
rows that fail it."""

import csv
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from django.db.models import Sum

from renpu.geography.matching import PLACED
from renpu.platform.models import Census
from renpu.platform.office import census_in_hand
from renpu.registers.models import Delivery, PlacedCount, RegisterRow
from renpu.registers.problems import MESSAGES, ROW_MESSAGES

FRESH_DAYS, STALE_DAYS = 31, 365
_TWICE = ("row_twice", "id_twice")


class Measure(NamedTuple):
    """A measure of the table; `weight` is its part in the score."""

    code: str
    name_zh: str
    name_en: str
    weight: int
    source: str
    definition_zh: str
    definition_en: str


@cache
def measures() -> tuple[Measure, ...]:
    text = files("renpu.registers").joinpath("quality_measures.csv").read_text("utf-8")
    return tuple(
        Measure(code, zh, en, int(weight), source, definition_zh, definition_en)
        for code, zh, en, weight, source, definition_zh, definition_en in list(csv.reader(text.splitlines()))[1:]
    )


def codes_against(measure: str) -> list[str]:
    """The codes of problems that make a row fail a measure: what is missing, or what is wrong with what is there."""
    missing = [code for code in ROW_MESSAGES if code.endswith("_missing") or code == "row_nobody"]
    if measure == "complete":
        return missing
    if measure == "valid":
        return [code for code, of in MESSAGES.items() if not of.note and code not in (*missing, *_TWICE)]
    return list(_TWICE) if measure == "unique" else []


def failing(delivery: Delivery, measure: str):
    """The rows of a delivery that fail a measure; none for freshness, which is the whole delivery's."""
    rows = RegisterRow.objects.filter(delivery=delivery)
    if measure == "placed":
        return rows.exclude(placed__in=(*PLACED, "no_address", ""))
    wanted = [code for code in codes_against(measure) if code in delivery.problems]
    return rows.with_codes(wanted) if wanted else rows.none()


def measure(delivery: Delivery) -> dict[str, list[int]]:
    """Measure -> [what passes, of what], reckoned and kept with the delivery. A measure without anything to ask
    (no address in the file) is left out."""
    rows = delivery.rows_read
    found = {code: [rows - failing(delivery, code).count(), rows] for code in ("complete", "valid", "unique")}
    found["placed"] = _placed(delivery)
    found["fresh"] = [_freshness(delivery), 100]
    delivery.quality = {code: pair for code, pair in found.items() if pair[1]}
    delivery.save(update_fields=["quality"])
    return delivery.quality


def score(delivery: Delivery) -> int | None:
    """The weighted mean of the measures that were asked, in percent; None before it was measured."""
    asked = [(one.weight, *delivery.quality[one.code]) for one in measures() if one.code in delivery.quality]
    weights = sum(weight for weight, _, _ in asked)
    return round(100 * sum(weight * good / of for weight, good, of in asked) / weights) if weights else None


def _placed(delivery: Delivery) -> list[int]:
    counts = dict(
        PlacedCount.objects.filter(delivery=delivery).values_list("placed").annotate(n=Sum("rows")).order_by()
    )
    counts.pop("no_address", None)
    return [sum(counts.get(code, 0) for code in PLACED), sum(counts.values())]


def _freshness(delivery: Delivery) -> int:
    """100 within a month of T0, 0 at a year's distance."""
    census = Census.objects.filter(pk=delivery.census_id).first() or census_in_hand()
    days = abs((delivery.received_at - _moment(census, delivery)).days)
    return round(100 * max(0, min(1, (STALE_DAYS - days) / (STALE_DAYS - FRESH_DAYS))))


def _moment(census: Census | None, delivery: Delivery) -> datetime:
    return census.t0 if census else delivery.received_at
