"""`renpu demo`: a census loaded from a street folder, its season played through the write path, then served."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from renpu.collection.models import BlockNow
from renpu.coverage.reconcile import reconcile
from renpu.geography.models import Area, Block
from renpu.listing.models import Household
from renpu.platform.models import Census, Post, Role
from renpu.registers.actions import accept, stage
from renpu.registers.models import Delivery
from renpu.registers.recognise import recognise, the_one
from renpu.registers.sources import SOURCES
from renpu.site.management.commands.init import prepare
from renpu.staff.models import Assignment, Staff
from renpu.synthetic.frame import StreetFolder, load_frame, packaged_street
from renpu.synthetic.management.commands.play import played
from renpu.tracing import units
from renpu.tracing.models import HukouUnit, UnitRoster

PASSWORD = "renpu-demo"


class Command(BaseCommand):
    help = __doc__ + "\n\nExample: renpu demo --street my-street --home my-census --no-serve"

    def add_arguments(self, parser):
        parser.add_argument("--street", type=Path, metavar="DIR", help="street folder (default: the packaged sample)")
        parser.add_argument("--no-serve", action="store_true", help="load only")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, street, no_serve, host, port, **options):
        folder = street or packaged_street()
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            of = StreetFolder(folder)
        except FileNotFoundError as problem:
            raise CommandError(str(problem)) from None
        prepare()
        census, _ = load_frame(of)
        self.registers(of)
        result = played(folder)
        told = ", ".join(f"{n} {name}" for name, n in sorted(result.results.items()))
        self.stdout.write(f"Season played: {told}.")
        for key, reason in result.odd[:20]:
            self.stderr.write(f"  {key}: {reason}")
        compared = reconcile(census, of.street_code, at=timezone.now())[2]
        self.stdout.write(
            f"Registers and forms compared: {compared.new + compared.known} differences to be looked into."
        )
        names = accounts(of.street_code)
        collective_hukou(census, of)
        self.stdout.write(f"Data in {settings.HOME}. Accounts, password {PASSWORD}:")
        for name, role, area in names:
            self.stdout.write(f"  {name:<12}{role:<26}{area}")
        if any(result.results.get(bad) for bad in ("quarantined", "refused")):
            raise CommandError(f"{len(result.odd)} events were set aside.")
        if not no_serve:
            call_command("serve", host=host, port=port)

    def registers(self, street: StreetFolder) -> None:
        """Every list of the street, found by what it is, and accepted; a second one of the police for one committee
        waits to be compared."""
        later = street.season.get("registers_later", {})
        for path in sorted((street.path / "registers").iterdir(), key=_police_first):
            source = the_one(recognise(path, SOURCES))
            if source is None:
                self.stderr.write(f"{path.name} is no register that is known here. It was not loaded.")
                continue
            committee = path.stem.rpartition("_")[2]
            area = Area.objects.filter(code=committee).first()
            at = datetime.fromisoformat(later.get(source.name, street.season["registers_at"]))
            delivery = stage(path, source, area=area.code if area else street.street_code, at=at)
            if area is None and delivery.state == Delivery.State.RECEIVED:
                accept(delivery, at=at)
            self.stdout.write(f"Register {path.name} ({source.name}): {delivery.get_state_display()}.")


def collective_hukou(census: Census, street: StreetFolder) -> None:
    """The employer of the street as a unit: its line in the virtual block, and its people from the list that came."""
    delivery = Delivery.objects.of("employer").filter(state=Delivery.State.ACCEPTED).first()
    block = Block.objects.in_area(street.street_code).filter(virtual=True).order_by("code").first()
    line = Household.objects.of(census).filter(block_code=block.code).first() if block else None
    if delivery is None or line is None or HukouUnit.objects.filter(household_id=line.pk).exists():
        return
    by = get_user_model().objects.get(username="office")
    how = {"by": by, "at": timezone.now()}
    unit = units.make_unit(census, block, "沪东海洋保险（虚构）", "丁一", "12500000001", line, **how)
    roster = UnitRoster.objects.create(unit=unit, delivery=delivery, at=delivery.received_at)
    units.take_over(census, roster, **how)


def _police_first(path: Path) -> tuple[bool, str]:
    return not path.name.startswith("hukou"), path.name


@transaction.atomic
def accounts(street_code: str) -> list[tuple[str, str, str]]:
    """Demo accounts, one a role: (name, role, area). They work in a demo installation only."""
    users = get_user_model().objects
    busiest = BlockNow.objects.in_area(street_code).order_by("-visits", "block_code").first()
    block = busiest.block_code if busiest else street_code
    duties = dict(Assignment.objects.filter(block_code=block, until=None).values_list("duty", "staff_id"))
    area = block[:12]
    committees = Area.objects.in_area(street_code).exclude(code=area).order_by("code").values_list("code", flat=True)
    other = next((code for code in committees if len(code) == 12), None)
    told = []
    for name, role, code, staff_id in (
        ("office", Role.STREET_OFFICE, street_code, None),
        ("area", Role.AREA_HEAD, area, None),
        ("supervisor", Role.SUPERVISOR, area, duties.get("supervisor")),
        ("enumerator", Role.ENUMERATOR, block, duties.get("enumerator")),
        ("inspector", Role.INSPECTOR, street_code, None),
        *((("area2", Role.AREA_HEAD, other, None),) if other else ()),
        ("police", Role.POLICE, street_code, None),
    ):
        user, fresh = users.get_or_create(username=name)
        if fresh:
            user.set_password(PASSWORD)
            user.save()
        Post.objects.get_or_create(user=user, role=role, area_code=code)
        if staff_id:
            Staff.objects.filter(pk=staff_id, user=None).update(user=user)
        told.append((name, str(Role(role).label), code))
    return told
