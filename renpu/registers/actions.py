"""Everything that writes deliveries: taking a file in, accepting or refusing it, and what changed since the last
one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import BinaryField, Count, Exists, OuterRef, Value
from django.db.models.functions import Coalesce

from renpu.concepts import identity_number, names
from renpu.geography.matching import Frame
from renpu.geography.models import Area
from renpu.platform import vault
from renpu.platform.office import author
from renpu.registers import conflicts, destruction, places, problems, quality
from renpu.registers.lines import Told
from renpu.registers.models import Delivery, DeliveryArea, DeliveryStep, RegisterRow
from renpu.registers.problems import RegisterRefused
from renpu.registers.reading import Reading, Row
from renpu.registers.source import RegisterSource

_COMMITTEE_ENDINGS = (
    "社区居民委员会",
    "社区居委会",
    "居民委员会",
    "村民委员会",
    "居委会",
    "村委会",
    "社区",
    "居委",
    "村",
)

COLUMNS = [
    "delivery_id",
    "sheet",
    "number",
    "area_code",
    "household_no",
    "household_kind",
    "relation",
    "sex",
    "birth",
    "ethnic",
    "address",
    "name_sealed",
    "name_index",
    "id_sealed",
    "id_index",
    "phone_sealed",
    "person_index",
    "typed_index",
    "refused",
    "duplicate_of",
    "more",
    "problems",
    "happened_on",
    "use",
    "block_code",
    "placed",
    "kin_name_sealed",
    "kin_name_index",
    "kin_id_sealed",
    "kin_id_index",
    "persons",
]
_NOT_IN_MORE = frozenset(
    {"household_kind", "relation", "ethnic", "address", "phone", "use"}
)  # other values of a row that have a field of their own


def stage(
    path: Path,
    source: RegisterSource,
    *,
    area: str,
    at: datetime,
    by=None,
    census_id: int | None = None,
    progress: Callable[[int], None] = lambda size: None,
) -> Delivery:
    """Take a file in for an area: its rows as they are, with their problems. Returns the delivery, `received` or
    `refused`; the same file for the same area again gives the delivery that is there, unless its rows were destroyed.
    Raises RegisterRefused for an unknown area, a file that is not there, or one that is loaded twice at a time."""
    staging = Staging(Reading(path, source, at.date()), area=area, at=at, by=by, census_id=census_id)
    for _ in staging.slices(progress):
        pass
    return staging.delivery


class Staging:
    """A file on its way in. `slices` gives the rows while they are stored; `delivery` is decided when they are all
    there.

    Each slice is a transaction of its own, so that nobody waits for a long file; a load that was cut short leaves a
    delivery `loading`, which counts nowhere and is dropped when the file is loaded again. Of two loads of one file at
    a time the later one goes on; the other raises RegisterRefused.
    """

    def __init__(self, reading: Reading, *, area: str, at: datetime, by=None, census_id: int | None = None):
        if not Area.objects.filter(code=area).exists():
            raise RegisterRefused(problems.AREA_UNKNOWN % {"code": area})
        try:
            digest, size = _fingerprint(reading.path)
        except OSError as error:
            raise RegisterRefused(
                problems.FILE_NOT_READABLE % {"file": reading.path, "found": error.strerror or error}
            ) from error
        self.reading = reading
        same = Delivery.objects.of(reading.source.name).filter(area_code=area, sha256=digest)
        counted = same.exclude(state__in=[Delivery.State.LOADING, Delivery.State.REFUSED])
        there = counted.filter(destroyed_at=None).first()
        self.was_there = there is not None
        if there:
            self.delivery = there
            return
        same.filter(state=Delivery.State.LOADING).delete()
        self.delivery = Delivery.objects.create(
            census_id=census_id,
            source=reading.source.name,
            area_code=area,
            file_name=reading.path.name,
            sha256=digest,
            size=size,
            received_at=at,
            received_by=by,
        )

    def slices(self, advanced: Callable[[int], None] = lambda size: None) -> Iterator[list[Row]]:
        """The rows of the file, stored; none for a file that was there."""
        if self.was_there:
            return
        stored = _StoredRows(self.delivery, self.reading)
        for rows in self.reading.slices(advanced):
            with transaction.atomic():
                self._still_there()
                _insert([stored.values(row) for row in rows])
            yield rows
        try:
            with transaction.atomic():
                self._still_there()
                _finish(self.delivery, self.reading)
        except IntegrityError:  # the same file began in the same moment and is in already
            self.delivery.delete()
            raise RegisterRefused(problems.LOADED_TWICE % {"file": self.reading.path.name}) from None

    def _still_there(self) -> None:
        """RegisterRefused where somebody has begun to load the same file, who took this load for one cut short."""
        if not Delivery.objects.select_for_update().filter(pk=self.delivery.pk).exists():
            raise RegisterRefused(problems.LOADED_TWICE % {"file": self.reading.path.name})


def accept(
    delivery: Delivery,
    *,
    at: datetime,
    by=None,
    place_up_to: int | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> None:
    """Make a received delivery the valid list of the committees it has rows of, and look its addresses up in the
    frame; RegisterRefused if it was decided before or its rows are destroyed. A list of more than `place_up_to` rows is
    left to `renpu place`. One that was received before a valid list of all its committees is superseded at once.
    """
    with transaction.atomic():
        found = _undecided(delivery)
        _decide(found, Delivery.State.ACCEPTED, at, by)
        _supersede_covered(found)
        found.refresh_from_db()
    if found.state == Delivery.State.SUPERSEDED:
        delivery.refresh_from_db()
        return
    if place_up_to is None or found.rows_read <= place_up_to:
        look_up(found, at=at, by=author(by) if by else "", progress=progress)
    delivery.refresh_from_db()


def look_up(
    delivery: Delivery,
    *,
    at: datetime,
    by: str = "",
    frame: Frame | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Counter:
    """Everything that is known of an accepted delivery only with the frame and the other lists: where its addresses
    lie, how good it is, and what other lists say differently. Gives rows by code of `address_placing`."""
    counts = places.place(delivery, at=at, by=by, frame=frame, progress=progress)
    quality.measure(delivery)
    conflicts.find(delivery)
    return counts


def refuse(delivery: Delivery, *, at: datetime, by=None, why: str) -> None:
    """Put a received delivery aside; its rows stay for the record. RegisterRefused if it was decided before."""
    with transaction.atomic():
        _decide(_undecided(delivery), Delivery.State.REFUSED, at, by, why)
    delivery.refresh_from_db()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a delivery says against the list it would replace. Each part is a query set of rows; `changed` holds the
    new ones."""

    against: Delivery | None
    new: "RegisterRow.QuerySet"
    gone: "RegisterRow.QuerySet"
    changed: "RegisterRow.QuerySet"


