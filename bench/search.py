"""`make bench-search`: one person among a million, beside SQLite's full text index and RapidFuzz in the same run.

python -m bench.search [--persons 1000000] [--queries 300]. The records are a register of invented persons; what is
typed comes from a count of the same people some time later, with that list's own faults, so that who was meant is known
and nobody searches for what stands there letter for letter. Peers get the same words: SQLite FTS5 over all fields, a
character a token, all of the words asked for; RapidFuzz the name alone, over all names.

`first` and `ten`: share of queries whose person stands first, and among the first ten. A person whose name and year are
borne by several cannot always be first. The peers answer a part of the queries, since they take long. Times are of the
clock and, in brackets, of the processor, which other work on the machine does not lengthen.
"""

import argparse
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from renpu.linkage.index import Index, search
from renpu.linkage.typed import read
from renpu.synthetic.persons import lists

T = TypeVar("T")
AREA = "310199001001001"


@dataclass
class Told:
    """What a side answered: milliseconds, and at which place the person stood (0 = not among the first twenty)."""

    milliseconds: list[float] = field(default_factory=list)
    of_processor: list[float] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    stated: list[tuple[float, bool]] = field(default_factory=list)

    def __str__(self) -> str:
        took = zip(*(np.percentile(of, (50, 95, 99)) for of in (self.milliseconds, self.of_processor)), strict=True)
        first, ten = (np.mean([0 < place <= most for place in self.places]) for most in (1, 10))
        times = "  ".join(f"p{p} {ms:7.2f} ({cpu:6.2f}) ms" for p, (ms, cpu) in zip((50, 95, 99), took, strict=True))
        return f"{times}  first {first:6.1%}  ten {ten:6.1%}  ({len(self.places)} queries)"

    def time(self, work: Callable[[], T]) -> T:
        clock, processor = time.perf_counter(), time.thread_time()
        done = work()
        self.of_processor.append((time.thread_time() - processor) * 1000)
        self.milliseconds.append((time.perf_counter() - clock) * 1000)
        return done

    def p95(self) -> tuple[float, float]:
        """Of the clock, and of the processor."""
        return float(np.percentile(self.milliseconds, 95)), float(np.percentile(self.of_processor, 95))


def slip(number: str, rnd: random.Random) -> str:
    """One digit is another."""
    at = rnd.randrange(6, len(number) - 1)
    return number[:at] + rnd.choice([d for d in "0123456789" if d != number[at]]) + number[at + 1 :]


KINDS: dict[str, Callable[[dict[str, str], random.Random], str]] = {
    "name": lambda r, _: r["name"],
    "name, year": lambda r, _: f"{r['name']} {r['birth'][:4]}",
    "name, birth date": lambda r, _: f"{r['name']} {r['birth']}",
    "name, last 4 digits": lambda r, _: f"{r['name']} {r['id_number'][-4:]}",
    "surname, last 6 digits": lambda r, _: f"{r['name'][0]} {r['id_number'][-6:]}",
    "number": lambda r, _: r["id_number"],
    "number, one digit wrong": lambda r, rnd: slip(r["id_number"], rnd),
    "telephone": lambda r, _: r["phone"],
    "name, address": lambda r, _: f"{r['name']} {r['address']}",
    "address": lambda r, _: r["address"],
    "first two characters, year": lambda r, _: f"{r['name'][:2]} {r['birth'][:4]}年",
}


def queries(count: pl.DataFrame, truth: pl.DataFrame, each: int) -> Iterator[tuple[str, str, str]]:
    """(kind, what is typed, who is meant), of persons who are on the register too."""
    rnd = random.Random(7)
    known = count.join(truth, on="id").sort("id").drop_nulls(["name", "birth", "id_number", "address", "phone"])
    dated = known.filter(pl.col("birth").str.contains(r"^\d{8}$"))
    rows = dated.sample(each * len(KINDS), seed=7).to_dicts()
    for n, row in enumerate(rows):
        kind = list(KINDS)[n % len(KINDS)]
        yield kind, KINDS[kind](row, rnd), row["person"]


