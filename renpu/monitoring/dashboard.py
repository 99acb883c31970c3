"""The dashboard of an area: figures, progress by part and by day, and what is late.

Everything is read from the counters (`BlockNow`, `BlockDay`), but for the first few missed appointments, which are read
by their index.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, F, FloatField, Max, Q, Sum, Value, When
from django.db.models.functions import Substr

from renpu.collection.measures import MEASURES
from renpu.collection.models import BlockDay, BlockNow, Lease
from renpu.coverage.models import WorkNow
from renpu.geography.places import STREET, Place, names_below, names_of
from renpu.listing.models import Household
from renpu.monitoring.indicators import BY_CODE, Indicator
from renpu.platform.models import Census

SHOWN = 12  # late rows of a kind on the page; the rest are behind a link
DAYS = 60

# Figures: indicator, and the filter of the household list that shows its rows ("" = the indicator's own page).
CARDS = (
    ("E01", "stage="),
    ("E33", "stage=contacted"),
    ("S11", "stage=entered"),
    ("S21", "stage=accepted"),
    ("S12", ""),
    ("S14", ""),
    ("S15", "status=1&type=1"),
    ("S16", "status=6"),
    ("S17", "status=2&status=3"),
    ("E03", "status=91"),
    ("E19", "open=edits"),
    ("E20", "open=tasks"),
    ("E06", ""),
)
PARTS = ("lines", "status_90", "status_91", "entered", "forms", "accepted", "resident", "edits_open", "tasks_open")


class Figure(NamedTuple):
    indicator: Indicator
    n: int
    of: int | None
    query: str


def value(indicator: Indicator, sums: Mapping[str, int], census: Census, now: datetime) -> int:
    """An indicator made of measures alone, from their sums."""
    return sum(sign * sums[word] for sign, word in indicator.terms(census, now))


def figures(census: Census, place: Place, now: datetime) -> tuple[list[Figure], dict[str, Any]]:
    """The cards of an area, and the sums they come from; `last` is when something was received there last."""
    found = in_place(census, place).aggregate(
        **{f"sum_{name}": Sum(name) for name in MEASURES}, last=Max("last_received_at")
    )
    sums: dict[str, Any] = {name: found[f"sum_{name}"] or 0 for name in MEASURES}
    sums["last"] = found["last"]
    cards = []
    for code, query in CARDS:
        of = {"E33": "lines", "S11": "lines", "S21": "lines", "S14": "persons"}.get(code)
        cards.append(Figure(BY_CODE[code], value(BY_CODE[code], sums, census, now), sums[of] if of else None, query))
    return cards, sums


def in_place(census: Census, place: Place):
    return BlockNow.objects.in_area(place.code).filter(census_id=census.pk)


def parts(census: Census, place: Place) -> list[dict[str, Any]]:
    """One row a part of the area (street, committee or block), in the order of the codes; parts without a line too."""
    if place.child_length is None:
        return []
    rows = in_place(census, place).annotate(part=Substr("block_code", 1, place.child_length)).values("part")
    sums = rows.annotate(**{f"sum_{n}": Sum(n) for n in PARTS}, last=Max("last_received_at")).order_by("part")
    counted = {row["part"]: row for row in sums}
    found = []
    for code, name in names_below(place).items():
        row = counted.get(code, {})
        found.append(
            {"code": code, "name": name, "last": row.get("last"), **{n: row.get(f"sum_{n}") or 0 for n in PARTS}}
        )
    return found


def open_work(census: Census, place: Place) -> tuple[int, dict[str, int]]:
    """Open items of the work ledger in an area: all of them, and by part."""
    now = WorkNow.objects.in_area(place.code).filter(census_id=census.pk)
    length = place.child_length or len(place.code)
    rows = now.annotate(part=Substr("area_code", 1, length)).values("part").annotate(n=Sum("open")).order_by("part")
    by_part = {row["part"]: row["n"] for row in rows}
    return sum(by_part.values()), by_part


def days(census: Census, place: Place) -> list[dict[str, Any]]:
    """What came in on each of the last days on which anything did, the oldest first."""
    rows = BlockDay.objects.in_area(place.code).filter(census_id=census.pk).values("day")
    sums = rows.annotate(**{f"sum_{n}": Sum(n) for n in ("visits", "entered", "accepted")}).order_by("-day")[:DAYS]
    return [
        {"day": row["day"], **{n: row[f"sum_{n}"] or 0 for n in ("visits", "entered", "accepted")}}
        for row in reversed(sums)
    ]


class Late(NamedTuple):
    """What is late in an area. `since` is the moment against which silence and appointments are measured."""

    since: datetime
    silent_hours: int
    slow: list[dict[str, Any]]
    silent: list[dict[str, Any]]
    appointments: list[Household]
    more: dict[str, bool]


def late(census: Census, place: Place, last: datetime | None, now: datetime) -> Late:
    """Blocks below the share `slow_share` of their street's pace, unfinished blocks not heard of for `silent_hours`,
    and appointments that passed without a visit.

    Where the whole area has been silent for longer, silence is measured from what was received last: then the season is
    over or the line is down, and no single block is late.
    """
    hours = census.parameter("silent_hours")
    since = last if last is not None and now - last > timedelta(hours=hours) else now
    slow = _slow(census, place)
    silent = _silent(census, place, since - timedelta(hours=hours))
    missed = list(
        Household.objects.of(census)
        .in_area(place.code)
        .filter(appointment_at__lt=since)
        .order_by("appointment_at", "id")[: SHOWN + 1]
    )
    names = names_of({row["code"] for row in slow + silent})
    above = names_of({row["code"][:12] for row in slow + silent})
    for row in slow + silent:
        row["name"] = f"{above.get(row['code'][:12], '')} {names.get(row['code'], row['code'])}".strip()
    more = {"slow": len(slow) > SHOWN, "silent": len(silent) > SHOWN, "appointments": len(missed) > SHOWN}
    return Late(since, hours, slow[:SHOWN], silent[:SHOWN], missed[:SHOWN], more)


def _slow(census: Census, place: Place) -> list[dict[str, Any]]:
    """Blocks whose share of entered lines is below `slow_share` of the share in their street."""
    street = Place(place.code[:STREET], "")
    paces = {}
    of_streets = in_place(census, street).annotate(street=Substr("block_code", 1, STREET)).values("street")
    for row in of_streets.annotate(n=Sum("lines"), done=Sum("entered")).order_by("street"):
        if row["n"]:
            paces[row["street"]] = row["done"] / row["n"]
    if not paces or len(paces) > 60:
        return []  # a page about a whole city shows its districts' pace by their bars; blocks are looked at by street
    threshold = Case(
        *(
            When(block_code__range=(code, code + "9" * 6), then=Value(pace * census.parameter("slow_share")))
            for code, pace in paces.items()
        ),
        default=Value(0.0),
        output_field=FloatField(),
    )
    rows = (
        in_place(census, place)
        .filter(lines__gt=0)
        .annotate(limit=threshold, pace=F("entered") * 1.0 / F("lines"))
        .filter(pace__lt=F("limit"))
        .order_by("pace", "block_code")[: SHOWN + 1]
    )
    return [
        {
            "code": b.block_code,
            "entered": b.entered,
            "lines": b.lines,
            "last": b.last_received_at,
            "street_share": paces[b.block_code[:STREET]],
        }
        for b in rows
    ]


def _silent(census: Census, place: Place, limit: datetime) -> list[dict[str, Any]]:
    """Blocks with open lines of which neither the journal nor their device has said anything since `limit`."""
    rows = (
        in_place(census, place)
        .filter(last_received_at__lt=limit)
        .filter(Q(status_90__gt=0) | Q(status_91__gt=0) | Q(accepted__lt=F("status_1")))
        .order_by("last_received_at", "block_code")[: 4 * SHOWN]
    )
    rows = list(rows)
    held = Lease.objects.filter(census_id=census.pk, block_code__in=[b.block_code for b in rows])
    seen = dict(held.values_list("block_code", "device__last_seen_at"))
    found = []
    for b in rows:
        device_seen = seen.get(b.block_code)
        if device_seen is None or device_seen < limit:
            found.append(
                {
                    "code": b.block_code,
                    "last": max(filter(None, (b.last_received_at, device_seen))),
                    "open": b.status_90 + b.status_91,
                }
            )
    return found[: SHOWN + 1]


INK, MUTED, GRID = "#1f2a3d", "#5c6675", "#e3e7ed"
STACK = {
    "accepted": "#0b57d0",
    "waiting": "#8ab4f8",
    "listed": "#c9d3e0",
    "open": "#f2b84b",
    "refused": "#d9534f",
}


def bars(rows: list[dict[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """ECharts option: each part's lines by how far they are; `names` are the words of `STACK`."""
    split = {
        "accepted": [r["accepted"] for r in rows],
        "waiting": [r["forms"] - r["accepted"] for r in rows],
        "listed": [max(0, r["lines"] - r["forms"] - r["status_90"] - r["status_91"]) for r in rows],
        "open": [r["status_90"] for r in rows],
        "refused": [r["status_91"] for r in rows],
    }
    return {
        "textStyle": {"color": INK},
        "animation": False,
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"top": 0, "left": 0, "itemWidth": 12, "itemHeight": 12, "textStyle": {"color": MUTED}},
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": GRID}}},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [r["name"] for r in rows],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": GRID}},
            "axisLabel": {"color": INK},
        },
        "series": [
            {
                "name": str(names[key]),
                "type": "bar",
                "stack": "lines",
                "barMaxWidth": 18,
                "itemStyle": {"color": color},
                "data": split[key],
            }
            for key, color in STACK.items()
        ],
    }


def line(rows: list[dict[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """ECharts option: visits, lines entered and forms accepted by day of receipt."""
    colors = {"visits": "#9aa7b8", "entered": "#f2b84b", "accepted": "#0b57d0"}
    return {
        "textStyle": {"color": INK},
        "animation": False,
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "left": 0, "itemWidth": 14, "itemHeight": 8, "textStyle": {"color": MUTED}},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "boundaryGap": False,
            "data": [f"{r['day'].month}-{r['day'].day}" for r in rows],
            "axisLine": {"lineStyle": {"color": GRID}},
        },
        "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": GRID}}},
        "series": [
            {
                "name": str(names[key]),
                "type": "line",
                "showSymbol": len(rows) < 32,
                "symbolSize": 5,
                "lineStyle": {"width": 2},
                "itemStyle": {"color": color},
                "data": [r[key] for r in rows],
            }
            for key, color in colors.items()
        ],
    }
