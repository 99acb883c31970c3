import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet
from renpu.staff.models import Staff


class Comparison(models.Model):
    """One run of the comparison over an area: what it read, and when it had written all it found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    last_seq = models.BigIntegerField(default=0, help_text="the journal up to here was read")
    deliveries = models.JSONField(default=list, help_text="keys of the deliveries compared")
    figures = models.JSONField(default=dict, help_text="area code -> {figure: count}, as `renpu reconcile` prints them")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["census_id", "area_code", "started_at"], name="comparison_newest")]

    def __str__(self):
        return f"{self.area_code} {self.started_at:%Y-%m-%d %H:%M}"


class Finding(models.Model):
    """What the newest comparison says of one record: a register row or a form line (code list `register_finding`).

    `record` is the record's key (`linkage.models.row_key`, `line_key`). A comparison replaces the findings of its area.
    """

    record = models.CharField(max_length=60)
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15, help_text="where the record lies: block, else committee, else area")
    source = models.CharField(max_length=40, help_text="name of the register source; 'form' for a form line")
    delivery_id = models.UUIDField(null=True)
    finding = models.CharField(max_length=20)
    household_id = models.UUIDField(null=True, help_text="the household in which it was found")
    line = models.SmallIntegerField(null=True)
    found_in = models.CharField(max_length=15, blank=True, help_text="block in which it was found")
    why = models.CharField(max_length=200, blank=True, help_text="the evidence in short: codes and weights, no names")
    origin = models.CharField(max_length=15, blank=True, help_text="of a form line whose two ends differ: of the hukou")
    destination = models.CharField(max_length=15, blank=True, help_text="the same: of the residence")
    tied = models.BooleanField(default=False, help_text="the same: recorded at the other end too")
    in_figures = models.CharField(
        max_length=5, blank=True, help_text="of a police row: what it stands for in figures of each level (`figures`)"
    )
    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="findings")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census_id", "record"], name="one_finding_a_record")]
        indexes = [
            # with the figures, so that findings and figures are counted in the index alone
            models.Index(
                fields=["census_id", "source", "finding", "area_code", "id", "in_figures"], name="finding_by_kind"
            ),
            models.Index(fields=["household_id"], name="finding_household"),
            models.Index(
                fields=["census_id", "area_code", "origin", "destination"],
                name="finding_moved",
                condition=~models.Q(origin=""),
            ),
        ]

    def __str__(self):
        return f"{self.record} {self.finding}"


class WorkItem(models.Model):
    """A difference or a task with an owner, until a person closes it with a reason (`work_kinds.csv`).

    Its key is made from census, kind and subject, so that the comparison run again finds the same item. `found` is
    false once the comparison no longer sees the difference; the item stays open until somebody has said why.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    kind = models.CharField(max_length=20)
    area_code = models.CharField(max_length=15, help_text="where the work is to be done: block, else committee")
    subject = models.CharField(max_length=130, help_text="the key of the record, or of both; unique in the kind")
    household_id = models.UUIDField(null=True, blank=True)
    line = models.SmallIntegerField(null=True, blank=True)
    other_household_id = models.UUIDField(null=True, blank=True, help_text="the other side of a pair")
    other_line = models.SmallIntegerField(null=True, blank=True)
    row_id = models.BigIntegerField(null=True, blank=True, help_text="register row")
    unit_id = models.UUIDField(null=True, blank=True, help_text="dwelling unit")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    found = models.BooleanField(default=True)
    evidence = models.JSONField(default=dict, help_text="codes, counts and keys; nothing that names a person")
    owner = models.ForeignKey(Staff, models.SET_NULL, null=True, blank=True, related_name="work_items")
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    last_try_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.SmallIntegerField(null=True, blank=True, help_text="code list visit_outcome")
    next_at = models.DateTimeField(null=True, blank=True, help_text="appointment for the next try")
    reason_list = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=20, blank=True, help_text="of an open item: what the field proposes")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=400, blank=True)
    version = models.IntegerField(default=0, help_text="rises with each step; an action names the one it saw")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

        def open(self):
            return self.filter(state=WorkItem.State.OPEN)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            # by area and kind, page by page; with the day, so that a committee's overdue are counted in the index alone
            models.Index(fields=["census_id", "state", "area_code", "kind", "id", "due_on"], name="work_list"),
            models.Index(fields=["census_id", "state", "kind", "area_code", "id"], name="work_list_kind"),
            models.Index(fields=["owner", "state"], name="work_owner"),
            models.Index(
                fields=["household_id"], name="work_household", condition=models.Q(household_id__isnull=False)
            ),
            models.Index(
                fields=["other_household_id"], name="work_other", condition=models.Q(other_household_id__isnull=False)
            ),
            models.Index(fields=["row_id"], name="work_row", condition=models.Q(row_id__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open") | ~models.Q(reason=""), name="nothing_closes_without_a_reason"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.subject}"


class WorkStep(models.Model):
    """What was done on a work item (`work.DID`): opened, assigned, tried, closed and so on. Appended, never changed."""

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    did = models.CharField(max_length=12)
    batch = models.UUIDField(null=True, help_text="steps of one bulk action; undone together")
    outcome = models.SmallIntegerField(null=True, help_text="code list visit_outcome, of a try")
    mode = models.CharField(max_length=6, blank=True, help_text="of a try: door, phone or desk")
    facts = models.JSONField(default=dict, help_text="what was looked at and what it showed: codes, no names")
    reason_list = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=400, blank=True)
    version = models.IntegerField(default=0, help_text="the item's version that this step made")
    before = models.JSONField(default=dict, help_text="what the step changed, as it was")

    class Meta:
        indexes = [
            models.Index(fields=["item", "id"], name="work_step_item"),
            models.Index(fields=["batch"], name="work_step_batch", condition=models.Q(batch__isnull=False)),
        ]

    def __str__(self):
        return f"{self.did} {self.item_id}"


class WorkNow(models.Model):
    """How many items of a kind an area has: written in the transaction that changes them, so that no page counts."""

    pk = models.CompositePrimaryKey("census_id", "area_code", "kind")
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    kind = models.CharField(max_length=20)
    open = models.IntegerField(default=0)
    gone = models.IntegerField(default=0, help_text="open, but the comparison no longer sees the difference")
    proposed = models.IntegerField(default=0, help_text="open, and the field has said what it turned out to be")
    closed = models.IntegerField(default=0)

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    def __str__(self):
        return f"{self.area_code} {self.kind}"


class WorkDue(models.Model):
    """How many open items of a kind in a committee are due on a day, written like `WorkNow`: what is overdue in an area
    is the sum of the days before today. By committee and not by block, so that a city's rows stay few."""

    pk = models.CompositePrimaryKey("census_id", "area_code", "kind", "due_on")
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    kind = models.CharField(max_length=20)
    due_on = models.DateField()
    open = models.IntegerField(default=0)

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    def __str__(self):
        return f"{self.area_code} {self.kind} {self.due_on}"
