import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet
from renpu.platform.models import local
from renpu.registers.problems import DELIVERY_DESTROYED, RegisterRefused


class Delivery(models.Model):
    """One file of a register as it was received. Its rows never change; a better list is another delivery."""

    class State(models.TextChoices):
        LOADING = "loading", _("Being loaded")
        RECEIVED = "received", _("Received")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        SUPERSEDED = "superseded", _("Superseded")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, source: str):
            return self.filter(source=source)

        def newest_first(self):
            return self.order_by("-received_at", "-id")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    census_id = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=40)
    area_code = models.CharField(max_length=12, help_text="the area the file was sent for")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    format = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.LOADING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=400, blank=True, help_text="why it was refused")
    rows_read = models.PositiveIntegerField(default=0)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=dict, help_text="by sheet: header row, and the position of each column from 0")
    skipped = models.JSONField(default=dict, help_text="lines that are no rows, counted by kind")
    told = models.JSONField(default=list, help_text="what is to tell about the file; personal values masked")
    problems = models.JSONField(default=dict, help_text="by code: how many rows, and the first of them; masked")
    placed_at = models.DateTimeField(null=True, blank=True, help_text="when its addresses were last looked up")
    quality = models.JSONField(default=dict, help_text="measure -> [rows that pass, rows asked], see `quality`")
    keep_until = models.DateField(null=True, blank=True, help_text="its rows are destroyed after this day")
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destruction = models.JSONField(
        default=dict, help_text="what was destroyed, by whom, how: counts, no personal value"
    )

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["source", "area_code", "received_at"], name="delivery_source_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "area_code", "sha256"],
                condition=models.Q(state__in=["received", "accepted", "superseded"], destroyed_at=None),
                name="one_file_delivered_once",
            )
        ]

    def __str__(self):
        return f"{self.source} {self.file_name}"

    def must_have_rows(self) -> None:
        """RegisterRefused where the rows were destroyed."""
        if self.destroyed_at:
            raise RegisterRefused(DELIVERY_DESTROYED % {"at": f"{local(self.destroyed_at):%Y-%m-%d}"})


class DeliveryArea(models.Model):
    """A delivery has rows in an area: kept so that the newest list of each committee is found without a scan."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="areas")
    area_code = models.CharField(max_length=12)
    rows = models.PositiveIntegerField()
    persons = models.PositiveIntegerField(null=True, help_text="rows that differ, kept when the rows are destroyed")
    households = models.PositiveIntegerField(null=True, help_text="household numbers, kept when the rows are destroyed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "area_code"], name="one_delivery_area")]
        indexes = [models.Index(fields=["area_code"], name="delivery_area_code")]

    def __str__(self):
        return f"{self.area_code}: {self.rows}"


class RegisterRow(models.Model):
    """One row of a delivery: a person, a dwelling, a meter, a birth or a death, as its source says (`unit`).

    `sheet` and `number` say where it stands in the file; with the field's name they also bind the sealed values to this
    row (`actions.seal_place`).
    """

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def with_codes(self, codes: list[str]):
            """The rows that have one of these problems."""
            wanted = models.Q(pk__in=[])
            for code in codes:
                wanted |= models.Q(told__contains=f'"{code}"')
            return self.annotate(told=Cast("problems", models.TextField())).filter(wanted)

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=255, blank=True)
    number = models.PositiveIntegerField(help_text="line or row in the file, from 1")
    area_code = models.CharField(max_length=12, help_text="the committee, or the delivery's area where it is not known")
    household_no = models.CharField(max_length=40, blank=True)
    household_kind = models.CharField(max_length=20, blank=True)
    relation = models.CharField(max_length=40, blank=True)
    sex = models.PositiveSmallIntegerField(null=True, blank=True)
    birth = models.CharField(max_length=10, blank=True, help_text="ISO date or year-month")
    ethnic = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=300, blank=True)
    name_sealed = models.BinaryField(null=True)
    name_index = models.BinaryField(max_length=16, null=True)
    id_sealed = models.BinaryField(null=True)
    id_index = models.BinaryField(max_length=16, null=True)
    phone_sealed = models.BinaryField(null=True)
    person_index = models.BinaryField(
        max_length=16, null=True, help_text="identity number, else household number and name"
    )
    typed_index = models.BinaryField(
        max_length=16, help_text="household number, name, identity number letter for letter"
    )
    kin_name_sealed = models.BinaryField(null=True, help_text="whom the row names besides: mother, owner, reporter")
    kin_name_index = models.BinaryField(max_length=16, null=True)
    kin_id_sealed = models.BinaryField(null=True)
    kin_id_index = models.BinaryField(max_length=16, null=True)
    happened_on = models.CharField(max_length=10, blank=True, help_text="ISO date: of death, move, permit, visit")
    persons = models.SmallIntegerField(null=True, blank=True, help_text="how many the row says live there")
    use = models.CharField(max_length=20, blank=True, help_text="use of a dwelling as the row says: 自住, 出租, 空置")
    block_code = models.CharField(max_length=15, blank=True, help_text="block of the place, when it was found")
    building_id = models.UUIDField(null=True, blank=True)
    unit_id = models.UUIDField(null=True, blank=True)
    placed = models.CharField(max_length=20, blank=True, help_text="how the address was found in the frame, or why not")
    refused = models.BooleanField(
        default=False, help_text="neither a name nor a number: kept to be seen, never counted"
    )
    duplicate_of = models.PositiveIntegerField(null=True, blank=True, help_text="number of the first equal row")
    more = models.JSONField(default=dict, help_text="other columns by name")
    problems = models.JSONField(default=list, help_text="[code, column, what was found (masked), values]")

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["delivery", "number"], name="register_row_number"),
            models.Index(fields=["delivery", "person_index"], name="register_row_person"),
            models.Index(
                fields=["delivery", "area_code", "refused", "household_no", "typed_index"], name="register_row_totals"
            ),
            models.Index(fields=["id_index"], name="register_row_id"),
            models.Index(fields=["name_index"], name="register_row_name"),
            models.Index(fields=["unit_id"], name="register_row_unit", condition=models.Q(unit_id__isnull=False)),
            models.Index(fields=["delivery", "placed", "id"], name="register_row_placed"),
            models.Index(fields=["delivery", "block_code", "id"], name="register_row_block"),
        ]

    def __str__(self):
        return f"{self.delivery_id} {self.sheet} {self.number}"


class DeliveryStep(models.Model):
    """What was done with a delivery: its lineage. Appended, never changed; it outlives the rows."""

    class Did(models.TextChoices):
        RECEIVED = "received", _("Taken in")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        PLACED = "placed", _("Addresses looked up")
        DECIDED = "decided", _("Address settled by hand")
        UNDONE = "undone", _("Decision on an address taken back")
        EXPORTED = "exported", _("Handed out for a block")
        KEPT = "kept", _("Date of destruction changed")
        DESTROYED = "destroyed", _("Destroyed")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.CharField(max_length=40, blank=True, help_text="user name; empty for the command line")
    did = models.CharField(max_length=10, choices=Did.choices)
    area_code = models.CharField(max_length=15, help_text="area or block it was done for")
    rows = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["delivery", "id"], name="delivery_step_order")]

    def __str__(self):
        return f"{self.did} {self.delivery_id}"


class PlacedCount(models.Model):
    """How many rows of a delivery lie in a block, by the way in which they were found: so that no page counts rows."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="placings")
    area_code = models.CharField(max_length=15, help_text="the block, else the area that the row names")
    placed = models.CharField(max_length=20, help_text="code list address_placing")
    rows = models.PositiveIntegerField()

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "area_code", "placed"], name="one_placed_count")]
        indexes = [models.Index(fields=["area_code", "placed"], name="placed_count_area")]

    def __str__(self):
        return f"{self.area_code} {self.placed}: {self.rows}"


