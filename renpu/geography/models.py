import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet


class AreaCodeQuerySet(AreaQuerySet):
    area_path = "code"


class Area(models.Model):
    """A statistical area: 2, 4, 6, 9 or 12 digits, from the province to the committee (普查区)."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    edition = models.CharField(max_length=10, blank=True, help_text="edition of the area codes")
    geometry = models.JSONField(null=True, blank=True, help_text="GeoJSON, WGS 84")

    objects = AreaCodeQuerySet.as_manager()

    def __str__(self):
        return self.name


class Block(models.Model):
    """An enumeration block (普查小区), the work of about one enumerator; virtual blocks are numbered from 900."""

    code = models.CharField(max_length=15, primary_key=True)
    name = models.CharField(max_length=60, blank=True)
    virtual = models.BooleanField(default=False)
    geometry = models.JSONField(null=True, blank=True, help_text="GeoJSON, WGS 84")

    objects = AreaCodeQuerySet.as_manager()

    def __str__(self):
        return self.name or self.code

    @property
    def area_code(self) -> str:
        return self.code[:12]


class Building(models.Model):
    """A building or, virtual, a holder of hukou without a dwelling; its block may be unknown until the map is drawn."""

    class State(models.TextChoices):
        STANDING = "standing", _("Standing")
        DEMOLISHED = "demolished", _("Demolished")
        VIRTUAL = "virtual", _("Virtual")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = models.CharField(
        max_length=15, db_index=True, help_text="its block, or its area while no block is known"
    )
    number = models.CharField(max_length=3, blank=True)
    source_no = models.CharField(max_length=20, blank=True, help_text="number in the list it came from")
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    floors = models.PositiveSmallIntegerField(default=0)
    dwellings = models.PositiveIntegerField(
        null=True, help_text="dwelling units by the list it came from; null where that does not say"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.STANDING)
    geometry = models.JSONField(null=True, blank=True)

    class QuerySet(AreaQuerySet):
        area_path = "area_code"

    objects = QuerySet.as_manager()

    def __str__(self):
        return self.label


class Unit(models.Model):
    """A dwelling unit (住房单元): made for the whole building before the visits, so that numbering has no gaps."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    building = models.ForeignKey(Building, models.PROTECT, related_name="units")
    block_code = models.CharField(max_length=15, db_index=True)
    number = models.CharField(max_length=4, blank=True)
    source_no = models.CharField(max_length=20, blank=True)
    floor = models.SmallIntegerField(null=True, blank=True)
    door = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200)

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return self.address
