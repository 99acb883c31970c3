"""`renpu ledger --check`: do the counters of the work items say what the items say? Without --check they are put right.

Exit code 1 when --check finds a difference. --area names the area, default all.
"""

import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from renpu.coverage import counters
from renpu.coverage.models import WorkItem


class Command(BaseCommand):
    help = __doc__ + "\nExample: renpu ledger --check --area 310109018"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when anything differs")
        parser.add_argument("--area", default="", help="code of an area or block")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *, check, area, format, **options):
        with transaction.atomic():
            found = list(counters.check(area))
            if not check:
                for one in found:
                    counters.repair(one)
        n = WorkItem.objects.in_area(area).count() if area else WorkItem.objects.count()
        if format == "json":
            self.stdout.write(json.dumps({"items": n, "differences": [d._asdict() for d in found]}, default=str))
        else:
            order = ", ".join(counters.FIELDS)
            for d in found[:50]:
                of = f"due on {d.due_on}" if d.due_on else order
                self.stderr.write(f"{d.area_code} {d.kind}: counted {d.counted}, items {d.items} ({of})")
            self.stdout.write(f"{n} items {'compared' if check else 'counted'}: {len(found)} differences.")
        if found and check:
            raise CommandError(f"{len(found)} counters differ from the items; `renpu ledger` puts them right.")
