"""`renpu reconcile --area 310109018`: registers and forms set against each other; each difference a work item.

Reads the newest accepted lists and the newest forms of the whole census, and writes links, findings and work items of
the area. Run again it changes nothing where nothing has changed; nothing is ever closed by it. With --dry-run it only
tells. --format json gives for the area, its streets and its committees the figures `register_comparison` and
`coverage`, and the numbers of findings and of differences by kind.
"""

import json
import sys
import time

import polars as pl
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from renpu.collection.models import BlockNow
from renpu.coverage.kinds import kinds
from renpu.coverage.reconcile import STEPS, Outcome, reconcile
from renpu.geography.models import Area, Block
from renpu.platform.language import code_word
from renpu.platform.models import Census
from renpu.platform.office import census_in_hand


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--area", help="code of an area or a block (default: the whole census)")
        parser.add_argument("--dry-run", action="store_true", help="compare and tell, write nothing")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *, area, dry_run, format, **options):
        census = census_in_hand()
        if census is None:
            raise CommandError(_("There is no census here yet. renpu init or renpu demo makes one."))
        code = area or census.area_code
        if not (Area.objects.filter(code=code).exists() or Block.objects.filter(code=code).exists()):
            raise CommandError(_("There is no area %(code)s.") % {"code": code})
        began = time.monotonic()
        with tqdm(total=len(STEPS), unit="", disable=None, leave=False, file=sys.stderr) as bar:

            def step(name: str) -> None:
                bar.set_description(name)
                bar.update()

            comparison, outcome, written = reconcile(census, code, at=timezone.now(), dry_run=dry_run, step=step)
        told = self.told(census, code, outcome)
        told["items"] = None if written is None else written._asdict()
        told["comparison"] = None if dry_run else str(comparison.pk)
        told["seconds"] = round(time.monotonic() - began, 1)
        if format == "json":
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for one, n in told["findings"].items():
            self.stdout.write(f"{n:>9}  {code_word('register_finding', one)}")
        for kind, n in told["differences"].items():
            self.stdout.write(f"{n:>9}  {kinds()[kind]}")
        if written is not None:
            text = _("%(new)d items opened, %(known)d known, %(gone)d no longer seen; %(seconds)s s.")
            self.stdout.write(text % {**written._asdict(), "seconds": told["seconds"]})

    def told(self, census: Census, code: str, outcome: Outcome) -> dict:
        """What is printed: figures by area, and counts by kind in the area."""
        inside = pl.col("area_code").str.starts_with(code)
        names = dict(Area.objects.filter(code__in=list(outcome.figures)).values_list("code", "name"))
        residents = {
            area: sum(BlockNow.objects.filter(census_id=census.pk).in_area(area).values_list("resident", flat=True))
            for area in outcome.figures
        }
        return {
            "area": code,
            "register_comparison": {a: f["register_comparison"] for a, f in outcome.figures.items()},
            "coverage": {a: f["coverage"] for a, f in outcome.figures.items()},
            "residents_counted": residents,
            "names": names,
            "findings": _counts(outcome.findings.filter(inside), "finding"),
            "differences": _counts(outcome.items.filter(inside), "kind"),
            "links": _counts(outcome.links, "status"),
        }


def _counts(frame: pl.DataFrame, by: str) -> dict[str, int]:
    return dict(frame.group_by(by).len("n").sort("n", by, descending=[True, False]).iter_rows())
