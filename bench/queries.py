"""The console's own queries, timed on a filled city; within an installation.

Argument: what `bench.million` printed, as a file. Prints one line a query: {name, p50, p95, rows}, times in ms with all
that Python does for them.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.http import QueryDict

from bench.people import T0
from renpu.collection import roster
from renpu.collection.models import Event, MergeTask
from renpu.geography.places import Place
from renpu.listing.models import Household
from renpu.monitoring import dashboard as board
from renpu.monitoring.facts import counts
from renpu.platform.models import Census, Post

NOW = T0 + timedelta(days=16)
TIMES, SECONDS = 40, 6  # a query is asked so often, or for so long


def queries(known: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    census = Census.objects.get()
    rnd = random.Random(5)
    clerk = get_user_model().objects.create_user("clerk")
    Post.objects.create(user=clerk, role="district_office", area_code=known["blocks"][0][:4])

    def place(digits: int) -> Place:
        return Place(rnd.choice(known["blocks"])[:digits], "")

    def page(digits: int, asked: str) -> Any:
        wanted = roster.Wanted.read(QueryDict(asked.format(**{k: rnd.choice(known[k]) for k in ("names", "numbers")})))
        return roster.roster_page(clerk, census, place(digits).code, wanted, NOW).rows

    for level, digits in (("city", 4), ("district", 6), ("street", 9), ("committee", 12)):
        yield f"dashboard, figures of a {level}", lambda d=digits: board.figures(census, place(d), NOW)[0]
        yield f"dashboard, parts of a {level}", lambda d=digits: board.parts(census, place(d))
        yield f"dashboard, days of a {level}", lambda d=digits: board.days(census, place(d))
        yield f"dashboard, what is late in a {level}", lambda d=digits: board.late(census, place(d), NOW, NOW).slow
    for level, digits in (("city", 4), ("street", 9), ("block", 15)):
        yield f"households of a {level}, first page", lambda d=digits: page(d, "")
        yield f"households of a {level}, refused", lambda d=digits: page(d, "status=91")
        yield f"households of a {level}, open edits", lambda d=digits: page(d, "open=edits")
        yield f"households of a {level}, open tasks", lambda d=digits: page(d, "open=tasks")
        yield f"households of a {level}, missed appointments", lambda d=digits: page(d, "open=appointment")
        yield f"households of a {level}, forms not accepted", lambda d=digits: page(d, "stage=form&open=queries")
        yield f"search in a {level}, name", lambda d=digits: page(d, "q={names}")
        yield f"search in a {level}, identity number", lambda d=digits: page(d, "q={numbers}")
    yield "search in a street, part of an address", lambda: page(9, f"q={rnd.randrange(1, 7)}号{rnd.randrange(1, 30)}0")
    yield "a household and its timeline", lambda: timeline(rnd.choice(known["households"]))
    yield (
        "merge tasks of a street",
        lambda: list(MergeTask.objects.in_area(place(9).code).filter(decided_at=None)[:100]),
    )
    for level, digits in (("city", 4), ("street", 9), ("committee", 12)):
        yield (
            f"measures of a {level} as of a moment",
            lambda d=digits: counts([census.pk], place(d).code, T0 + timedelta(days=rnd.randrange(1, 15), hours=15)),
        )


def timeline(household: str) -> Any:
    line = Household.objects.get(pk=household)
    return [line, *Event.objects.filter(about=line.id).order_by("seq")]


def main() -> None:
    known = json.loads(Path(sys.argv[1]).read_text())
    told = []
    for name, ask in queries(known):
        ask()
        times: list[float] = []
        while len(times) < TIMES and sum(times) < 1000 * SECONDS:
            start = time.perf_counter()
            found = ask()
            times.append(1000 * (time.perf_counter() - start))
        times.sort()
        p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
        told.append({"name": name, "p50": statistics.median(times), "p95": p95, "rows": len(found)})
    print(json.dumps(told))
