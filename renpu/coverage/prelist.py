"""Pre-listing (预摸底): roster lines made from registers for dwellings that have none, so that the enumerator confirms
at the door instead of typing.

What a register says never becomes an answer without contact: a pre-listed line is not yet contacted, has no persons and
no form, and counts as neither. It is opened by an event like every other line. Made twice it is there once; taken back,
it goes where nobody has touched it; what the field has taken off the roster stays off.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
import polars as pl

from renpu.collection import events
from renpu.collection.models import Event
from renpu.concepts import names
from renpu.concepts.household_status import Status
from renpu.editing.desk import DESKS
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.geography.models import Unit
from renpu.linkage import records
from renpu.listing.models import Household
from renpu.platform.areas import code_range
from renpu.platform.models import Census
from renpu.platform.office import author

SOURCES = ("police", "police_households", "grid")  # what the first has is not taken from the next
DEVICE = uuid5(DESKS, "prelist")
LINES = UUID("5d8b1c1e-6f0e-5f4b-9a53-0b6b3e2f7d11")
HEAD = "户主"  # as the police list calls the relation
COLLECTIVE, FAMILY = 2, 1  # household_type
TOGETHER = 500  # events in one batch
REASONS = {"police": "预摸底：公安户籍", "police_households": "预摸底：公安户籍户", "grid": "预摸底：网格、物业"}
TAKEN_BACK = "预摸底撤回"


class Planned(NamedTuple):
    """A line to be made, or made again where it had been taken back."""

    id: UUID
    block_code: str
    source: str
    payload: events.Line
    last_seq: int | None  # of the line that was taken back; None of a new one


class Part(NamedTuple):
    """A block: its dwellings, those with a roster line, the lines to be made by source, and those made that nobody has
    touched."""

    block_code: str
    dwellings: int
    listed: int
    police: int
    police_households: int
    grid: int
    untouched: int

    @property
    def of_police(self) -> int:
        return self.police + self.police_households


class Plan(NamedTuple):
    """What would be made in an area. `unplaced`: rows by code of address_placing that lie at no dwelling of the frame;
    `taken_off`: lines that were made once and that the field has removed."""

    lines: list[Planned]
    parts: list[Part]
    unplaced: dict[str, int]
    taken_off: int


def plan(census: Census, area_code: str) -> Plan:
    """The lines that the valid lists give for dwellings without one."""
    dwellings = records.read(
        Unit.objects.in_area(area_code),
        {"pk": pl.String, "block_code": pl.String, "address": pl.String, "building_id": pl.String},
    ).rename({"pk": "unit_id"})
    mine = made(census, area_code)
    standing = records.households(census, area_code).filter(pl.col("unit_id").is_not_null())
    taken = set(standing["unit_id"])
    others = set(standing.filter(~pl.col("household_id").is_in([key.hex for key in mine]))["unit_id"])
    rows = records.register_rows(area_code[:12], sources=SOURCES, open=("name",))
    rows = rows.filter(pl.col("duplicate_of").is_null())
    if len(area_code) > 12:  # a block: of its committee's rows those that lie in it or nowhere yet
        rows = rows.filter(pl.col("block_code").is_in([area_code, ""]))
    unplaced = dict(rows.filter(pl.col("unit_id").is_null()).group_by("placed").len().sort("placed").iter_rows())
    free = dwellings.filter(~pl.col("unit_id").is_in(sorted(others)))
    lines, taken_off = _lines(census, rows.join(free, on="unit_id", suffix="_frame"), mine, taken)
    return Plan(lines, _parts(dwellings, taken, lines, mine), unplaced, taken_off)


def made(census: Census, area_code: str) -> dict[UUID, Household]:
    """The lines that pre-listing has ever opened in an area."""
    opened = Event.objects.filter(
        census_id=census.pk, kind="line", device_id=DEVICE, block_code__range=code_range(area_code)
    )
    return Household.objects.in_bulk(list(opened.values_list("about", flat=True)))


def untouched(line: Household) -> bool:
    """Has nobody visited, telephoned, listed or registered the line?"""
    contacted = line.visits or line.version or line.status != Status.NOT_CONTACTED
    return not (contacted or line.removed or line.has_code or line.locked or line.open_tasks)


def _lines(
    census: Census, rows: pl.DataFrame, mine: dict[UUID, Household], taken: set[str]
) -> tuple[list[Planned], int]:
    """One line a register household of a dwelling; where no register household is there, one if the grid counts
    somebody. A dwelling with a line (`taken`) gets those again that were taken back from it."""
    found: list[Planned] = []
    off = 0
    ended = _taken_back(census, [m.pk for m in mine.values() if m.removed])
    for (unit,), here in rows.sort("unit_id", "row_id").group_by("unit_id", maintain_order=True):
        for source in SOURCES:
            of = here.filter(source=source)
            if source == "grid":
                of = of.filter((pl.col("persons") > 0).fill_null(False)).sort("persons", descending=True).head(1)
            if not len(of):
                continue
            for key, members in _households(of):
                line = uuid5(LINES, f"{census.pk}/{unit}/{key}")
                if line in mine and line not in ended:
                    off += mine[line].removed
                    continue
                if unit in taken and line not in ended:
                    continue
                found.append(_planned(line, source, members, mine.get(line)))
            break
    return found, off


def _households(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Rows of one source at one dwelling by register household; rows without its number are one household."""
    return [(str(key), of) for (key,), of in rows.group_by("household_no", maintain_order=True)]