def difference(delivery: Delivery) -> Difference:
    """Rows new, gone and changed against the newest other accepted delivery of the same source and area. A person is
    the same by identity number, else by household number and name; changed is a difference in household, name, sex,
    birth, address, relation or committee."""
    before = (
        Delivery.objects.of(delivery.source)
        .filter(area_code=delivery.area_code, state__in=[Delivery.State.ACCEPTED, Delivery.State.SUPERSEDED])
        .filter(received_at__lt=delivery.received_at)
        .newest_first()
        .first()
    )
    mine = RegisterRow.objects.filter(delivery=delivery, refused=False)
    if before is None:
        return Difference(None, mine, mine.none(), mine.none())
    theirs = RegisterRow.objects.filter(delivery=before, refused=False)
    person = {"person_index": OuterRef("person_index")}
    stated = {name: Coalesce(name, empty) for name, empty in _COMPARED.items()}
    equal = {f"stated_{name}": Coalesce(OuterRef(name), empty) for name, empty in _COMPARED.items()}
    there = theirs.annotate(**{f"stated_{name}": value for name, value in stated.items()}).filter(**person)
    return Difference(
        before,
        new=mine.filter(~Exists(theirs.filter(**person))),
        gone=theirs.filter(~Exists(mine.filter(**person))),
        changed=mine.filter(Exists(there)).filter(~Exists(there.filter(**equal))),
    )


_COMPARED = {
    "household_no": Value(""),
    "name_index": Value(b"", output_field=BinaryField()),
    "sex": Value(0),
    "birth": Value(""),
    "address": Value(""),
    "relation": Value(""),
    "area_code": Value(""),
}