def place(found: list[str], meant: str) -> int:
    return found.index(meant) + 1 if meant in found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--peers", type=int, default=20, help="of each kind, for the peers")
    args = parser.parse_args()
    made = lists(args.persons)
    who = dict(made.register_truth.iter_rows())
    persons = [who[id] for id in made.register["id"]]
    there = made.count_truth.filter(pl.col("person").is_in(made.register_truth["person"].implode()))
    asked = list(queries(made.count, there, args.queries))
    began = time.monotonic()
    index = Index(made.register.with_columns(area_code=pl.lit(AREA)))
    seconds = time.monotonic() - began
    print(f"{index.size:,} records indexed in {seconds:.1f} s, {index.bytes / 1e6:.0f} MB", flush=True)

    ours, by_kind = Told(), {kind: Told() for kind in KINDS}
    for _, text, _ in asked[: len(KINDS)]:  # what is made at the first call is not timed
        search([(index, None)], read(text))
    for kind, text, meant in asked:
        result = by_kind[kind].time(partial(search, [(index, None)], read(text)))
        found = list(dict.fromkeys(persons[hit.row] for _, hit in result.hits))[:20]
        odds: dict[str, float] = {}
        for _, hit in result.hits:
            odds.setdefault(persons[hit.row], 2.0**hit.weight)
        by_kind[kind].places.append(place(found, meant))
        if found:
            ours.stated.append((odds[found[0]] / (result.rest + sum(odds.values())), found[0] == meant))
    for kind, told in by_kind.items():
        ours.milliseconds += told.milliseconds
        ours.of_processor += told.of_processor
        ours.places += told.places
        print(f"  {kind:28} {told}", flush=True)
    print(f"renpu                          {ours}", flush=True)
    print("stated for the first, and how often it was right:")
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 1.01)):
        band = [one for one in ours.stated if low <= one[0] < high]
        if band:
            stated, right = (float(np.mean([one[k] for one in band])) for k in (0, 1))
            print(f"  {low:4.2f} - {min(high, 1):4.2f}  stated {stated:6.1%}  right {right:6.1%}  ({len(band)})")

    some = [one for n, one in enumerate(asked) if n // len(KINDS) < args.peers]
    for name, peer in (("SQLite FTS5", fts5(made.register)), ("RapidFuzz, names", rapidfuzz(made.register))):
        told = Told()
        for kind, text, meant in some:
            if "Rapid" in name and not kind.startswith("name"):
                continue
            rows = told.time(partial(peer, text))
            told.places.append(place(list(dict.fromkeys(persons[row] for row in rows)), meant))
        print(f"{name:30} {told}", flush=True)
        clock, processor = (theirs / mine for theirs, mine in zip(told.p95(), ours.p95(), strict=True))
        print(f"{name:30} renpu's p95 is {clock:.0f} times shorter ({processor:.0f} of the processor)", flush=True)


def fts5(records: pl.DataFrame) -> Callable[[str], list[int]]:
    """SQLite's full text index over all fields; a Chinese character is a token, digits are one with their ends."""
    store = sqlite3.connect(":memory:")
    store.execute("create virtual table record using fts5(words, content='', detail=full)")

    def apart(text: str) -> str:
        return " ".join(re.findall(r"[0-9X]+|[^\W0-9]", text.upper()))

    fields = records.select("name", "birth", "id_number", "phone", "address").iter_rows()
    rows = (
        (n, apart(" ".join(filter(None, row)) + f" {(row[1] or '')[:4]} {(row[2] or '')[-4:]} {(row[2] or '')[-6:]}"))
        for n, row in enumerate(fields)
    )
    store.executemany("insert into record(rowid, words) values (?, ?)", rows)

    def find(text: str) -> list[int]:
        words = " AND ".join(f'"{apart(word)}"' for word in text.replace("年", "").split())
        sql = "select rowid from record where record match ? order by rank limit 60"
        return [row for (row,) in store.execute(sql, (words,))]

    return find


def rapidfuzz(records: pl.DataFrame) -> Callable[[str], list[int]]:
    """The nearest names by RapidFuzz's ratio."""
    names = records["name"].fill_null("").to_list()

    def find(text: str) -> list[int]:
        return [row for _, _, row in process.extract(text.split()[0], names, scorer=fuzz.ratio, limit=60)]

    return find


if __name__ == "__main__":
    main()
