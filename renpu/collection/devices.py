"""Devices and their leases: pairing, revoking, who holds a block, taking a block away while its holder is offline."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from renpu.collection.models import Device, Lease, PairingCode, PairingTry
from renpu.platform.models import Census
from renpu.staff.models import Assignment, Staff

CODE_LIVES = timedelta(hours=1)
TRIES, TRIES_WITHIN = 10, timedelta(minutes=10)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def new_pairing_code(staff: Staff, census: Census, *, at: datetime) -> str:
    """Eight digits for one device of this member of staff; earlier unused codes of the person are void."""
    with transaction.atomic():
        PairingCode.objects.filter(staff=staff, used_at=None).delete()
        while True:
            code = f"{secrets.randbelow(10**8):08d}"
            _, fresh = PairingCode.objects.get_or_create(
                code_hash=_hash(code), defaults={"census_id": census.pk, "staff": staff, "made_at": at}
            )
            if fresh:
                return code


def too_many_tries(address: str, now: datetime) -> bool:
    return PairingTry.objects.filter(address=address[:45], at__gt=now - TRIES_WITHIN).count() >= TRIES


def pair(code: str, name: str, *, at: datetime, address: str) -> tuple[Device, str, str] | None:
    """(device, token, secret) for a fresh code, and the blocks of its owner leased to the device; None for any other
    code."""
    with transaction.atomic():
        used = PairingCode.objects.filter(code_hash=_hash(code), used_at=None, made_at__gt=at - CODE_LIVES)
        if not used.update(used_at=at):
            PairingTry.objects.create(address=address[:45], at=at)
            return None
        row = PairingCode.objects.select_related("staff").get(code_hash=_hash(code))
        token, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        device = Device.objects.create(
            census_id=row.census_id, staff=row.staff, name=name, token_hash=_hash(token), paired_at=at
        )
        mine = Assignment.objects.filter(staff=row.staff, duty=Staff.Duty.ENUMERATOR, until=None)
        for block_code in mine.order_by("block_code").values_list("block_code", flat=True):
            free = Lease.objects.filter(census_id=row.census_id, block_code=block_code, device__staff=row.staff)
            if free.exists() or not Lease.objects.filter(census_id=row.census_id, block_code=block_code).exists():
                lease(row.census_id, block_code, device, at=at)
    return device, token, secret


def lease(census_id: int, block_code: str, device: Device | None, *, at: datetime) -> int:
    """Give a block to a device (None: to nobody) and return the new fencing number; older work then goes to merge
    tasks."""
    with transaction.atomic():
        row, made = Lease.objects.get_or_create(
            census_id=census_id, block_code=block_code, defaults={"device": device, "since": at}
        )
        if not made:
            Lease.objects.filter(pk=row.pk).update(device=device, since=at, fence=F("fence") + 1)
            row.refresh_from_db()
        return row.fence


def revoke(device: Device, *, at: datetime) -> None:
    """Sign a device off: its token is void, its blocks are free, what it still holds comes back as merge tasks."""
    with transaction.atomic():
        Device.objects.filter(pk=device.pk).update(revoked_at=at, token_hash=None)
        for row in Lease.objects.filter(device=device).order_by("block_code"):
            lease(row.census_id, row.block_code, None, at=at)


def by_token(token_hash: bytes) -> Device | None:
    return Device.objects.select_related("staff").filter(token_hash=token_hash, revoked_at=None).first()


def blocks_ever_of(device: Device) -> list[str]:
    """Blocks that the device's owner works or has worked: work done before a reassignment is still taken in."""
    return list(
        Assignment.objects.filter(staff=device.staff_id)
        .order_by("block_code")
        .values_list("block_code", flat=True)
        .distinct()
    )


def blocks_held_by(device_id: UUID) -> list[str]:
    """Blocks that are leased to the device now."""
    held = Lease.objects.filter(device_id=device_id).order_by("block_code")
    return list(held.values_list("block_code", flat=True))


def census_of(device: Device) -> Census:
    return Census.objects.get(pk=device.census_id)


def reassign(census_id: int, block_code: str, staff: Staff, *, at: datetime) -> int:
    """Give a block to another enumerator: the lease goes to the person's newest device, to nobody while there is none.

    Returns the new fencing number. What the former holder still sends, also from offline, becomes merge tasks.
    """
    with transaction.atomic():
        held = Assignment.objects.filter(block_code=block_code, duty=Staff.Duty.ENUMERATOR, until=None)
        if not held.filter(staff=staff).exists():
            held.update(until=at)
            Assignment.objects.create(block_code=block_code, staff=staff, duty=Staff.Duty.ENUMERATOR, since=at)
        mine = Device.objects.filter(census_id=census_id, staff=staff, revoked_at=None).exclude(token_hash=None)
        return lease(census_id, block_code, mine.order_by("-paired_at", "-id").first(), at=at)
