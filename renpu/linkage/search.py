"""One person among all records of a census: the index of this process, kept fresh, and what a reader may see of it.

The index holds names and numbers in clear, in the memory of the server alone, which holds their key as well; it is
never written anywhere. What was found is read again from the tables, for the reader: a record that has gone or lies
outside the area is not shown, whatever the index says.
"""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import Max, Q, Sum

from renpu.collection.models import Event, Person
from renpu.concepts import identity_number, names
from renpu.linkage import index, pair
from renpu.linkage.models import Link, line_key, row_key
from renpu.linkage.names import simplified, sound
from renpu.linkage.records import form_lines, newest_deliveries, read, register_rows
from renpu.linkage.typed import Query
from renpu.listing.models import Household
from renpu.platform.areas import area_codes_of, code_range
from renpu.platform.models import Census
from renpu.platform.vault import blind_index, opened
from renpu.registers.models import Delivery, DeliveryArea, RegisterRow

log = logging.getLogger("renpu.search")
CHECK_SECONDS = 5  # what came in is found after at most so long, and the time to read it
AT_ONCE = 30_000  # records up to which the index is made while the first search waits
EVENTS_AT_ONCE = 2_000  # events since the last look up to which they are read while a search waits
RECENT = 20_000  # changed records up to which they stay in an index of their own
DIGITS = 15  # of a block's code
SHOWN = 20
COLUMNS = ("record", "area_code", "name", "sex", "birth", "id_number", "phone", "address")
TEXT = dict.fromkeys(COLUMNS, pl.String)


@dataclass(slots=True)
class Part:
    """An index, the keys of its records, and which of them no longer hold."""

    index: index.Index
    records: pl.Series
    dead: Any
    homes: index.Sorted


@dataclass(slots=True)
class Found:
    """A person found: the records held for one person, the most likely first, and why. `probability` that it is the
    person sought, if that person is in the index at all; None while the index is being made."""

    records: list[pair.Record]
    why: tuple[tuple[str, str], ...]
    probability: float | None


@dataclass(slots=True)
class Answer:
    """`ready` is false while the index is being made: then only what is typed in full and without a slip is found.
    `vague`: so many records fit what was typed that nothing tells them apart."""

    found: list[Found] = field(default_factory=list)
    ready: bool = True
    vague: bool = False
    milliseconds: float = 0.0


class People:
    """The records of one census, in memory."""

    def __init__(self, census: Census) -> None:
        self.census = census
        self.main: Part | None = None
        self.recent: Part | None = None
        self.changed: dict[UUID, list[dict[str, Any]]] = {}
        self.deliveries: Any = None
        self.seq = 0
        self.checked = 0.0
        self.building = False
        self.lock = threading.Lock()

    @property
    def bytes(self) -> int:
        parts = [part for part in (self.main, self.recent) if part is not None]
        return sum(part.index.bytes + part.records.estimated_size() + part.dead.nbytes for part in parts)

    def build(self) -> None:
        """Read everything and make the index anew."""
        began, deliveries, seq = time.monotonic(), lists_now(), newest_seq()
        main = part_of(everything(self.census))
        with self.lock:
            self.main, self.recent, self.changed = main, None, {}
            self.deliveries, self.seq, self.checked = deliveries, seq, time.monotonic()
        log.info("search: %s records indexed in %.1f s", main.index.size, time.monotonic() - began)

    def build_apart(self) -> None:
        """The same in a thread of its own; one at a time."""
        with self.lock:
            if self.building:
                return
            self.building = True

        def work() -> None:
            try:
                self.build()
            except Exception:
                log.exception("the search index could not be made; it is tried again at the next search")
            finally:
                self.building = False
                connection.close()

        threading.Thread(target=work, daemon=True, name="search-index").start()

    def fresh(self) -> bool:
        """Bring the index up to date; False while there is none."""
        if self.main is None:
            if not self.building:
                (self.build if records_in_all() <= AT_ONCE else self.build_apart)()
            return self.main is not None
        if time.monotonic() - self.checked < CHECK_SECONDS:
            return True
        self.checked = time.monotonic()
        if lists_now() != self.deliveries or len(self.changed) > RECENT:
            (self.build if self.main.index.size <= AT_ONCE else self.build_apart)()
            return True
        about = Event.objects.filter(seq__gt=self.seq, census_id=self.census.pk).order_by("seq")
        events = list(about.values_list("seq", "about")[: EVENTS_AT_ONCE + 1])
        if len(events) > EVENTS_AT_ONCE:
            self.build_apart()
        elif events:
            self.take_in({home for _seq, home in events}, events[-1][0])
        return True

    def take_in(self, homes: set[UUID], seq: int) -> None:
        """The newest forms of these households take the place of what is held of them."""
        lines: dict[UUID, list[dict[str, Any]]] = {home: [] for home in homes}
        alive = Household.objects.of(self.census).in_bulk(homes)
        for p in Person.objects.filter(household_id__in=alive).order_by("household_id", "line"):
            record = pair.of_line(p, alive[p.household_id])
            lines[p.household_id].append({"record": record.key, "area_code": record.area_code, **record.values})
        self.changed |= lines
        rows = [row for of in self.changed.values() for row in of]
        recent = part_of(pl.DataFrame(rows, schema=TEXT)) if rows else None
        with self.lock:
            assert self.main is not None
            keys = np.array(sorted(home_key(home.hex) for home in homes), dtype=np.uint64)
            self.main.dead[self.main.homes.at(keys)] = True
            self.recent, self.seq = recent, seq

    def best(self, query: Query, scope: Sequence[tuple[int, int]] | None) -> tuple[dict[str, index.Hit], float]:
        """Keys of the best records with their hits, and the rest (`index.Result`)."""
        with self.lock:
            parts = [part for part in (self.main, self.recent) if part is not None]
            result = index.search([(part.index, part.dead) for part in parts], query, scope)
            return {parts[at].records[hit.row]: hit for at, hit in result.hits}, result.rest