def seal_place(delivery_id, sheet: str, number: int, field: str) -> bytes:
    """What binds a sealed value to its row: delivery, sheet, number and field."""
    return f"{delivery_id}/{sheet}/{number}/{field}".encode()


class _StoredRows:
    """Turns rows into the values of a table row: sealed, indexed, placed in their committee."""

    def __init__(self, delivery: Delivery, reading: Reading):
        self.delivery = delivery
        self.reading = reading
        self.place = str(delivery.pk)
        self.key = _uuid(delivery)
        codes: dict[str, str] = {}
        for code, name in Area.objects.in_area(delivery.area_code).values_list("code", "name"):
            if len(code) == 12:
                for written in (name, committee_key(name), code):
                    codes[written] = code if codes.get(written, code) == code else ""  # two of one name: none is meant
        self.codes = codes

    def values(self, row: Row) -> tuple:
        stated = row.values
        area = self._area(row)
        name, number, phone = row.name, row.id, stated.get("phone", "")
        return (
            self.key,
            row.sheet,
            row.number,
            area,
            row.household_no,
            stated.get("household_kind", ""),
            stated.get("relation", ""),
            row.sex,
            row.birth,
            stated.get("ethnic", ""),
            stated.get("address", ""),
            self._seal(name, row, "name"),
            _index_of_name(name),
            self._seal(number or row.unread.get("id", ""), row, "id"),
            _index_of_number(number),
            self._seal(phone, row, "phone"),
            self._same(row),
            vault.blind_index("\0".join(row.typed), "as typed"),
            row.refused,
            row.twin and row.twin[1],
            _json(_more(row)),
            _json([told_as_list(told) for told in row.problems]),
            row.happened_on,
            stated.get("use", ""),
            "",
            "",
            self._seal(row.kin_name, row, "kin_name"),
            _index_of_name(row.kin_name),
            self._seal(row.kin_id or row.unread.get("kin_id", ""), row, "kin_id"),
            _index_of_number(row.kin_id),
            row.persons,
        )

    def _same(self, row: Row) -> bytes | None:
        """What finds the row again in another delivery: the identity number, else what the source says."""
        source = self.reading.source
        if row.id and source.found_by_id:
            return _index_of_number(row.id)
        if not any(row.same) or (source.unit == "person" and not row.name):
            return None
        return vault.blind_index("\0".join(row.same), "household and name")

    def _seal(self, text: str, row: Row, field: str) -> bytes | None:
        return vault.seal(text, seal_place(self.place, row.sheet, row.number, field)) if text else None

    def _area(self, row: Row) -> str:
        named = row.values.get("committee", "")
        if not named:
            return self.delivery.area_code
        code = self.codes.get(named) or self.codes.get(committee_key(named))
        if not code:
            told = Told(
                "committee_unknown", row.sheet, row.number, self.reading.source.column("committee").header, named[:60]
            )
            row.problems.append(told)
            self.reading.count(told)
        return code or self.delivery.area_code


def _index_of_name(name: str) -> bytes | None:
    return vault.blind_index(names.key(name), "name") if name else None


def _index_of_number(number: str) -> bytes | None:
    return vault.blind_index(identity_number.same(number), "id") if number else None


def _more(row: Row) -> dict[str, object]:
    """The values that have no field of their own; electricity by month, and which months of it were estimated."""
    more: dict[str, object] = {key: text for key, text in row.values.items() if key not in _NOT_IN_MORE}
    if row.kwh:
        more["kwh"] = dict(sorted(row.kwh.items()))
    if row.estimated:
        more["estimated"] = sorted(row.estimated)
    return more


def committee_key(name: str) -> str:
    """A committee's name without what kind of committee it is: 提篮桥居委会 -> 提篮桥."""
    short = "".join(name.split())
    return next((short.removesuffix(end) for end in _COMMITTEE_ENDINGS if short.endswith(end) and short != end), short)


def told_as_list(told: Told) -> list:
    return [told.code, told.column, told.found, told.values]


