from django.db import models

from renpu.platform.areas import AreaQuerySet


class Case(models.Model):
    """A separated person who is followed: the hukou is here, the person lives elsewhere (人户分离追踪).

    The facts of a case that has a household on the roster go in as `tracing` events and are read from
    `collection.Tracing`; this table holds what the office works with: where the case came from, and where it is asked.
    """

    id = models.UUIDField(primary_key=True, help_text="made from the census and the record, so that it opens once")
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15, help_text="of the hukou side: block, else committee")
    record = models.CharField(max_length=60, help_text="key of the record it is about (`linkage.models`)")
    case_no = models.CharField(max_length=20)
    household_id = models.UUIDField(null=True, blank=True, help_text="roster line of the hukou side")
    line = models.SmallIntegerField(null=True, blank=True)
    row_id = models.BigIntegerField(null=True, blank=True, help_text="register row")
    item_id = models.UUIDField(null=True, blank=True, help_text="work item")
    to_place = models.SmallIntegerField(null=True, blank=True, help_text="code list residence_place")
    to_code = models.CharField(max_length=12, blank=True, help_text="area where the person is thought to live")
    there_household_id = models.UUIDField(null=True, blank=True, help_text="where the person is enumerated")
    there_line = models.SmallIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40)
    outcome = models.SmallIntegerField(null=True, blank=True, help_text="code list tracing_outcome")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=40, blank=True)
    version = models.IntegerField(default=0, help_text="rises with each step; an action names the one it saw")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

        def open(self):
            return self.filter(outcome=None)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["census_id", "area_code", "outcome", "id"], name="case_list"),
            models.Index(fields=["household_id"], name="case_household"),
            models.Index(fields=["there_household_id"], name="case_there"),
            models.Index(fields=["item_id"], name="case_item"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["census_id", "record"], name="one_case_a_record"),
            models.CheckConstraint(
                condition=models.Q(outcome=None, closed_at=None)
                | models.Q(outcome__isnull=False, closed_at__isnull=False),
                name="a_closed_case_has_an_outcome",
            ),
        ]

    def __str__(self):
        return self.case_no


class CaseStep(models.Model):
    """What was done on a case: opened, hinted, asked, answered, called, tied, closed, reopened. Appended only."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    did = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True, help_text="code list and code, or the source of a hint")
    note = models.BinaryField(null=True, help_text="free text, sealed: it may name a person or a place")

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_step_case")]

    def __str__(self):
        return f"{self.did} {self.case_id}"
