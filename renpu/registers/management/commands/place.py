"""`renpu place --area 310109018`: the addresses of accepted deliveries looked up in the frame again, after units were
added or a large list was accepted. Running it again changes nothing that is right.
"""

import json
import sys
from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from renpu.concepts.codes import code_list
from renpu.geography.matching import PLACED
from renpu.platform.language import code_word
from renpu.registers.actions import look_up
from renpu.registers.models import Delivery
from renpu.registers.places import frame_of, scope


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--area", default="", help="only deliveries for this area (code)")
        parser.add_argument("--delivery", help="only this delivery (its key, as load prints it)")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args, **options):
        found = Delivery.objects.filter(state=Delivery.State.ACCEPTED, destroyed_at=None).in_area(options["area"])
        if options["delivery"]:
            found = found.filter(pk__startswith=options["delivery"])
        deliveries = list(found.order_by("area_code", "received_at", "id"))
        if not deliveries:
            raise CommandError(_("There is no accepted delivery to look up. Accept one first, or check the area."))
        frames, outcome = {}, []
        with tqdm(total=sum(one.rows_read for one in deliveries), delay=2, disable=None, file=sys.stderr) as bar:
            for delivery in deliveries:
                street = scope(delivery.area_code)
                if street not in frames:
                    frames = {street: frame_of(street)}
                counts = look_up(delivery, at=timezone.now(), frame=frames[street], progress=bar.update)
                outcome.append({"delivery": str(delivery.pk), "file": delivery.file_name, "rows": dict(counts)})
        if options["format"] == "json":
            self.stdout.write(json.dumps(outcome, ensure_ascii=False, indent=1))
            return
        for one in outcome:
            self._print(one["file"], Counter(one["rows"]))

    def _print(self, file: str, counts: Counter) -> None:
        placed = sum(counts[code] for code in PLACED)
        rows = {"file": file, "rows": sum(counts.values()), "placed": placed}
        self.stdout.write(_("%(file)s: %(rows)d rows, %(placed)d of them placed in a dwelling.") % rows)
        for code in code_list("address_placing"):
            if counts[code]:
                self.stdout.write(f"  {code_word('address_placing', code)}: {counts[code]}")
