from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from renpu.platform.areas import AreaQuerySet, area_codes_of, code_range, police_codes_of
from renpu.tracing.models.cases import Case


def covered(path: str, codes: list[str]) -> Q:
    """The rows whose code at `path` lies inside one of these areas; none for no area."""
    found = Q(pk__in=[])
    for code in codes:
        found |= Q(**{f"{path}__range": code_range(code)})
    return found


class Letter(models.Model):
    """Requests of one committee to one addressee, sent together (协查函): inside the system, or on paper under a code.

    `from_code` is the committee that asks. `to_code` is the committee, or the area of the police post, that is asked;
    empty for an addressee outside the system, who has a name and an address.
    """

    class Kind(models.TextChoices):
        COMMITTEE = "committee", _("Committee in this system")
        OUTSIDE = "outside", _("Committee outside this system")
        POLICE = "police", _("Police partner")

    id = models.UUIDField(primary_key=True)
    census_id = models.SmallIntegerField()
    number = models.CharField(max_length=20, help_text="number printed on the letter")
    from_code = models.CharField(max_length=15)
    to_kind = models.CharField(max_length=9, choices=Kind.choices)
    to_code = models.CharField(max_length=15, blank=True)
    to_name = models.CharField(max_length=80, blank=True)
    to_address = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=200)
    basis = models.CharField(max_length=300, help_text="legal basis")
    contact = models.CharField(max_length=80, blank=True, help_text="who asks: name of the office's contact")
    contact_phone = models.CharField(max_length=40, blank=True, help_text="the office's telephone")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    expires_at = models.DateTimeField(help_text="until when the code opens the page for answers")
    code_hash = models.BinaryField(max_length=16, unique=True, help_text="blind index of the code")
    code = models.BinaryField(help_text="sealed, for printing again")
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.SmallIntegerField(default=0)

    class QuerySet(AreaQuerySet):
        area_path = "from_code"

        def of(self, census):
            return self.filter(census_id=census.pk)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["census_id", "from_code", "sent_at"], name="letter_from"),
            models.Index(fields=["census_id", "to_code"], name="letter_to"),
        ]
        constraints = [models.UniqueConstraint(fields=["census_id", "number"], name="one_letter_a_number")]

    def __str__(self):
        return self.number


class HelpRequest(models.Model):
    """One person asked about in a letter, and the answer. A forwarded one has a successor in another letter."""

    class State(models.TextChoices):
        SENT = "sent", _("Waiting for an answer")
        ANSWERED = "answered", _("Answered")
        FORWARDED = "forwarded", _("Forwarded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Answer(models.TextChoices):
        YES = "yes", _("Lives here")
        NO = "no", _("Does not live here")
        CONTACT = "contact", _("Does not live here, but can be reached")
        UNKNOWN = "unknown", _("Not known here")

    class Via(models.TextChoices):
        SYSTEM = "system", _("in the system")
        PAGE = "page", _("on the page for answers")
        TELEPHONE = "telephone", _("by telephone")
        PAPER = "paper", _("on paper")

    id = models.UUIDField(primary_key=True)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="requests")
    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    place = models.SmallIntegerField(help_text="place in the letter, from 1")
    suspected = models.BinaryField(null=True, help_text="address where the person is thought to live, sealed")
    wants_phone = models.BooleanField(default=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.SENT)
    answer = models.CharField(max_length=7, choices=Answer.choices, blank=True)
    phone = models.BinaryField(null=True, help_text="sealed")
    note = models.BinaryField(null=True, help_text="sealed")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=60, blank=True, help_text="who answered, as named")
    answered_via = models.CharField(max_length=9, choices=Via.choices, blank=True)
    recorded_by = models.CharField(max_length=40, blank=True, help_text="user who wrote it down")
    forwarded_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="forwarded_to")
    version = models.IntegerField(default=0)

    class QuerySet(AreaQuerySet):
        area_path = "letter__from_code"

        def of(self, census):
            return self.filter(letter__census_id=census.pk)

        def addressed_to(self, user):
            """What a committee or a police partner has been asked; an administrator sees all of it."""
            if not user.is_authenticated or not user.is_active:
                return self.none()
            if user.is_superuser:
                return self.exclude(letter__to_code="")
            committee = Q(letter__to_kind=Letter.Kind.COMMITTEE) & covered("letter__to_code", area_codes_of(user))
            police = Q(letter__to_kind=Letter.Kind.POLICE) & Q(letter__to_code__in=police_codes_of(user))
            return self.filter(committee | police)

        def waiting(self):
            return self.filter(state=HelpRequest.State.SENT)

        def overdue(self, today):
            return self.waiting().filter(letter__due_on__lt=today)

    objects = QuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="help_request_case"),
            models.Index(fields=["state", "letter"], name="help_request_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="an_answered_request_has_an_answer",
            )
        ]

    def __str__(self):
        return f"{self.letter_id} {self.place}"


class RequestStep(models.Model):
    """What happened to a request: sent, opened, reminded, answered, forwarded, withdrawn. Appended only."""

    request = models.ForeignKey(HelpRequest, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    did = models.CharField(max_length=12)
    note = models.CharField(max_length=200, blank=True, help_text="a reason; nothing that names a person")

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="request_step_request")]

    def __str__(self):
        return f"{self.did} {self.request_id}"


class AnswerTry(models.Model):
    """A wrong code on the page for answers, counted by address to slow guessing down."""

    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"
