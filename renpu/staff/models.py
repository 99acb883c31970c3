import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet


class StaffQuerySet(AreaQuerySet):
    area_path = "area_code"


class Staff(models.Model):
    """A member of the census staff. `origin` is where the person came from (居委干部, 居民小组长, 单位选派 …)."""

    class Duty(models.TextChoices):
        ENUMERATOR = "enumerator", _("Enumerator")
        SUPERVISOR = "supervisor", _("Supervisor")
        ASSISTANT = "assistant", _("Assistant")

    class Origin(models.TextChoices):
        CADRE = "cadre", _("Committee cadre")
        GROUP_LEADER = "group_leader", _("Residents' group leader")
        REHIRED = "rehired", _("Rehired after retirement")
        SECONDED = "seconded", _("Seconded by a unit")
        COMMUNITY = "community", _("Taken from the community")
        VOLUNTEER = "volunteer", _("Volunteer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    phone = models.BinaryField(null=True, blank=True)
    duty = models.CharField(max_length=12, choices=Duty.choices)
    origin = models.CharField(max_length=14, choices=Origin.choices)
    seconding_unit = models.CharField(max_length=80, blank=True)
    area_code = models.CharField(max_length=15, db_index=True)
    device_skill = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 weak to 3 good")
    starts_on = models.DateField(null=True, blank=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="staff")

    objects = StaffQuerySet.as_manager()

    def __str__(self):
        return self.name


class AssignmentQuerySet(AreaQuerySet):
    area_path = "block_code"


class Assignment(models.Model):
    """Who works a block, as enumerator or as supervisor."""

    block_code = models.CharField(max_length=15)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="assignments")
    duty = models.CharField(max_length=12, choices=Staff.Duty.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block_code", "duty"], condition=models.Q(until=None), name="one_on_duty_in_a_block"
            )
        ]

    def __str__(self):
        return f"{self.block_code} {self.duty}"
