import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet


def row_key(pk: int) -> str:
    """The key of a register row as a record: `row:17`."""
    return f"row:{pk}"


def line_key(household_id: uuid.UUID, line: int) -> str:
    """The key of a line of a household's newest form as a record: `line:<32 hex digits>:2`."""
    return f"line:{household_id.hex}:{line}"


class Link(models.Model):
    """Two records said to be one person, by the comparison or by a clerk; a clerk's word outlives every comparison.

    `left` and `right` are keys of records, the smaller text on the left. What was decided is reversible: a decision is
    taken back by another one, and `LinkDecision` keeps them all.
    """

    class Status(models.TextChoices):
        LINKED = "linked", _("Linked")
        UNSURE = "unsure", _("Unsure")
        APART = "apart", _("Two persons")

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15, help_text="where a clerk decides it: block, else committee, else area")
    left = models.CharField(max_length=60)
    right = models.CharField(max_length=60)
    probability = models.FloatField()
    status = models.CharField(max_length=6, choices=Status.choices)
    reason = models.CharField(max_length=300, help_text="how the fields agree; no values")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=40, blank=True)
    contested = models.BooleanField(default=False, help_text="clerks disagree, as many for it as against it")

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

        def waiting(self):
            return self.filter(status=Link.Status.UNSURE, decided_at=None)

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census_id", "left", "right"], name="one_link_a_pair")]
        indexes = [
            models.Index(fields=["census_id", "right"], name="link_right"),
            models.Index(fields=["census_id", "status", "area_code", "id"], name="link_status"),
            models.Index(
                fields=["census_id", "area_code", "id"], name="link_contested", condition=models.Q(contested=True)
            ),
        ]

    def __str__(self):
        return f"{self.left} {self.right} {self.status}"


class LinkDecision(models.Model):
    """What a clerk said of a pair, in the order of saying; appended, never changed.

    `unsure` is a pair that the clerk set aside. A row that `took_back` undoes the clerk's word before it.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="decisions")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    status = models.CharField(max_length=6, choices=Link.Status.choices)
    note = models.CharField(max_length=200, blank=True)
    took_back = models.BooleanField(default=False)
    before = models.CharField(max_length=6, blank=True, help_text="status of the link until then")

    class Meta:
        indexes = [models.Index(fields=["by", "id"], name="link_decision_by")]

    def __str__(self):
        return f"{self.link_id} {self.status}"
