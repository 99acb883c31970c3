from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import POLICE, AreaQuerySet

TIME_ZONE = ZoneInfo(settings.TIME_ZONE)


class Census(models.Model):
    """One census with its reference moment; a pilot is a census of its own that names the main one."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    t0 = models.DateTimeField(help_text="reference moment (普查标准时点)")
    area_code = models.CharField(max_length=12, blank=True)
    pilot_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="pilots")
    parameters = models.JSONField(default=dict, blank=True)

    def __str__(self):
        return self.name

    def parameter(self, name: str):
        """A parameter of this census, or the default of `PARAMETERS`."""
        return self.parameters.get(name, PARAMETERS[name])

    @property
    def all_parameters(self) -> dict:
        return {**PARAMETERS, **self.parameters}


# Defaults of a census of the 2020 kind (census definitions, section 11); dates follow from T0 where they can.
PARAMETERS = {
    "block_households": 80,
    "block_persons": 250,
    "supervisor_span": 5,
    "long_rate": 0.10,
    "dead_household_no": 999,
    "education_min_age": 3,
    "literacy_min_age": 15,
    "collective_max": 20,
    "min_visits": 4,
    "max_calls": 6,
    "calls_a_day": 100,
    "marriage_age_female": 20,
    "marriage_age_male": 22,
    "slow_share": 0.7,
    "silent_hours": 48,
    "look_ups_a_day": 60,  # contacts looked up by one person; more are marked in the access log
    # comparison: mean use of a month above which a vacant dwelling is looked at again, over so many months (workflow
    # 3.3: 20 kWh, the power company's look-up by months); age from which a row on no form, whose household was found,
    # is presumed to be of somebody who died (derived; a presumption closes nothing)
    "vacant_kwh_month": 20.0,
    "vacant_kwh_months": 3,
    "presumed_dead_age": 70,
    "register_days": 365,  # days after T0 (or receipt, if later) until a register delivery is to be destroyed
}


class Role(models.TextChoices):
    """What a user does at a post (the workflow's list of roles, section 2)."""

    ENUMERATOR = "enumerator", _("Enumerator")
    SUPERVISOR = "supervisor", _("Supervisor")
    AREA_HEAD = "area_head", _("Head of the area")
    STREET_OFFICE = "street_office", _("Street census office")
    DISTRICT_OFFICE = "district_office", _("District census office")
    INSPECTOR = "inspector", _("Inspector")
    POLICE = POLICE, _("Police partner")


class Post(models.Model):
    """A duty post: a user works in a role for an area or a block, and sees no other."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    role = models.CharField(max_length=20, choices=Role.choices)
    area_code = models.CharField(max_length=15)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role", "area_code"], name="one_post_once")]

    def __str__(self):
        return f"{self.get_role_display()} {self.area_code}"


class AccessEventQuerySet(AreaQuerySet):
    area_path = "area_code"


class AccessEvent(models.Model):
    """Somebody saw or exported personal values in clear, or was refused: who, when, why, about what."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    area_code = models.CharField(max_length=18)
    about = models.CharField(max_length=80)
    purpose = models.CharField(max_length=200)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["area_code", "at"], name="access_area_at")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.about}"


class SignInTry(models.Model):
    """A wrong password, counted by user name and address (`renpu.platform.sign_in`)."""

    who = models.BinaryField(max_length=16)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"


def local(moment: datetime) -> datetime:
    """A moment on the clock of the census."""
    return moment.astimezone(TIME_ZONE)
