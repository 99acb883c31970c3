"""`make bench-write`: events a second over HTTP, durable, with every check and encryption on, beside the floor.

(a) Batches of 50 events from 16 devices at once, on SQLite and on PostgreSQL: forms of a household of four, and a
season's mix of three visits to a form. The floor is measured in the same run, by turns: on SQLite the same bytes
appended to a file with one fsync a batch; on PostgreSQL the same rows inserted by a bare set-based statement, one
commit a batch, from 16 connections. (b) One form a request from 32 devices, on PostgreSQL.
"""

import argparse
import random
import statistics

import orjson

from bench.floor import Floor
from bench.load import Outcome, Request, send
from bench.office import Office, cpu_seconds
from bench.people import Author, form, visits

DEVICES, BATCH, SINGLES = 16, 50, 32


class Fleet:
    """Devices with households that were not yet visited; makes their requests."""

    def __init__(self, office: Office, devices: int, batches: int, batch: int):
        self.rnd = random.Random(7)
        self.batch = batch
        self.devices = office.furnish(devices, batches, batch)
        self.authors = [Author() for _ in self.devices]
        self.fresh = [[(b, h) for b, hs in d["blocks"].items() for h in hs] for d in self.devices]

    def lanes(self, batches: int, mix: bool = False) -> list[list[Request]]:
        """`batches` requests a device."""
        lanes = []
        for device, author, fresh in zip(self.devices, self.authors, self.fresh, strict=True):
            lane = []
            for _ in range(batches):
                events = []
                while len(events) < self.batch:
                    block, about = fresh.pop(0)
                    if mix:
                        slip = f"{author.seq:06d}{device['device'][:6]}"
                        events += [author.event("visit", about, block, v) for v in visits(self.rnd, slip)]
                    events.append(author.event("form", about, block, form(self.rnd)))
                del events[self.batch :]
                body = orjson.dumps({"sent_at": None, "events": events})
                lane.append(Request(device["token"], [str(e["id"]) for e in events], body))
            lanes.append(lane)
        return lanes


def told(name: str, outcome: Outcome, cpu: float, more: str = "") -> str:
    """One line of results."""
    line = f"{name:38s} {outcome.rate:7.0f} events/s"
    line += f"   p50 {outcome.at(0.5):6.1f}  p95 {outcome.at(0.95):6.1f}  p99 {outcome.at(0.99):6.1f} ms"
    line += f"   {1000 * cpu / max(1, outcome.events):.3f} ms CPU an event{more}"
    if set(outcome.statuses) != {200} or outcome.lost:
        line += f"   NOT ALL ANSWERED {outcome.statuses}, {outcome.lost} lost, {outcome.odd[:1]}"
    return line


def measured(office: Office, lanes: list[list[Request]]) -> tuple[Outcome, float]:
    """The outcome, and the CPU seconds that the server (and PostgreSQL) used."""
    before = cpu_seconds(*office.pids())
    outcome = send(office.port, lanes)
    return outcome, cpu_seconds(*office.pids()) - before


def batches(store: str, pairs: int, batches: int, mixes: int) -> None:
    """(a): ours and the floor by turns."""
    with Office(store) as office:
        fleet = Fleet(office, DEVICES, batches * (pairs + mixes) + 1, BATCH)
        office.start()
        send(office.port, fleet.lanes(1))
        floor = Floor(office)
        rates, cpus, ratios, bare = [], [], [], []
        for pair in range(pairs):
            lanes = fleet.lanes(batches)
            if store == "sqlite":
                floors = [floor.bytes(lanes)]
                outcome, cpu = measured(office, lanes)
                floors.append(floor.bytes(lanes))
                told_floor = f"   floor {floors[0]:.0f} before, {floors[1]:.0f} after"
            else:
                outcome, cpu = measured(office, lanes)
                floors = [floor.rows(lanes)]
                told_floor = f"   floor {floors[0]:.0f}, by COPY {floor.rows(lanes, copied=True):.0f}"
            rates.append(outcome.rate)
            cpus.append(1000 * cpu / max(1, outcome.events))
            bare.append(statistics.mean(floors))
            ratios.append(outcome.rate / bare[-1])
            ratio = f", ratio {ratios[-1]:.2f}"
            print(told(f"{store}, forms, pair {pair + 1}", outcome, cpu, told_floor + ratio), flush=True)
        for n in range(mixes):
            outcome, cpu = measured(office, fleet.lanes(batches, mix=True))
            print(told(f"{store}, 3 visits to 1 form, run {n + 1}", outcome, cpu), flush=True)
        print(
            f"{store}, forms, medians: {statistics.median(rates):.0f} events/s, "
            f"{statistics.median(cpus):.3f} ms CPU an event, floor {statistics.median(bare):.0f}, "
            f"ratio {statistics.median(ratios):.2f}",
            flush=True,
        )


def singles(runs: int, requests: int) -> None:
    """(b): one form a request."""
    with Office("postgresql") as office:
        fleet = Fleet(office, SINGLES, (runs + 1) * requests // 50 + 1, 50)
        fleet.batch = 1
        office.start()
        send(office.port, fleet.lanes(20))
        outcomes = []
        for n in range(runs):
            outcome, cpu = measured(office, fleet.lanes(requests))
            outcomes.append(outcome)
            print(told(f"postgresql, 1 form a request, run {n + 1}", outcome, cpu), flush=True)
        rate = statistics.median(o.rate for o in outcomes)
        p99 = statistics.median(o.at(0.99) for o in outcomes)
        print(f"postgresql, 1 form a request, medians: {rate:.0f}/s, p99 {p99:.1f} ms")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", choices=("sqlite", "postgresql"), action="append")
    asked.add_argument("--pairs", type=int, default=3)
    asked.add_argument("--batches", type=int, default=12, help="requests a device and run")
    asked.add_argument("--mixes", type=int, default=1)
    asked.add_argument("--no-singles", action="store_true")
    asked.add_argument("--only-singles", action="store_true")
    a = asked.parse_args()
    if not a.only_singles:
        for store in a.store or ("sqlite", "postgresql"):
            batches(store, a.pairs, a.batches, a.mixes)
    if not a.no_singles:
        singles(a.pairs, 200)


if __name__ == "__main__":
    main()
