import uuid
from typing import Self

from django.db import models

from renpu.concepts.household_status import Status
from renpu.platform.areas import AreaQuerySet


class HouseholdQuerySet(AreaQuerySet):
    def of(self, census) -> Self:
        """Lines of one census that were not removed."""
        return self.filter(census_id=census.pk, removed=False)

    def with_status(self, *statuses: Status) -> Self:
        return self.filter(status__in=statuses)


class Household(models.Model):
    """A roster line as the journal's fold left it; only the fold writes it (`renpu.collection.journal`).

    A unit may hold several lines. `status` is what the latest visit found; while no visit has found anything, what a
    form says.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    census_id = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    building_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    household_no = models.CharField(max_length=7, help_text="3 digits in the block; 999 with a suffix = died out")
    household_type = models.SmallIntegerField(default=1)
    address = models.CharField(max_length=200, blank=True)
    head = models.BinaryField(null=True)
    head_index = models.BinaryField(max_length=16, null=True)
    phone = models.BinaryField(null=True)

    status = models.SmallIntegerField(default=Status.NOT_CONTACTED)
    visit_status = models.SmallIntegerField(default=Status.NOT_CONTACTED)
    visited_at = models.DateTimeField(null=True, help_text="made_at of the latest visit")
    visited_seq = models.BigIntegerField(default=0)
    visits = models.IntegerField(default=0)
    slips = models.IntegerField(default=0)
    last_outcome = models.SmallIntegerField(null=True)
    last_noted = models.BooleanField(default=False, help_text="the last visit left a note")
    appointment_at = models.DateTimeField(null=True)
    has_code = models.BooleanField(default=False, help_text="a self-enumeration code was issued")
    listed_at = models.DateTimeField(null=True, help_text="made_at of the latest listing with counts")
    listed_seq = models.BigIntegerField(default=0)
    n_here = models.SmallIntegerField(null=True)
    n_away = models.SmallIntegerField(null=True)
    n_hukou = models.SmallIntegerField(null=True)
    n_resident = models.SmallIntegerField(null=True)

    version = models.IntegerField(default=0, help_text="version of the form; 0 = none")
    form_event = models.UUIDField(null=True)
    form_device = models.UUIDField(null=True)
    form_seq = models.BigIntegerField(default=0)
    form_since = models.IntegerField(default=0, help_text="version on which this device's run of forms began")
    form_made_at = models.DateTimeField(null=True)
    form_method = models.SmallIntegerField(null=True)
    form_status = models.SmallIntegerField(null=True)
    accepted = models.BooleanField(default=False)
    open_edits = models.SmallIntegerField(default=0, help_text="hard edits not settled")
    open_queries = models.SmallIntegerField(default=0, help_text="queries not confirmed")
    persons = models.SmallIntegerField(default=0)
    persons_here = models.SmallIntegerField(default=0)
    persons_hukou = models.SmallIntegerField(default=0)
    persons_resident = models.SmallIntegerField(default=0)
    persons_away = models.SmallIntegerField(default=0, help_text="hukou here, living elsewhere")
    persons_separated = models.SmallIntegerField(
        default=0, help_text="lives here, hukou elsewhere, half a year or more"
    )
    births = models.SmallIntegerField(default=0)
    deaths = models.SmallIntegerField(default=0)
    foreigners = models.SmallIntegerField(default=0)

    open_tasks = models.SmallIntegerField(default=0, help_text="merge tasks not decided")
    locked = models.BooleanField(default=False, help_text="settled: changes only after the supervisor's unlock")
    removed = models.BooleanField(default=False)
    last_seq = models.BigIntegerField(default=0)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["block_code", "household_no"], name="household_block_no"),
            models.Index(fields=["census_id", "status", "block_code"], name="household_status"),
            models.Index(fields=["head_index"], name="household_head", condition=models.Q(head_index__isnull=False)),
            models.Index(fields=["block_code"], name="household_edits", condition=models.Q(open_edits__gt=0)),
            models.Index(fields=["block_code"], name="household_tasks", condition=models.Q(open_tasks__gt=0)),
            models.Index(
                fields=["appointment_at"], name="household_appt", condition=models.Q(appointment_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.block_code}-{self.household_no}"
