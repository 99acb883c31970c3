"""`make bench-crash`: kill -9, thirty times, in the middle of a season being played and of sixteen devices syncing.

After every round: each acknowledged event is in the journal exactly once, current tables and counters equal a rebuild
from the journal, and SQLite finds its file whole. Only processes that this program started are ended, by number.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.load import Request, Run
from bench.office import ROOT, Office
from bench.people import Author, form, visits

STREET = ROOT / "renpu" / "synthetic" / "street"


class Round(NamedTuple):
    """What came of one round of kills."""

    kills: int
    acknowledged: int
    events: int
    tasks: int
    problems: list[str]

    def __str__(self) -> str:
        told = f"{self.kills} kills, {self.acknowledged} acknowledged, {self.events} events, {self.tasks} merge tasks"
        return told + (": PASS" if not self.problems else ": FAIL " + "; ".join(self.problems[:5]))


def requests(device: dict[str, Any], partner: dict[str, Any], rnd: random.Random) -> Iterator[Request]:
    """A device's work without end: visits and forms of its own households, and of its partner's, whose forms it has not
    seen, so that versions collide.
    """
    author = Author()
    own = [(b, h) for b, hs in device["blocks"].items() for h in hs]
    others = [(b, h) for b, hs in partner["blocks"].items() for h in hs]
    for n in count():
        block, about = own[n % len(own)]
        events = [author.event("visit", about, block, visit) for visit in visits(rnd, f"{device['device'][:8]}{n}")]
        events.append(author.event("form", about, block, form(rnd), base_version=n // len(own)))
        block, about = rnd.choice(others)
        events.append(author.event("form", about, block, form(rnd), base_version=rnd.randrange(3)))
        events.append(author.event("visit", about, block, visits(rnd, "")[rnd.randrange(3)]))
        yield Request(device["token"], [str(e["id"]) for e in events], orjson.dumps({"events": events}))


def syncing(store: str, server_kills: int, database_kills: int, pause: float = 1.2, seed: int = 1) -> Round:
    """Sixteen devices send while the server, and PostgreSQL, are killed and started again."""
    rnd = random.Random(seed)
    acknowledged: list[str] = []
    odd: list[str] = []
    with Office(store) as office:
        devices = office.furnish(16, 1, 40, "shared")
        office.start()

        def hear(request: Request, body: bytes) -> None:
            answers = json.loads(body)["answers"]
            if [a["id"] for a in answers] != list(request.ids):
                odd.append("answers are not those of the request")
            for answer in answers:
                if answer["result"] in ("accepted", "duplicate", "history", "merge"):
                    acknowledged.append(answer["id"])
                else:
                    odd.append(f"{answer['result']}: {answer.get('reason')}")

        lanes = [requests(d, devices[n ^ 1], random.Random(seed * 100 + n)) for n, d in enumerate(devices)]
        run = Run(office.port, lanes, True, hear)
        sender = threading.Thread(target=lambda: asyncio.run(run.main(600)))
        sender.start()
        try:
            targets = ["server"] * server_kills + ["database"] * database_kills
            rnd.shuffle(targets)
            for target in targets:
                before, waited = len(acknowledged), time.monotonic()
                time.sleep(pause * rnd.uniform(0.3, 1.5))
                while len(acknowledged) < before + 50 and time.monotonic() - waited < 60:  # it works again
                    time.sleep(0.02)
                if target == "server":
                    office.kill()
                    office.start()
                else:
                    assert office.postgres is not None
                    office.postgres.kill()
                    office.postgres.start()
            time.sleep(pause)
        finally:
            run.finish()
            sender.join(120)
        if sender.is_alive():
            odd.append("the devices were not answered in two minutes")
            run.stopped = True
        office.stop()
        found = verified(office, acknowledged)
        return Round(len(targets), len(set(acknowledged)), found["events"], found["tasks"], odd + found["problems"])


def playing(store: str, command_kills: int, database_kills: int, street: Path = STREET, seed: int = 1) -> Round:
    """A season is played; the command, and PostgreSQL, are killed; it is played again until it ends by itself."""
    rnd = random.Random(seed)
    with Office(store) as office:
        office.command("init")
        problems: list[str] = []
        targets = ["command"] * command_kills + ["database"] * database_kills
        rnd.shuffle(targets)
        for nth, target in enumerate(targets):
            before = events_held(office)
            # each kill falls into its own share of what is left, so that the season does not end before the last one
            wait_for = before + rnd.uniform(0, (lines_of(street) - before) / (len(targets) - nth + 1))
            play = subprocess.Popen(
                [sys.executable, "-m", "renpu.site.command", "play", str(street)],
                env=office.env,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            waited = time.monotonic()
            while play.poll() is None and events_held(office) <= wait_for and time.monotonic() - waited < 120:
                time.sleep(0.005)
            if target == "command":
                play.kill()
            else:
                assert office.postgres is not None
                office.postgres.kill()
                office.postgres.start()
            play.wait(60)
            if play.returncode == 0:
                problems.append("the season had ended before it was killed")
        office.command("play", str(street))
        found = verified(office, [])
        again = office.command("play", str(street))
        if events_held(office) != found["events"]:
            problems.append(f"playing again changed the journal: {again[-200:]}")
        return Round(len(targets), 0, found["events"], found["tasks"], problems + found["problems"])


def lines_of(street: Path) -> int:
    """Roster lines, visits and forms of a season: fewer than its events."""
    files = ("roster", "visits", "short_form_households")
    return sum(len((street / "field" / f"{name}.csv").read_text("utf-8").splitlines()) - 1 for name in files)


def events_held(office: Office) -> int:
    """Events in the journal, read beside whoever writes."""
    if office.postgres:
        import psycopg

        with psycopg.connect(office.postgres.dsn) as db:
            return db.execute("select count(*) from collection_event").fetchone()[0]
    import sqlite3

    db = sqlite3.connect(office.home / "renpu.sqlite3")
    try:
        return db.execute("select count(*) from collection_event").fetchone()[0]
    finally:
        db.close()


def verified(office: Office, acknowledged: list[str]) -> dict[str, Any]:
    """{events, tasks, problems} of the installation, its server stopped."""
    path = office.folder / "acknowledged.json"
    path.write_text(json.dumps(sorted(set(acknowledged))))
    return office.within("bench.verify", str(path))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=1, help="thirty kills each")
    a = asked.parse_args()
    kills, failed = 0, False
    for n in range(a.rounds):
        plan = (
            ("SQLite, 16 devices", lambda s: syncing("sqlite", 8, 0, seed=s)),
            ("PostgreSQL, 16 devices", lambda s: syncing("postgresql", 6, 6, seed=s)),
            ("SQLite, play", lambda s: playing("sqlite", 4, 0, seed=s)),
            ("PostgreSQL, play", lambda s: playing("postgresql", 3, 3, seed=s)),
        )
        for name, run in plan:
            done = run(n + 1)
            print(f"{name}: {done}", flush=True)
            kills += done.kills
            failed |= bool(done.problems)
    print(f"{kills} kills: {'FAIL' if failed else 'PASS'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
