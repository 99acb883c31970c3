from django.conf import settings
from django.db import models

from renpu.coverage.models import WorkItem
from renpu.platform.areas import AreaQuerySet
from renpu.staff.models import Staff


class Campaign(models.Model):
    """Work items put together to be telephoned by named callers (电话核查批次)."""

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    callers = models.ManyToManyField(Staff, related_name="campaigns", blank=True)

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["census_id", "area_code", "made_at"], name="campaign_newest")]

    def __str__(self):
        return self.name


class CallEntry(models.Model):
    """A work item that is to be telephoned. `held_by` has it on the screen until `held_until`, so that no household is
    called by two people at once."""

    item = models.OneToOneField(WorkItem, models.CASCADE, primary_key=True, related_name="call")
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15, help_text="of the work item")
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, blank=True, related_name="entries")
    caller = models.ForeignKey(Staff, models.SET_NULL, null=True, blank=True, related_name="call_entries")
    phones = models.SmallIntegerField(default=0, help_text="telephone numbers known and not found wrong")
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    held_until = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

        def open(self):
            return self.filter(item__state=WorkItem.State.OPEN)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["census_id", "area_code", "item"], name="call_entry_area")]

    def __str__(self):
        return str(self.item_id)


class WrongNumber(models.Model):
    """A telephone number that does not reach the people of a work item, by blind index; it is not offered again."""

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="+")
    phone_index = models.BinaryField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "phone_index"], name="one_wrong_number_once")]

    def __str__(self):
        return str(self.item_id)


class Call(models.Model):
    """A telephone call as it ended. `hour` is the hour of the day on the census clock, for the best next hour."""

    id = models.UUIDField(primary_key=True, help_text="made with the page, so that one sent twice is one call")
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="calls")
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, blank=True, related_name="calls")
    at = models.DateTimeField()
    hour = models.SmallIntegerField()
    by = models.CharField(max_length=40)
    ended = models.CharField(max_length=10, help_text="how it ended, see `renpu.tracing.calls.ENDS`")
    answered = models.BooleanField(help_text="somebody took the call")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["census_id", "area_code", "hour"], name="call_hour"),
            models.Index(fields=["item", "at"], name="call_item"),
        ]

    def __str__(self):
        return f"{self.item_id} {self.ended}"
