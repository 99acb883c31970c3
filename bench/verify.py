"""Does the journal hold what was acknowledged, once, and do the tables follow from it? Made within an installation.

Argument: a file with the ids that were acknowledged, JSON. Prints {events, tasks, problems: [...]}.
"""

import json
import sys
from pathlib import Path

from django.db import connection

from renpu.collection import rebuild
from renpu.collection.models import Event, MergeTask, Quarantine


def verify(acknowledged: list[str]) -> dict:
    problems = []
    held = [str(key) for key in Event.objects.values_list("id", flat=True)]
    if len(held) != len(set(held)):
        problems.append(f"{len(held) - len(set(held))} events are held twice")
    missing = set(acknowledged) - set(held)
    if missing:
        problems.append(f"{len(missing)} acknowledged events are missing")
    if Quarantine.objects.exists():
        problems.append(f"{Quarantine.objects.count()} in quarantine")
    replayed = 0
    for place in rebuild.blocks():
        events, differences = rebuild.check_block(*place)
        replayed += events
        problems += [" ".join(d) for d in differences[:3]]
    if replayed != len(held):
        problems.append(f"{replayed} events replayed of {len(held)}")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("pragma integrity_check")
            said = cursor.fetchone()[0]
        if said != "ok":
            problems.append(f"integrity_check: {said[:100]}")
    return {"events": len(held), "tasks": MergeTask.objects.count(), "problems": problems}


def main() -> None:
    print(json.dumps(verify(json.loads(Path(sys.argv[1]).read_text()))))
