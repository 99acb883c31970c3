import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet
from renpu.staff.models import Staff


class Device(models.Model):
    """A phone, tablet or office desk that makes events; known by the hash of its token."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    census_id = models.SmallIntegerField()
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="devices")
    name = models.CharField(max_length=80, blank=True)
    token_hash = models.BinaryField(max_length=32, unique=True, null=True)
    paired_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    offset_ms = models.BigIntegerField(default=0, help_text="server's clock minus the device's, milliseconds")
    seq_high = models.BigIntegerField(default=0, help_text="highest event number received")

    def __str__(self):
        return self.name or str(self.id)


class PairingCode(models.Model):
    """Eight digits that pair one device with a member of staff, once, within the hour."""

    code_hash = models.BinaryField(max_length=32, unique=True)
    census_id = models.SmallIntegerField()
    staff = models.ForeignKey(Staff, models.CASCADE)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.staff_id} {self.made_at:%Y-%m-%d %H:%M}"


class PairingTry(models.Model):
    """A wrong pairing code, counted by address to slow guessing down."""

    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"


class Lease(models.Model):
    """Who holds a block: work that carries an older fencing number was made after the block was taken away."""

    census_id = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="leases")
    fence = models.IntegerField(default=1)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census_id", "block_code"], name="one_holder_of_a_block")]

    def __str__(self):
        return f"{self.block_code} #{self.fence}"


class EventQuerySet(AreaQuerySet):
    pass


class Event(models.Model):
    """A row of the journal: appended, never changed. `payload` is sealed; `effect` is what it added to the counters."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    census_id = models.SmallIntegerField()
    kind = models.CharField(max_length=10)
    about = models.UUIDField()
    block_code = models.CharField(max_length=15)
    day = models.DateField(help_text="day of receipt on the census clock")
    made_at = models.DateTimeField(help_text="device's clock, corrected by its offset")
    received_at = models.DateTimeField()
    device_id = models.UUIDField()
    actor = models.CharField(max_length=40, help_text="staff number, user name or 'respondent'")
    device_seq = models.BigIntegerField()
    base_version = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    fence_held = models.IntegerField(default=0, help_text="fencing number in force on receipt; 0 = not under a lease")
    payload = models.BinaryField(help_text="the event as sent, sealed")
    merged = models.BinaryField(
        null=True, help_text="the answers that stand after a merge by section or a decision, sealed"
    )
    attested = models.BooleanField(default=False, help_text="the source says that it was accepted in the field")
    sha = models.BinaryField(
        max_length=32, help_text="hash of the event as sent; chained per block and day in BlockDay"
    )
    edits = models.TextField(blank=True, help_text="outcome of the check: JSON, rule ids and lines, no answers")
    result = models.CharField(max_length=10, help_text="accepted, history or merge")
    version = models.IntegerField(default=0, help_text="form version that this event made, 0 = none")
    effect = models.TextField(blank=True, help_text="JSON: measure -> change")

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["day", "block_code"], name="event_day_block"),
            models.Index(fields=["about"], name="event_about"),
        ]

    def __str__(self):
        return f"{self.seq} {self.kind} {self.id}"


class Person(models.Model):
    """A person of the newest form of a household. `counts_as` is decided once, by `concepts.usual_residence`."""

    pk = models.CompositePrimaryKey("household_id", "line")
    household_id = models.UUIDField()
    line = models.SmallIntegerField()
    uuid = models.CharField(max_length=36, blank=True, help_text="the person across versions of the form")
    block_code = models.CharField(max_length=15)
    name = models.BinaryField()
    name_index = models.BinaryField(max_length=16)
    number = models.BinaryField(null=True, help_text="citizen identity number, sealed")
    number_index = models.BinaryField(max_length=16, null=True)
    relationship = models.SmallIntegerField(null=True)
    sex = models.SmallIntegerField(null=True)
    birth = models.CharField(max_length=6, blank=True, help_text="yyyymm")
    ethnic_group = models.CharField(max_length=2, blank=True)
    residence_place = models.SmallIntegerField(null=True)
    residence_code = models.CharField(max_length=12, blank=True)
    hukou_place = models.SmallIntegerField(null=True)
    hukou_code = models.CharField(max_length=12, blank=True)
    away_duration = models.SmallIntegerField(null=True)
    away_reason = models.SmallIntegerField(null=True)
    education = models.SmallIntegerField(null=True)
    literacy = models.SmallIntegerField(null=True)
    counts_as = models.CharField(max_length=14, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name_index"], name="person_name"),
            models.Index(fields=["number_index"], name="person_number", condition=models.Q(number_index__isnull=False)),
        ]

    def __str__(self):
        return f"{self.household_id} {self.line}"


class Death(models.Model):
    """A line of the deaths form of a household's newest form."""

    pk = models.CompositePrimaryKey("household_id", "line")
    household_id = models.UUIDField()
    line = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    name = models.BinaryField()
    sex = models.SmallIntegerField(null=True)
    birth = models.CharField(max_length=6, blank=True)
    died = models.CharField(max_length=6, blank=True)

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return f"{self.household_id} {self.line}"


