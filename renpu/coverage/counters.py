"""The counters of the ledger (`WorkNow`), changed in the transaction that changes the items, and their proof.

An action locks its items first, in the order of their ids, and its counters last, in the order of their keys; so two
actions wait for each other and never in a ring. A transaction calls `add` once.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Q

from renpu.coverage.models import WorkItem, WorkNow
from renpu.platform.areas import code_range

Key = tuple[int, str, str]  # census, area, kind
FIELDS = ("open", "gone", "closed")
TABLE = WorkNow._meta.db_table
_ADD = (
    f"insert into {TABLE} (census_id, area_code, kind, open, gone, closed) values (%s, %s, %s, %s, %s, %s) "
    f"on conflict (census_id, area_code, kind) do update set open = {TABLE}.open + excluded.open, "
    f"gone = {TABLE}.gone + excluded.gone, closed = {TABLE}.closed + excluded.closed"
)


class Changes:
    """What items were and what they became, summed by counter."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[Key]] = {name: Counter() for name in FIELDS}

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
        if not item.found:
            self._sums["gone"][key] += n

    def rows(self) -> list[tuple]:
        """(census, area, kind, open, gone, closed) of the counters that change, in the order of their keys."""
        keys = sorted({key for sums in self._sums.values() for key, n in sums.items() if n})
        return [(*key, *(self._sums[name][key] for name in FIELDS)) for key in keys]


def add(changes: Changes) -> None:
    """Write the changes: the last statement of an action, once a transaction."""
    rows = changes.rows()
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


class Difference(NamedTuple):
    """A counter that does not say what the items say: (open, gone, closed) of each."""

    census_id: int
    area_code: str
    kind: str
    counted: tuple[int, int, int]
    items: tuple[int, int, int]


def check(area_code: str = "") -> Iterator[Difference]:
    """Where the counters of an area (default: all) differ from its items, in the order of their keys."""
    items, counters = WorkItem.objects.all(), WorkNow.objects.all()
    if area_code:
        items = items.filter(area_code__range=code_range(area_code))
        counters = counters.filter(area_code__range=code_range(area_code))
    is_open = Q(state=WorkItem.State.OPEN)
    counted = items.values("census_id", "area_code", "kind").annotate(
        n_open=Count("pk", is_open), n_gone=Count("pk", is_open & Q(found=False)), n_closed=Count("pk", ~is_open)
    )
    true = {
        (r["census_id"], r["area_code"], r["kind"]): (r["n_open"], r["n_gone"], r["n_closed"])
        for r in counted.order_by()
    }
    said = {
        (c.census_id, c.area_code, c.kind): (c.open, c.gone, c.closed) for c in counters.order_by("area_code", "kind")
    }
    for key in sorted(true.keys() | said.keys()):
        one, other = said.get(key, (0, 0, 0)), true.get(key, (0, 0, 0))
        if one != other:
            yield Difference(*key, one, other)


def repair(found: Difference) -> None:
    """Let a counter say what the items say."""
    delta = [b - a for a, b in zip(found.counted, found.items, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [found.census_id, found.area_code, found.kind, *delta])