def told_as_dict(told: Told) -> dict:
    return {
        "code": told.code,
        "sheet": told.sheet,
        "row": told.row,
        "column": told.column,
        "found": told.found,
        **({"values": told.values} if told.values else {}),
    }


def _insert(rows: Iterable[tuple]) -> None:
    """Rows in the order of COLUMNS, by the fastest way the store has."""
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"copy registers_registerrow ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(f"insert into registers_registerrow ({names}) values ({marks})", rows)


def _finish(delivery: Delivery, reading: Reading) -> None:
    with transaction.atomic():
        counts = (
            RegisterRow.objects.filter(delivery=delivery)
            .values_list("area_code")
            .annotate(rows=Count("pk"))
            .order_by("area_code")
        )
        areas = {
            delivery.area_code: 0,
            **dict(counts),
        }  # its own area too: rows whose committee was unknown are replaced with it
        DeliveryArea.objects.bulk_create(
            DeliveryArea(delivery=delivery, area_code=code, rows=rows) for code, rows in sorted(areas.items())
        )
        if reading.refusals:
            RegisterRow.objects.filter(delivery=delivery).delete()
            DeliveryArea.objects.filter(delivery=delivery).delete()
            delivery.state = Delivery.State.REFUSED
        else:
            delivery.state = Delivery.State.RECEIVED
        delivery.format, delivery.encoding = reading.format, reading.encoding
        delivery.rows_read, delivery.rows_kept, delivery.rows_refused = reading.read, reading.kept, reading.refused
        delivery.duplicates, delivery.problem_count = reading.duplicates, reading.problem_count
        delivery.columns = {
            sheet: {"header_rows": [header.first_row, header.last_row], "at": header.at}
            for sheet, header in reading.headers.items()
        }
        delivery.skipped = dict(reading.skipped)
        delivery.told = [told_as_dict(told) for told in reading.told]
        delivery.problems = {
            code: {"rows": number, "first": [told_as_dict(told) for told in reading.examples[code]]}
            for code, number in reading.found.most_common()
        }
        delivery.keep_until = destruction.kept_until(delivery)
        delivery.save()
        by = author(delivery.received_by) if delivery.received_by else ""
        places.step(delivery, DeliveryStep.Did.RECEIVED, at=delivery.received_at, by=by, rows=delivery.rows_read)


def _undecided(delivery: Delivery) -> Delivery:
    found = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if found.state != Delivery.State.RECEIVED:
        raise RegisterRefused(problems.DELIVERY_NOT_RECEIVED % {"state": found.get_state_display()})
    found.must_have_rows()
    return found


def _decide(delivery: Delivery, state: str, at: datetime, by, why: str = "") -> None:
    delivery.state, delivery.decided_at, delivery.decided_by, delivery.decision = state, at, by, why
    delivery.save(update_fields=["state", "decided_at", "decided_by", "decision"])
    did = DeliveryStep.Did.ACCEPTED if state == Delivery.State.ACCEPTED else DeliveryStep.Did.REFUSED
    places.step(delivery, did, at=at, by=author(by) if by else "", rows=delivery.rows_kept, note=why)


def _supersede_covered(accepted: Delivery) -> None:
    """An accepted delivery is superseded by one of the same source that was received later and has its areas: older
    ones by this one, this one by a newer one that was accepted first."""
    codes = set(accepted.areas.values_list("area_code", flat=True))
    others = Delivery.objects.of(accepted.source).filter(state=Delivery.State.ACCEPTED, areas__area_code__in=codes)
    for other in others.exclude(pk=accepted.pk).distinct():
        of_other = set(other.areas.values_list("area_code", flat=True))
        if other.received_at <= accepted.received_at and of_other <= codes:
            Delivery.objects.filter(pk=other.pk).update(state=Delivery.State.SUPERSEDED)
        elif other.received_at > accepted.received_at and codes <= of_other:
            Delivery.objects.filter(pk=accepted.pk).update(state=Delivery.State.SUPERSEDED)


def _fingerprint(path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _uuid(delivery: Delivery):
    """The key of a delivery as the store's driver takes it."""
    return delivery.pk if connection.features.has_native_uuid_field else delivery.pk.hex


def _json(value) -> str:
    return orjson.dumps(value).decode()
