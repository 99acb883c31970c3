"""`renpu destroy-registers --due --witness 周敏`: the rows of deliveries whose time is over are destroyed for good.

Without --yes it lists them and asks twice. --rewrite writes the store anew where an earlier run could not (others held
it). The certificate of each stands on its page, and as .docx with --certificates FOLDER.
"""

import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from renpu.platform.models import local
from renpu.registers import certificate, destruction, mapping
from renpu.registers.models import Delivery
from renpu.registers.problems import RegisterRefused


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--due", action="store_true", help="every delivery whose last day is over")
        parser.add_argument("--delivery", action="append", default=[], help="this delivery, due or not (its key)")
        parser.add_argument("--area", default="", help="only deliveries for this area (code)")
        parser.add_argument("--on", metavar="DAY", help="the day to reckon from (default: today), as 2021-11-02")
        parser.add_argument("--witness", default="", help="who stands by (监销人)")
        parser.add_argument("--yes", action="store_true", help="do not ask; for a schedule")
        parser.add_argument("--rewrite", action="store_true", help="only write the store anew, destroy nothing more")
        parser.add_argument("--certificates", type=Path, metavar="FOLDER", help="write each certificate as .docx")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args, **options):
        mapping.drop_old(timezone.now())
        if options["rewrite"]:
            return self._rewrite()
        if not options["due"] and not options["delivery"]:
            raise CommandError(_("Say which deliveries: --due, or --delivery KEY."))
        found = self._found(options)
        for one in found if options["format"] == "text" else ():
            told = {"file": one.file_name, "rows": one.rows_read, "area": one.area_code, "day": one.keep_until}
            self.stdout.write(_("%(file)s, area %(area)s: %(rows)d rows, kept until %(day)s") % told)
        if not found:
            self.stdout.write("[]" if options["format"] == "json" else _("Nothing is due."))
            return None
        if not options["yes"]:
            self._ask(found)
        try:
            method = destruction.destroy(found, at=timezone.now(), by=None, witness=options["witness"])
        except RegisterRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self._tell(found, method, options)
        if method == destruction.DELETED:
            raise CommandError(
                _("The rows are deleted, but the store could not be written anew. Run again with --rewrite.")
            )
        return None

    def _found(self, options) -> list[Delivery]:
        try:
            on = date.fromisoformat(options["on"]) if options["on"] else local(timezone.now()).date()
        except ValueError as error:
            raise CommandError(_("%(text)s is no day. Write it as 2021-11-02.") % {"text": options["on"]}) from error
        if options["due"]:
            return list(destruction.due(on).in_area(options["area"]))
        return [self._named(key) for key in options["delivery"]]

    def _named(self, key: str) -> Delivery:
        """The one delivery whose key begins so."""
        found = list(Delivery.objects.filter(pk__startswith=key, destroyed_at=None).order_by("pk")[:2])
        if not found:
            raise CommandError(_("There is no delivery %(key)s whose rows are there.") % {"key": key})
        if len(found) > 1:
            raise CommandError(_("Several deliveries begin with %(key)s. Write more of the key.") % {"key": key})
        return found[0]

    def _ask(self, found: list[Delivery]) -> None:
        """Twice: once as a question, once by writing the number of rows."""
        rows = sum(one.rows_read for one in found)
        if input(_("Destroy them for good? (yes/no) ")).strip().lower() not in ("yes", "是"):
            raise CommandError(_("Nothing was destroyed."))
        if input(_("This cannot be undone. Write the number of rows to go on: ")).strip() != str(rows):
            raise CommandError(_("Nothing was destroyed."))

    def _tell(self, found: list[Delivery], method: str, options) -> None:
        if folder := options["certificates"]:
            folder.mkdir(parents=True, exist_ok=True)
            for one in found:
                told = certificate.certificate(one)
                (folder / f"{told.number}.docx").write_bytes(certificate.document(one))
        if options["format"] == "json":
            told = [{"delivery": str(one.pk), "rows": one.destruction["rows"], "method": method} for one in found]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        rows = sum(one.destruction["rows"] for one in found)
        self.stdout.write(_("%(n)d deliveries destroyed, %(rows)d rows.") % {"n": len(found), "rows": rows})

    def _rewrite(self) -> None:
        method = destruction.rewrite()
        if method == destruction.DELETED:
            raise CommandError(_("The store is in use and could not be written anew. Stop the server and run again."))
        destruction.rewritten(method)
        self.stdout.write(_("The store was written anew; nothing of deleted rows is left in it."))