class OpenAddress(models.Model):
    """An address of an accepted delivery that the machine could not place in a dwelling: work for a clerk."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="open_addresses")
    area_code = models.CharField(max_length=15, help_text="the block, else the area that the row names")
    row_area = models.CharField(max_length=12, help_text="the area that the row names")
    address = models.CharField(max_length=300)
    key = models.CharField(max_length=320, help_text="equal for every writing of the address")
    placed = models.CharField(max_length=20, help_text="code list address_placing")
    building_id = models.UUIDField(null=True)
    rows = models.PositiveIntegerField()

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "row_area", "address"], name="one_open_address_a_delivery")
        ]
        indexes = [
            models.Index(fields=["area_code", "placed", "key"], name="open_address_list"),
            models.Index(fields=["key"], name="open_address_key"),
        ]

    def __str__(self):
        return f"{self.address} {self.placed}"


class AddressDecision(models.Model):
    """Where a clerk says an address lies; it holds for every writing of it and every later delivery of the street,
    until it is taken back."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def standing(self):
            return self.filter(undone_at=None)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = models.CharField(max_length=12, help_text="the street in which it holds, or the wider area of the file")
    key = models.CharField(max_length=320)
    address = models.CharField(max_length=300, help_text="as it was written where it was decided")
    placed = models.CharField(max_length=20, help_text="by_hand or elsewhere")
    building_id = models.UUIDField(null=True, blank=True)
    unit_id = models.UUIDField(null=True, blank=True)
    block_code = models.CharField(max_length=15, blank=True)
    rows = models.PositiveIntegerField(default=0, help_text="rows placed by it when it was made")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=40, blank=True)

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area_code", "key"], condition=models.Q(undone_at=None), name="one_decision_an_address"
            )
        ]
        indexes = [models.Index(fields=["area_code", "at"], name="address_decision_newest")]

    def __str__(self):
        return f"{self.address} {self.placed}"


class SourceConflict(models.Model):
    """Two valid lists that say different things of one person (by identity number) or one dwelling."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="+")
    row_id = models.BigIntegerField()
    other_delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="+")
    other_row_id = models.BigIntegerField()
    about = models.CharField(max_length=20, help_text="what differs, see `conflict_kinds.csv`")
    area_code = models.CharField(max_length=15)

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about", "row_id", "other_row_id"], name="one_conflict_a_pair")]
        indexes = [models.Index(fields=["area_code", "about", "id"], name="conflict_list")]

    def __str__(self):
        return f"{self.about} {self.row_id} {self.other_row_id}"


class RegisterMapping(models.Model):
    """Which column of an unknown file is which of a register, as a clerk said; known again by its header."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = models.CharField(max_length=12, help_text="the area of the office that made it")
    name = models.CharField(max_length=80, help_text="what the office calls such files")
    source = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, help_text="of the header's titles, in any order")
    columns = models.JSONField(help_text="column of the register -> title in the file")
    titles = models.JSONField(default=list, help_text="the header's titles as the file writes them")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area_code", "fingerprint"], name="one_mapping_a_header")]

    def __str__(self):
        return self.name


class WaitingFile(models.Model):
    """A file that fits no register, sealed on disk until its columns are mapped; dropped after a day."""

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = models.CharField(max_length=12)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    source = models.CharField(max_length=40, blank=True, help_text="the register it was sent as, where one was named")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = QuerySet.as_manager()

    def __str__(self):
        return self.file_name
