"""`renpu play DIR`: a season's field records from files, through the write path; playing twice changes nothing."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from renpu.synthetic.frame import StreetFolder
from renpu.synthetic.play import Played, play


def played(folder: Path, quiet: bool = False) -> Played:
    """Play a street folder with a progress bar; CommandError where the folder is not one."""
    try:
        street = StreetFolder(folder)
    except FileNotFoundError as problem:
        raise CommandError(str(problem)) from None
    with tqdm(total=None, unit="event", desc="play", disable=quiet, delay=1) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        return play(street, progress)


class Command(BaseCommand):
    help = __doc__ + "\n\nExample: renpu play my-street"

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder with geo/, registers/ and field/")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *, folder, format, **options):
        result = played(folder, quiet=format == "json")
        if format == "json":
            self.stdout.write(json.dumps({"results": result.results, "odd": result.odd}, ensure_ascii=False))
        else:
            told = ", ".join(f"{n} {name}" for name, n in sorted(result.results.items()))
            self.stdout.write(f"Events: {told or 'none'}.")
            for key, reason in result.odd[:20]:
                self.stderr.write(f"  {key}: {reason}")
        if any(result.results.get(bad) for bad in ("quarantined", "refused")):
            raise CommandError(f"{len(result.odd)} events were set aside; see the quarantine in the office.")
