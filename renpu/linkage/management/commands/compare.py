"""`renpu compare police.csv forms.parquet -o pairs.csv --id number`: which records of two files are the same person.

Reads Parquet and CSV (UTF-8 or GB18030) and needs no census and no database. Columns named name, sex, birth, id_number,
address, household or phone are compared; --map says what other columns mean, and then only what it names is compared:

    --map name=姓名 birth=出生日期                the same columns in both files
    --map name=姓名,D1                           姓名 in the first file, D1 in the second
    --map surname:text=surname state:code=state  a field of your own with its type: name, text, date, code, number,
                                                 address

Each line of the outcome is a pair: left, right (the --id columns, or the number of the row from 0), probability, status
(linked: certain enough and one to one; unsure: for somebody to look at), reason. With --dedupe the records of one file
are compared with each other. What the command says of the links as a whole, which share is right and which share of the
people in both files was linked, is estimated from the records alone.
"""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from renpu.linkage import Field, LinkageRefused, files, link
from renpu.linkage.fields import STANDARD, standard


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def create_parser(self, *args, **kwargs):
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = type("Plain", (parser.formatter_class,), {"_fill_text": lambda s, text, w, i: text})
        return parser

    def add_arguments(self, parser):
        parser.add_argument("left", type=Path, metavar="A")
        parser.add_argument("right", type=Path, metavar="B", nargs="?")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="PAIRS", help=".parquet or .csv")
        parser.add_argument("--id", metavar="COLUMN[,COLUMN]", help="what tells the records apart, in A and in B")
        parser.add_argument("--map", nargs="+", action="extend", default=[], metavar="FIELD[:TYPE]=COLUMN[,COLUMN]")
        parser.add_argument("--dedupe", action="store_true", help="compare the records of A with each other")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args, **options):
        left, right = options["left"], options["right"]
        if options["dedupe"] == (right is not None):
            raise CommandError(_("Name two files, or one file and --dedupe."))
        for path in filter(None, (left, right)):
            if not path.is_file():
                raise CommandError(_("There is no file %(path)s.") % {"path": path})
        if not options["output"].parent.is_dir():
            raise CommandError(_("There is no folder %(path)s.") % {"path": options["output"].parent})
        began = time.monotonic()
        try:
            if options["map"]:
                fields = [_field(text) for text in options["map"]]
            else:
                fields = standard(files.columns(left), files.columns(right) if right else None)
            ids = _two(options["id"]) if options["id"] else None
            records = [files.read(left, [f.left for f in fields] + ([ids[0]] if ids else []))]
            if right:
                records.append(files.read(right, [f.right for f in fields] + ([ids[1]] if ids else [])))
            sizes = [len(file) for file in records]
            outcome = link(records.pop(0), records.pop() if records else None, fields, id=ids)
        except (LinkageRefused, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        pairs, quality = outcome.pairs, outcome.quality
        files.write(pairs, options["output"])
        told = {
            "left": sizes[0],
            "right": sizes[-1],
            "linked": pairs.filter(status="linked").height,
            "unsure": pairs.filter(status="unsure").height,
            "fields": [f.name for f in fields],
            "quality": quality.told(),
            "seconds": round(time.monotonic() - began, 1),
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            text = _("%(left)d records against %(right)d: %(linked)d linked, %(unsure)d unsure, in %(seconds)s s.")
            self.stdout.write(text % told)
            for share, text in (
                (quality.precision, _("Of these links %(value)s are believed to be right (%(low)s to %(high)s).")),
                (
                    quality.recall,
                    _("Of the people in both, %(value)s are believed to be linked (%(low)s to %(high)s)."),
                ),
            ):
                self.stdout.write(text % share.percent())


def _field(text: str) -> Field:
    name, equals, columns = text.partition("=")
    name, _colon, kind = name.partition(":")
    kind = kind or STANDARD.get(name, "")
    if not equals or not columns or not kind:
        raise CommandError(
            _("%(text)s does not say what to compare. Write name=COLUMN, or FIELD:TYPE=COLUMN for a field of your own.")
            % {"text": text}
        )
    return Field(name, kind, *_two(columns))


def _two(columns: str) -> tuple[str, str]:
    first, comma, second = columns.partition(",")
    return first, second if comma else first
