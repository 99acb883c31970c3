"""`renpu rebuild`: current tables and counters from the journal; with --check, only say where they differ."""

import json

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from renpu.collection import rebuild


class Command(BaseCommand):
    help = __doc__ + "\n\nExample: renpu rebuild --check"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when anything differs")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *, check, format, **options):
        events, found = 0, []
        named = rebuild.blocks()
        for census_id, block_code in tqdm(named, unit="block", desc="rebuild", disable=format == "json", delay=2):
            if check:
                n, differences = rebuild.check_block(census_id, block_code)
                found += differences
            else:
                n = rebuild.rewrite_block(census_id, block_code)
            events += n
        if format == "json":
            told = {"blocks": len(named), "events": events, "differences": [d._asdict() for d in found]}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for d in found[:50]:
                self.stderr.write(f"{d.table} {d.key}: {d.what}")
            done = "compared" if check else "rebuilt"
            self.stdout.write(f"{events} events of {len(named)} blocks {done}: {len(found)} differences.")
        if found:
            raise CommandError(f"{len(found)} rows differ from the journal; `renpu rebuild` makes them again.")
