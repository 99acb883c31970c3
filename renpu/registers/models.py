import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet


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

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["source", "area_code", "received_at"], name="delivery_source_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "area_code", "sha256"],
                condition=models.Q(state__in=["received", "accepted", "superseded"]),
                name="one_file_delivered_once",
            )
        ]

    def __str__(self):
        return f"{self.source} {self.file_name}"


class DeliveryArea(models.Model):
    """A delivery has rows in an area: kept so that the newest list of each committee is found without a scan."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="areas")
    area_code = models.CharField(max_length=12)
    rows = models.PositiveIntegerField()

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
        ]

    def __str__(self):
        return f"{self.delivery_id} {self.sheet} {self.number}"
