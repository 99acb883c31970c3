"""`renpu prelist`: roster lines from the registers, for dwellings of an area that have none.

They are not yet contacted until somebody was at the door. --undo takes those back that nobody has touched.
"""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from renpu.coverage import prelist
from renpu.geography.models import Area
from renpu.platform.office import census_in_hand


class Command(BaseCommand):
    help = __doc__ + "\nExample: renpu prelist --area 310109018020 --dry-run"

    def add_arguments(self, parser):
        parser.add_argument("--area", required=True, help="code of a street, committee or block")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be made, and make nothing")
        parser.add_argument("--undo", action="store_true", help="take back the lines that nobody has touched")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *, area, dry_run, undo, format, **options):
        census = census_in_hand()
        if census is None:
            raise CommandError("There is no census yet. `renpu demo` makes one, `renpu play` loads one.")
        inside = Area.objects.in_area(area).values_list("code", flat=True)
        committees = [area] if len(area) > 12 else sorted(code for code in inside if len(code) == 12)
        if not committees:
            raise CommandError(f"There is no committee in area {area}. Check the code.")
        told, at = [], timezone.now()
        for code in committees:
            if undo:
                told.append({"area": code, "taken_back": prelist.take_back(census, code, by=None, at=at)})
                continue
            plan = prelist.plan(census, code)
            made = 0 if dry_run else prelist.make(census, plan.lines, by=None, at=at)
            told.append(
                {
                    "area": code, "planned": len(plan.lines), "made": made, "taken_off": plan.taken_off,
                    "not_at_a_dwelling": sum(plan.unplaced.values()),
                }
            )  # fmt: skip
            if format == "text":
                self.stderr.write(f"{code}: {len(plan.lines)} planned, {made} made")
        if format == "json":
            self.stdout.write(json.dumps(told))
        elif undo:
            self.stdout.write(f"{sum(t['taken_back'] for t in told)} lines were taken back.")
        else:
            planned, made = (sum(t[name] for t in told) for name in ("planned", "made"))
            away = sum(t["not_at_a_dwelling"] for t in told)
            self.stdout.write(
                f"{planned} lines planned, {made} made; {away} rows of the registers lie at no dwelling of the frame."
            )
