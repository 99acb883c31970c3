"""Deliveries destroyed when their time is over: the rows go, the record with its counts and the file's hash stays.

What is guaranteed. SQLite: the rows are overwritten with zeros as they are deleted (secure_delete), the write-ahead
log is emptied and the database file is written anew (VACUUM), so that no page of it holds them. PostgreSQL: the table
and its indexes are written anew (VACUUM FULL) and the old files are removed. What is not: copies made before (backups,
exports, an archive of PostgreSQL's log), and what a disk keeps of files that were removed. Those are the office's to
destroy, and the certificate says so.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Q
from django.utils.module_loading import import_string

from renpu.platform.models import Census, local
from renpu.platform.office import author, census_in_hand
from renpu.registers import places, problems
from renpu.registers.holders import HOLDERS
from renpu.registers.models import (
    Delivery,
    DeliveryArea,
    DeliveryStep,
    OpenAddress,
    PlacedCount,
    RegisterRow,
    SourceConflict,
)
from renpu.registers.problems import RegisterRefused

OVERWRITTEN, REWRITTEN, DELETED = "overwritten", "rewritten", "deleted"
TABLES = (RegisterRow, OpenAddress, SourceConflict, PlacedCount)
BATCH = 20_000  # rows deleted by one statement
SHOWN = 8  # letters of the hash that a person writes to confirm


def kept_until(delivery: Delivery) -> date:
    """The last day on which the rows of a delivery are kept: `register_days` of its census after T0, or after its
    receipt where that is later."""
    census = Census.objects.filter(pk=delivery.census_id).first() or census_in_hand()
    days = census.parameter("register_days") if census else 365
    since = max(delivery.received_at, census.t0) if census else delivery.received_at
    return local(since).date() + timedelta(days=days)


def due(on: date):
    """Deliveries whose rows are to be destroyed on this day."""
    there = Delivery.objects.filter(destroyed_at=None, keep_until__lt=on).exclude(state=Delivery.State.LOADING)
    return there.order_by("keep_until", "id")


def keep(delivery: Delivery, until: date, *, at: datetime, by, why: str) -> None:
    """Change the day; RegisterRefused for a day that is over, without a reason, or after the destruction."""
    if until <= local(at).date():
        raise RegisterRefused(problems.DATE_WRONG % {"found": until.isoformat()})
    if not why.strip():
        raise RegisterRefused(problems.WHY_KEPT)
    with transaction.atomic():
        found = _there(delivery)
        found.keep_until = until
        found.save(update_fields=["keep_until"])
        note = f"{until:%Y-%m-%d} · {why.strip()}"
        places.step(found, DeliveryStep.Did.KEPT, at=at, by=author(by), note=note)


def destroy(deliveries: list[Delivery], *, at: datetime, by, witness: str) -> str:
    """Destroy the rows of deliveries; gives the method that was reached. Nobody can undo it.

    RegisterRefused without a witness, or for a delivery that is being loaded or was destroyed before. The deletion is
    a transaction a delivery; then the store is written anew, once for all.
    """
    if not witness.strip():
        raise RegisterRefused(problems.WITNESS_MISSING)
    for delivery in deliveries:
        _there(delivery, lock=False)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("pragma secure_delete = on")
    for delivery in deliveries:
        with transaction.atomic():
            _delete(_there(delivery), at, by, witness.strip())
    method = rewrite()
    for delivery in deliveries:
        delivery.refresh_from_db()
        delivery.destruction["method"] = method
        delivery.save(update_fields=["destruction"])
    return method


def rewrite() -> str:
    """Write the store anew so that nothing of deleted rows is left in it; gives the method reached. Inside a
    transaction, or while others hold the store, it cannot be done: the method is then `deleted`."""
    if connection.in_atomic_block:
        return DELETED
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("pragma wal_checkpoint(truncate)")
                cursor.execute("vacuum")
                busy = cursor.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
                return DELETED if busy else OVERWRITTEN
            for model in TABLES:
                cursor.execute(f"vacuum (full, analyze) {model._meta.db_table}")
            return REWRITTEN
    except DatabaseError:
        return DELETED


def rewritten(method: str) -> None:
    """Note the method on deliveries that were destroyed before the store could be written anew."""
    for delivery in Delivery.objects.exclude(destroyed_at=None).filter(destruction__method=DELETED):
        delivery.destruction["method"] = method
        delivery.save(update_fields=["destruction"])


def _there(delivery: Delivery, lock: bool = True) -> Delivery:
    """The delivery, locked, if its rows are there."""
    rows = Delivery.objects.select_for_update() if lock else Delivery.objects
    found = rows.get(pk=delivery.pk)
    found.must_have_rows()
    if found.state == Delivery.State.LOADING:
        raise RegisterRefused(problems.DELIVERY_LOADING)
    return found


def _delete(delivery: Delivery, at: datetime, by, witness: str) -> None:
    held: Counter = Counter()
    for name in HOLDERS:
        held.update(import_string(name)(delivery))
    placed = dict(PlacedCount.objects.filter(delivery=delivery).values_list("placed").annotate(n=Count("pk")))
    rows = RegisterRow.objects.filter(delivery=delivery).count()
    _keep_totals(delivery)
    SourceConflict.objects.filter(Q(delivery=delivery) | Q(other_delivery=delivery)).delete()
    for model in (OpenAddress, PlacedCount):
        model.objects.filter(delivery=delivery).delete()
    _delete_rows(delivery)
    delivery.told = [{**one, "found": ""} for one in delivery.told]
    delivery.problems = {code: {"rows": of["rows"], "first": []} for code, of in delivery.problems.items()}
    delivery.destroyed_at = at
    delivery.destruction = {
        "rows": rows,
        "by": author(by) if by else "",
        "witness": witness,
        "held": dict(held),
        "placings": len(placed),
        "method": DELETED,
    }
    delivery.save(update_fields=["told", "problems", "destroyed_at", "destruction"])
    did = DeliveryStep.Did.DESTROYED
    places.step(delivery, did, at=at, by=author(by) if by else "", rows=rows, note=witness)


def _delete_rows(delivery: Delivery) -> None:
    """By slices, so that no statement holds millions of rows at once."""
    table, key = RegisterRow._meta.db_table, delivery.pk if connection.vendor == "postgresql" else delivery.pk.hex
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"delete from {table} where id in (select id from {table} where delivery_id = %s limit {BATCH})", [key]
            )
            if cursor.rowcount < BATCH:
                return


def _keep_totals(delivery: Delivery) -> None:
    """What the totals of the register (`queries.police_totals`) need, by area: rows, distinct rows, households."""
    counted = (
        RegisterRow.objects.filter(delivery=delivery, refused=False)
        .values_list("area_code")
        .annotate(
            rows=Count("pk"),
            persons=Count("typed_index", distinct=True),
            households=Count("household_no", distinct=True, filter=~Q(household_no="")),
        )
    )
    totals = {area: numbers for area, *numbers in counted}
    for area in DeliveryArea.objects.filter(delivery=delivery):
        area.rows, area.persons, area.households = totals.get(area.area_code, (0, 0, 0))
        area.save(update_fields=["rows", "persons", "households"])