def _planned(line: UUID, source: str, members: pl.DataFrame, before: Household | None) -> Planned:
    first = members.sort((pl.col("relation") != HEAD).fill_null(True), "row_id").row(0, named=True)
    told = names.read(first["name"] or "")
    known = bool(told.value) and not told.problems and source != "grid"
    payload = events.Line(
        household_type=COLLECTIVE if "集体" in (first["household_kind"] or "") else FAMILY,
        address=first["address_frame"],
        building=UUID(first["building_id_frame"]) if first["building_id_frame"] else None,
        unit=UUID(first["unit_id"]),
        head=told.value if known else "",
        reason=REASONS[source],
    )
    return Planned(line, first["block_code_frame"], source, payload, before.last_seq if before else None)


def _taken_back(census: Census, ids: Sequence[UUID]) -> set[UUID]:
    """Of removed lines those that pre-listing itself has taken back last."""
    last: dict[UUID, UUID] = {}
    removals = Event.objects.filter(census_id=census.pk, kind="remove", about__in=ids).order_by("seq")
    for about, device in removals.values_list("about", "device_id"):
        last[about] = device
    return {about for about, device in last.items() if device == DEVICE}


def _parts(dwellings: pl.DataFrame, taken: set[str], lines: list[Planned], mine: dict[UUID, Household]) -> list[Part]:
    planned = Counter((p.block_code, p.source) for p in lines)
    waiting = Counter(h.block_code for h in mine.values() if untouched(h))
    counted = dwellings.group_by("block_code").agg(
        n=pl.len(), listed=pl.col("unit_id").is_in(sorted(taken)).sum()
    ).sort("block_code")  # fmt: skip
    return [
        Part(code, n, listed, *(planned[code, source] for source in SOURCES), waiting[code])
        for code, n, listed in counted.iter_rows()
    ]


def make(
    census: Census, lines: Sequence[Planned], *, by, at: datetime,
    progress: Callable[[int], None] = lambda n: None,
) -> int:  # fmt: skip
    """Open the lines that are planned; gives how many were."""
    sent = []
    for one in lines:
        if one.last_seq is None:
            sent.append(_event("line", one.id, one.block_code, one.payload, one.id, at=at))
        else:
            again = events.Remove(False, one.payload.reason)
            sent.append(_event("remove", one.id, one.block_code, again, uuid5(one.id, f"{one.last_seq}"), at=at))
    return _send(census, sent, by=by, at=at, progress=progress)


def take_back(
    census: Census, area_code: str, *, by, at: datetime,
    progress: Callable[[int], None] = lambda n: None,
) -> int:  # fmt: skip
    """Remove the pre-listed lines of an area that nobody has touched; gives how many there were."""
    sent = [
        _event("remove", h.pk, h.block_code, events.Remove(True, TAKEN_BACK), uuid5(h.pk, f"{h.last_seq}"), at=at)
        for h in made(census, area_code).values()
        if untouched(h)
    ]
    return _send(census, sent, by=by, at=at, progress=progress)


def _event(kind: str, about: UUID, block: str, payload: msgspec.Struct, key: UUID, *, at: datetime) -> bytes:
    """`key` makes it the same event when it is sent twice."""
    return msgspec.json.encode(
        {"id": uuid5(key, kind), "kind": kind, "about": about, "block": block, "made_at": at, "payload": payload}
    )


def _send(census: Census, bodies: list[bytes], *, by, at: datetime, progress) -> int:
    sender = Sender(DEVICE, author(by) if by else "prelist", census.pk, False)
    done = 0
    for start in range(0, len(bodies), TOGETHER):
        part = [Incoming(body, sender, at) for body in bodies[start : start + TOGETHER]]
        done += sum(answer.result == "accepted" for answer in receive(part, direct=True))
        progress(start + len(part))
    return done
