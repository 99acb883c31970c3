from django.db import models

from renpu.platform.areas import AreaQuerySet


class ReportDraftQuerySet(AreaQuerySet):
    area_path = "area_code"


class ReportDraft(models.Model):
    """A free-text part of a report as the office wrote it, from the moment `as_of` on; figures stand in it as {S15}."""

    census_id = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    as_of = models.DateTimeField()
    part = models.CharField(max_length=20)
    text = models.TextField()
    edited_by = models.CharField(max_length=150)
    edited_at = models.DateTimeField()

    objects = ReportDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["census_id", "area_code", "part", "as_of"], name="one_draft_of_a_part")
        ]

    def __str__(self):
        return f"{self.area_code} {self.part}"
