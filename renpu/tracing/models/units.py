from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.coverage.models import WorkItem
from renpu.platform.areas import AreaQuerySet
from renpu.registers.models import Delivery


class HukouUnit(models.Model):
    """A unit that keeps the hukou of its people together (集体户口单位), with the roster line of a virtual block that
    holds them, and the contact there."""

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    household_id = models.UUIDField(null=True, blank=True, help_text="roster line that holds the members")
    name = models.CharField(max_length=80)
    contact = models.BinaryField(null=True, help_text="name of the contact, sealed")
    phone = models.BinaryField(null=True, help_text="telephone of the contact, sealed")
    none_born_or_died = models.BooleanField(
        default=False, help_text="the unit says: nobody of its hukou was born or died in the year before the census"
    )
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)

    class QuerySet(AreaQuerySet):
        def of(self, census):
            return self.filter(census_id=census.pk)

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census_id", "block_code", "name"], name="one_unit_a_name")]
        indexes = [models.Index(fields=["census_id", "block_code", "name"], name="unit_list")]

    def __str__(self):
        return self.name


class UnitLink(models.Model):
    """An address given to a unit's contact: it opens the unit's own page, and nothing else, until it expires."""

    unit = models.ForeignKey(HukouUnit, models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=16, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.unit_id} {self.made_at:%Y-%m-%d %H:%M}"


class UnitRoster(models.Model):
    """A staff list that came from a unit, by its contact or through the office."""

    unit = models.ForeignKey(HukouUnit, models.CASCADE, related_name="rosters")
    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="unit_roster")
    at = models.DateTimeField()
    by_contact = models.BooleanField(default=False)
    taken_over_at = models.DateTimeField(null=True, blank=True, help_text="when its rows became members")

    def __str__(self):
        return f"{self.unit_id} {self.delivery_id}"


class Member(models.Model):
    """A person whose hukou a unit keeps, to be reached. `id` also names the person on the form, as its uuid."""

    class State(models.TextChoices):
        NEW = "new", _("Not invited")
        INVITED = "invited", _("Invited")
        REMINDED = "reminded", _("Reminded")
        CALLED = "called", _("Called")
        UNREACHABLE = "unreachable", _("Not reached")
        LEFT = "left", _("Says the hukou has left the unit")
        ON_FORM = "on_form", _("On the form before")
        ANSWERED = "answered", _("Has answered")

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey(HukouUnit, models.CASCADE, related_name="members")
    row_id = models.BigIntegerField(help_text="register row")
    number = models.IntegerField(help_text="number of the row in the list")
    person = models.CharField(max_length=36, help_text="uuid of the person on the form")
    name = models.BinaryField(help_text="sealed")
    name_index = models.BinaryField(max_length=16)
    identity = models.BinaryField(null=True, help_text="identity number, sealed")
    identity_index = models.BinaryField(max_length=16, null=True)
    phone = models.BinaryField(null=True, help_text="sealed")
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    code_hash = models.BinaryField(max_length=16, null=True, unique=True)
    code_until = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.SmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    method = models.SmallIntegerField(null=True, help_text="code list collection_mode")
    item = models.ForeignKey(WorkItem, models.SET_NULL, null=True, related_name="+")

    class QuerySet(AreaQuerySet):
        area_path = "unit__block_code"

    objects = QuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "row_id"], name="one_member_a_row")]
        indexes = [models.Index(fields=["unit", "state"], name="unit_member_state")]

    def __str__(self):
        return str(self.id)


class UnitTalk(models.Model):
    """A talk with somebody of a unit: when, who, with whom, what was agreed (协调记录)."""

    unit = models.ForeignKey(HukouUnit, models.CASCADE, related_name="talks")
    on = models.DateField()
    who = models.CharField(max_length=60, help_text="of the census office")
    with_whom = models.CharField(max_length=60, help_text="duty at the unit, such as head of the office")
    agreed = models.CharField(max_length=400)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self):
        return f"{self.unit_id} {self.on}"


class DoorTry(models.Model):
    """A wrong link or code on a page without sign-in, counted by address so that guessing is slow."""

    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"