class Foreigner(models.Model):
    """A resident of Hong Kong, Macao, Taiwan or another country, as recorded for their own form."""

    pk = models.CompositePrimaryKey("household_id", "line")
    household_id = models.UUIDField()
    line = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    name = models.BinaryField()
    document = models.BinaryField(null=True)
    sex = models.SmallIntegerField(null=True)
    birth = models.CharField(max_length=6, blank=True)
    nationality = models.CharField(max_length=40, blank=True)

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return f"{self.household_id} {self.line}"


class Tracing(models.Model):
    """A separated person who is followed to the place of residence, as recorded (outcome: code list
    tracing_outcome)."""

    id = models.UUIDField(primary_key=True)
    household_id = models.UUIDField(db_index=True)
    block_code = models.CharField(max_length=15)
    case_no = models.CharField(max_length=20)
    line = models.SmallIntegerField(null=True)
    to_place = models.SmallIntegerField(null=True)
    to_code = models.CharField(max_length=12, blank=True)
    opened_on = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    outcome = models.SmallIntegerField(null=True)
    closed_on = models.CharField(max_length=10, blank=True)

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return self.case_no


class Slip(models.Model):
    """A numbered appointment slip left at a door (预约登记单)."""

    census_id = models.SmallIntegerField()
    number = models.CharField(max_length=20)
    household_id = models.UUIDField(db_index=True)
    block_code = models.CharField(max_length=15)
    left_at = models.DateTimeField()
    event_id = models.UUIDField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census_id", "number"], name="one_slip_a_number")]

    def __str__(self):
        return self.number


class MergeTask(models.Model):
    """Two pieces of work that cannot both stand: the current one and another event, side by side for the supervisor."""

    class Reason(models.TextChoices):
        SAME_SECTION = "same_section", _("Two people changed the same answers")
        SELF_AND_VISIT = "self_and_visit", _("The household answered itself and was visited")
        LEASE_LOST = "lease_lost", _("Made on a device after its block was given to another")
        SETTLED = "settled", _("The household was already settled")
        REMOVED = "removed", _("The roster line had been removed")

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    household_id = models.UUIDField(db_index=True)
    block_code = models.CharField(max_length=15)
    reason = models.CharField(max_length=14, choices=Reason.choices)
    current_event = models.UUIDField(null=True)
    other_event = models.UUIDField()
    sections = models.TextField(blank=True, help_text="sections in which the two differ, comma separated")
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, blank=True)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_why = models.CharField(max_length=200, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["block_code"], name="merge_open", condition=models.Q(decided_at=None))]

    def __str__(self):
        return f"{self.reason} {self.household_id}"


class Quarantine(models.Model):
    """Something a device sent that could not be read: kept as it came, under a ticket, until somebody has looked."""

    ticket = models.UUIDField(primary_key=True)
    device_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    body = models.BinaryField(help_text="sealed")
    sha = models.BinaryField(max_length=32, unique=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_why = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return str(self.ticket)


class Measures(models.Model):
    """One column a measure of `renpu.collection.measures`; a test holds the two together."""

    events = models.IntegerField(default=0)
    visits = models.IntegerField(default=0)
    vain_visits = models.IntegerField(default=0)
    slips = models.IntegerField(default=0)
    lines = models.IntegerField(default=0)
    status_1 = models.IntegerField(default=0)
    status_2 = models.IntegerField(default=0)
    status_3 = models.IntegerField(default=0)
    status_4 = models.IntegerField(default=0)
    status_5 = models.IntegerField(default=0)
    status_6 = models.IntegerField(default=0)
    status_7 = models.IntegerField(default=0)
    status_8 = models.IntegerField(default=0)
    status_9 = models.IntegerField(default=0)
    status_90 = models.IntegerField(default=0)
    status_91 = models.IntegerField(default=0)
    collective = models.IntegerField(default=0)
    entered = models.IntegerField(default=0)
    persons = models.IntegerField(default=0)
    hukou = models.IntegerField(default=0)
    resident = models.IntegerField(default=0)
    resident_lines = models.IntegerField(default=0)
    forms = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    self_forms = models.IntegerField(default=0)
    codes = models.IntegerField(default=0)
    here = models.IntegerField(default=0)
    away = models.IntegerField(default=0)
    separated = models.IntegerField(default=0)
    births = models.IntegerField(default=0)
    deaths = models.IntegerField(default=0)
    foreigners = models.IntegerField(default=0)
    edits_open = models.IntegerField(default=0)
    tasks_open = models.IntegerField(default=0)

    class Meta:
        abstract = True


class BlockDay(Measures):
    """What the events received on one day changed in one block, and the head of that day's hash chain."""

    pk = models.CompositePrimaryKey("census_id", "block_code", "day")
    census_id = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    day = models.DateField()
    head = models.BinaryField(max_length=32)
    last_seq = models.BigIntegerField()

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return f"{self.block_code} {self.day}"


class BlockNow(Measures):
    """The sum of a block's days: what a page shows without adding up."""

    pk = models.CompositePrimaryKey("census_id", "block_code")
    census_id = models.SmallIntegerField()
    block_code = models.CharField(max_length=15)
    last_received_at = models.DateTimeField()
    last_seq = models.BigIntegerField()

    objects = AreaQuerySet.as_manager()

    def __str__(self):
        return self.block_code
