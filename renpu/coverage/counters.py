"""The counters of the ledger (`WorkNow`, `WorkDue`), changed in the transaction that changes the items; their proof.

An action locks its items first, in the order of their ids, and its counters last, in the order of their keys; so two
actions wait for each other and never in a ring. A transaction calls `add` once.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Substr

from renpu.coverage.models import WorkDue, WorkItem, WorkNow
from renpu.geography.places import COMMITTEE
from renpu.platform.areas import code_range

Key = tuple[int, str, str]  # census, area, kind
DueKey = tuple[int, str, str, date]  # census, committee, kind, day
FIELDS = ("open", "gone", "proposed", "closed")
NONE = (0,) * len(FIELDS)
TABLE = WorkNow._meta.db_table
_ADD = (
    f"insert into {TABLE} (census_id, area_code, kind, open, gone, proposed, closed) "
    "values (%s, %s, %s, %s, %s, %s, %s) on conflict (census_id, area_code, kind) do update set "
    + ", ".join(f"{name} = {TABLE}.{name} + excluded.{name}" for name in FIELDS)
)
_DUE = WorkDue._meta.db_table
_ADD_DUE = (
    f"insert into {_DUE} (census_id, area_code, kind, due_on, open) values (%s, %s, %s, %s, %s) "
    f"on conflict (census_id, area_code, kind, due_on) do update set open = {_DUE}.open + excluded.open"
)


class Changes:
    """What items were and what they became, summed by counter."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[Key]] = {name: Counter() for name in FIELDS}
        self._due: Counter[DueKey] = Counter()

    def leaves(self, item: WorkItem) -> None:
        """The item as it stands is counted no longer; call before it is changed."""
        self._count(item, -1)

    def enters(self, item: WorkItem) -> None:
        """The item as it stands is counted from now on; call after it was changed."""
        self._count(item, 1)

    def _count(self, item: WorkItem, n: int) -> None:
        key = (item.census_id, item.area_code, item.kind)
        if item.state == WorkItem.State.CLOSED:
            self._sums["closed"][key] += n
            return
        self._sums["open"][key] += n
        if item.due_on:
            self._due[item.census_id, item.area_code[:COMMITTEE], item.kind, item.due_on] += n
        if not item.found:
            self._sums["gone"][key] += n
        if item.reason:
            self._sums["proposed"][key] += n

    def rows(self) -> list[tuple]:
        """(census, area, kind, then FIELDS) of the counters that change, in the order of their keys."""
        keys = sorted({key for sums in self._sums.values() for key, n in sums.items() if n})
        return [(*key, *(self._sums[name][key] for name in FIELDS)) for key in keys]

    def due(self) -> list[tuple]:
        """(census, committee, kind, day, open items more) of the days that change, in the order of their keys."""
        return [(*key, n) for key, n in sorted(self._due.items()) if n]


def add(changes: Changes) -> None:
    """Write the changes: the last statement of an action, once a transaction."""
    with connection.cursor() as cursor:
        for statement, rows in ((_ADD, changes.rows()), (_ADD_DUE, changes.due())):
            if rows:
                cursor.executemany(statement, rows)


class Difference(NamedTuple):
    """A counter that does not say what the items say: both in the order of FIELDS; or, with a day, the open items of a
    committee that are due on it."""

    census_id: int
    area_code: str
    kind: str
    counted: tuple[int, ...]
    items: tuple[int, ...]
    due_on: date | None = None


def check(area_code: str = "") -> Iterator[Difference]:
    """Where the counters of an area (default: all) differ from its items, in the order of their keys; of a block, the
    days due of its committee too."""
    yield from _check_now(area_code)
    yield from _check_due(area_code[:COMMITTEE])


def _check_due(area_code: str) -> Iterator[Difference]:
    key = ("census_id", "committee", "kind", "due_on")
    items = WorkItem.objects.in_area(area_code).open().exclude(due_on=None)
    sums = items.annotate(committee=Substr("area_code", 1, COMMITTEE)).values_list(*key).annotate(n=Count("pk"))
    true = {tuple(row): n for *row, n in sums.order_by()}
    counted = WorkDue.objects.in_area(area_code).values_list("census_id", "area_code", "kind", "due_on", "open")
    said = {tuple(row): n for *row, n in counted.order_by()}
    for census_id, area, kind, day in sorted(true.keys() | said.keys()):
        one, other = (side.get((census_id, area, kind, day), 0) for side in (said, true))
        if one != other:
            yield Difference(census_id, area, kind, (one,), (other,), day)


def _check_now(area_code: str) -> Iterator[Difference]:
    items, counters = WorkItem.objects.all(), WorkNow.objects.all()
    if area_code:
        items = items.filter(area_code__range=code_range(area_code))
        counters = counters.filter(area_code__range=code_range(area_code))
    is_open = Q(state=WorkItem.State.OPEN)
    sums = items.values("census_id", "area_code", "kind").annotate(
        n_open=Count("pk", is_open),
        n_gone=Count("pk", is_open & Q(found=False)),
        n_proposed=Count("pk", is_open & ~Q(reason="")),
        n_closed=Count("pk", ~is_open),
    )
    true = {
        (row["census_id"], row["area_code"], row["kind"]): tuple(row[f"n_{name}"] for name in FIELDS)
        for row in sums.order_by()
    }
    said = {
        (now.census_id, now.area_code, now.kind): tuple(getattr(now, name) for name in FIELDS)
        for now in counters.order_by("area_code", "kind")
    }
    for key in sorted(true.keys() | said.keys()):
        one, other = said.get(key, NONE), true.get(key, NONE)
        if one != other:
            yield Difference(*key, one, other)


def repair(found: Difference) -> None:
    """Let a counter say what the items say."""
    delta = [b - a for a, b in zip(found.counted, found.items, strict=True)]
    key = [found.census_id, found.area_code, found.kind]
    with connection.cursor() as cursor:
        if found.due_on is None:
            cursor.execute(_ADD, [*key, *delta])
        else:
            cursor.execute(_ADD_DUE, [*key, found.due_on, *delta])