_people: dict[int, People] = {}


def people(census: Census) -> People:
    """The index of a census in this process."""
    return _people.setdefault(census.pk, People(census))


def forget() -> None:
    """Drop every index: the next search makes it anew."""
    _people.clear()


def find(query: Query, census: Census, area_codes: Iterable[str], user: Any = None) -> Answer:
    """The persons whom a query may mean, among the records in these areas. With a user, what that user may see of
    them; without, all of the areas is shown (a device's own blocks)."""
    began = time.perf_counter()
    codes = [code for code in area_codes if code]
    of = people(census)
    if not query:
        return Answer()
    if not of.fresh():
        keys = exactly(query, codes)
        grouped = [(group, (), None) for group in together(keys, user)[:SHOWN]]
        return Answer([Found(*one) for one in grouped], ready=False)
    hits, rest = of.best(query, [scope(code) for code in codes])
    answer = Answer(milliseconds=(time.perf_counter() - began) * 1000)
    groups = [inside for group in together(list(hits), user) if (inside := lying_in(group, codes))]
    odds = [2.0 ** hits[group[0].key].weight for group in groups]
    for group, of_group in zip(groups[:SHOWN], odds, strict=False):
        answer.found.append(Found(group, hits[group[0].key].why, of_group / (sum(odds) + rest)))
    answer.vague = len(groups) >= SHOWN and len({round(one, 9) for one in odds[:SHOWN]}) == 1
    return answer


def together(keys: Sequence[str], user: Any) -> list[list[pair.Record]]:
    """The records of these keys, in their order, those of one person together: linked, or of names that sound alike
    and one identity number, or one dwelling where not both have a number."""
    held = pair.records(keys, user)
    held = {key: held[key] for key in keys if key in held and held[key].visible}
    first = {key: key for key in held}

    def leader(key: str) -> str:
        while first[key] != key:
            key = first[key]
        return key

    linked = Link.objects.filter(status=Link.Status.LINKED, left__in=held, right__in=held).order_by("id")
    same = [(left, right) for left, right in linked.values_list("left", "right")]
    seen: dict[tuple[Any, ...], str] = {}
    for key, record in held.items():
        heard = tuple(map(sound, simplified(names.key(record.values["name"] or ""))))
        number = identity_number.same(record.values["id_number"] or "")
        home = record.household.unit_id
        if heard and number:
            same.append((seen.setdefault((number, heard), key), key))
        if heard and home:  # the first of the dwelling who has a number, else the first
            with_number = seen.setdefault((home, heard, bool(number)), key)
            other = seen.get((home, heard, not number))
            same += [(other, key)] if other else [(with_number, key)] if not number else []
    order = {key: n for n, key in enumerate(held)}
    for one, other in same:
        a, b = sorted((leader(one), leader(other)), key=order.__getitem__)
        first[b] = a
    groups: dict[str, list[pair.Record]] = {}
    for key, record in held.items():
        groups.setdefault(leader(key), []).append(record)
    return list(groups.values())


def exactly(query: Query, codes: Sequence[str]) -> list[str]:
    """Keys of records that bear the whole name or number, by the blind indexes of the tables: no slip is forgiven."""
    rows, lines = Q(pk__in=[]), Q(pk__in=[])
    if query.name:
        name = blind_index(names.key(query.name), "name")
        rows, lines = rows | Q(name_index=name), lines | Q(name_index=name)
    for digits in query.digits:
        if len(digits.text) == index.NUMBER:
            rows |= Q(id_index=blind_index(digits.text, "id"))
            lines |= Q(number_index=blind_index(digits.text, "number"))
    where, blocks = Q(), Q()
    for code in codes:
        where |= Q(area_code__range=code_range(code)) | Q(block_code__range=code_range(code))
        blocks |= Q(block_code__range=code_range(code))
    valid = {delivery for pairs in newest_deliveries("").values() for delivery, _code in pairs}
    found = RegisterRow.objects.filter(rows & where, delivery__in=valid, refused=False).order_by("pk")
    keys = [row_key(pk) for pk in found.values_list("pk", flat=True)[:SHOWN]]
    people = Person.objects.filter(lines & blocks).order_by("household_id", "line")
    return keys + [line_key(home, line) for home, line in people.values_list("household_id", "line")[:SHOWN]]


def codes_of(user: Any, area_code: str) -> list[str]:
    """The areas in which a user searches when looking at one area: those of the posts that lie in it, or itself."""
    if user.is_superuser or any(area_code.startswith(code) for code in area_codes_of(user)):
        return [area_code]
    return [code for code in area_codes_of(user) if code.startswith(area_code)]


def scope(area_code: str) -> tuple[int, int]:
    return int(area_code.ljust(DIGITS, "0")), int(area_code.ljust(DIGITS, "9"))


def lying_in(group: Sequence[pair.Record], codes: Sequence[str]) -> list[pair.Record]:
    """The records that lie in one of the areas, now that they are read from the tables."""
    return [record for record in group if any(record.area_code.startswith(code) for code in codes)]


def everything(census: Census) -> pl.DataFrame:
    """All records that name somebody: valid register rows, and lines of the newest forms with their household's
    telephone."""
    rows = register_rows("", open=("name", "id_number", "phone"))
    rows = rows.filter(
        pl.col("duplicate_of").is_null() & (pl.col("name").is_not_null() | pl.col("id_number").is_not_null())
    )
    block = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    rows = rows.with_columns(area_code=block).select(pl.col(name).cast(pl.String) for name in COLUMNS)
    lines = form_lines(census, "")
    called = read(Household.objects.of(census).exclude(phone=None), {"pk": pl.String, "phone": pl.Binary})
    where = (bytes.fromhex(home) + b"phone" for home in called["pk"])
    phones = pl.Series(opened(called["phone"], where), dtype=pl.String)
    lines = lines.rename({"block_code": "area_code"}).join(
        called.select(household_id="pk").with_columns(phone=phones), on="household_id", how="left"
    )
    lines = lines.select(pl.col(name).cast(pl.String) for name in COLUMNS)
    return pl.concat([rows, lines]).with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in COLUMNS if name != "record"
    )


def part_of(records: pl.DataFrame) -> Part:
    home = records["record"].str.extract(r"^line:([0-9a-f]{32}):", 1)
    keys = home.str.slice(16).str.to_integer(base=16, dtype=pl.UInt64, strict=False).fill_null(0).to_numpy()
    dead = np.zeros(len(records), dtype=bool)
    return Part(index.Index(records), records["record"], dead, index.Sorted(keys))


def home_key(hexadecimal: str) -> int:
    return int(hexadecimal[16:], 16)


def lists_now() -> Any:
    """What changes when a list is accepted or its rows are destroyed."""
    return newest_deliveries(""), Delivery.objects.exclude(destroyed_at=None).count()


def newest_seq() -> int:
    return Event.objects.aggregate(newest=Max("seq"))["newest"] or 0


def records_in_all() -> int:
    """About how many records there are."""
    return (DeliveryArea.objects.aggregate(n=Sum("rows"))["n"] or 0) + Person.objects.count()
