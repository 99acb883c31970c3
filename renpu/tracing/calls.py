"""Calling those who are not behind the door: the list of who is to be called, one household at a time, and how each
call ended (电话核查).

A list is open work items of `reach.KINDS` that have a telephone number. Who calls has the household for ten minutes;
the end of a call is a contact in the journal, a try in the ledger and a row of `Call`, in one transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, F, IntegerField, Q, Sum
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from renpu.collection import events
from renpu.concepts.household_status import Status
from renpu.coverage import work
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent, Census, local
from renpu.platform.office import author
from renpu.platform.roles import may
from renpu.staff.models import Staff
from renpu.tracing import answering, members
from renpu.tracing import call_problems as problems
from renpu.tracing.models import Call, CallEntry, Campaign, HukouUnit, Member, WrongNumber
from renpu.tracing.reach import EMPTY, KINDS, Reach, count_phones, phone_index

HELD = timedelta(minutes=10)
PAUSE = timedelta(hours=1)  # between two calls to the same people, unless they named an hour
REFUSED = 7  # visit_outcome: a supervisor's work, not another call's
TOGETHER = 2_000  # items whose numbers are counted at once
EARLY, LATE = 9, 21  # hours between which people are called
FEW = 5  # calls of an hour below which its share says nothing
AWAY = (Status.EMPTY_REGISTERED, Status.MOVED)
PURPOSE = "登记电话"
HOUSEHOLD = "household:"  # begins the subject of an item about a roster line
REACHED = ("tracing_outcome", "5")
LIVES_THERE = ("work_reason", "corrected")  # the roster was wrong: somebody lives at the address, and is to be visited


class CallRefused(Exception):
    """A call that could not be recorded; the message is for the caller."""


class End(NamedTuple):
    """How a call ended: its key on a keyboard, the code of visit_outcome, whether somebody took the call."""

    code: str
    key: str
    words: Any
    outcome: int
    answered: bool


ENDS = {
    end.code: end
    for end in (
        End("registered", "1", _("Reached: register"), 1, True),
        End("no_answer", "2", _("No answer"), 4, False),
        End("wrong", "3", _("Wrong number"), 4, False),
        End("later", "4", _("Call again at …"), 6, True),
        End("nobody", "5", _("Nobody who can answer"), 5, True),
        End("refused", "6", _("Refuses to answer"), 7, True),
        End("told", "", _("Told what became of them"), 3, True),
    )
}


def make_list(user, census: Census, area_code: str, *, at: datetime) -> dict[str, int]:
    """Open a work item for each empty-registered or moved line of the area whose form is missing or has open questions,
    and take every open item that is to be called onto the list. An item whose household was registered meanwhile is
    marked so, for a person to close, and called no more. {new, all, without a number}."""
    lines = to_register(user, census, area_code)
    openings = [
        work.Opening(EMPTY, h.block_code, f"{HOUSEHOLD}{h.id}", household_id=h.id, evidence=evidence(h)) for h in lines
    ]
    with transaction.atomic():
        opened = work.open_items(census, openings, by=author(user), at=at)
        there = callable_items(user, census, area_code).filter(kind=EMPTY, subject__startswith=HOUSEHOLD)
        wanted = {one.subject for one in openings}
        gone = [pk for pk, subject in there.values_list("pk", "subject") if subject not in wanted]
        work.lose(census, gone, by=author(user), at=at)
        items = list(callable_items(user, census, area_code).order_by("area_code", "pk"))
        mine = callable_items(user, census, area_code).values("pk")
        numbers: dict[UUID, int] = {}
        for start in range(0, len(items), TOGETHER):
            numbers |= count_phones(census, items[start : start + TOGETHER])
        wrong = dict(
            WrongNumber.objects.filter(item__in=mine).values_list("item").annotate(n=Count("pk")).order_by("item")
        )
        have = dict(CallEntry.objects.filter(item__in=mine).values_list("item_id", "phones"))
        left = {item.pk: max(numbers.get(item.pk, 0) - wrong.get(item.pk, 0), 0) for item in items}
        CallEntry.objects.bulk_create(
            [
                CallEntry(item=i, census_id=census.pk, area_code=i.area_code, phones=left[i.pk], added_at=at)
                for i in items
                if i.pk not in have
            ],
            batch_size=500,
            ignore_conflicts=True,
        )
        changed = [CallEntry(item_id=pk, phones=left[pk]) for pk, n in have.items() if n != left[pk]]
        CallEntry.objects.bulk_update(changed, ["phones"], batch_size=500)
    return {"new": len(opened.new), "all": len(items), "without": sum(not n for n in left.values())}


def to_register(user, census: Census, area_code: str):
    """The empty-registered and moved lines whose form is missing, not accepted, or has open edits. A line of a unit, or
    of more people than a collective household has, is no household to be called: its people are, one by one."""
    lines = Household.objects.visible_to(user).in_area(area_code).of(census).with_status(*AWAY).filter(locked=False)
    open_questions = Q(accepted=False) | Q(open_edits__gt=0) | Q(open_queries__gt=0)
    unit_lines = HukouUnit.objects.of(census).exclude(household_id=None).values("household_id")
    lines = lines.exclude(pk__in=unit_lines).exclude(n_hukou__gt=census.parameter("collective_max"))
    return lines.filter(open_questions).order_by("block_code", "household_no", "id")


def evidence(h: Household) -> dict[str, Any]:
    return {"status": h.status, "form": bool(h.version), "open_edits": h.open_edits, "open_queries": h.open_queries}


def callable_items(user, census: Census, area_code: str):
    items = WorkItem.objects.visible_to(user).in_area(area_code).of(census).open().filter(kind__in=KINDS, found=True)
    return items.exclude(pk__in=answered_members())


def answered_members():
    """Work items of members who are on the form, or say that their hukou has left: nobody calls them."""
    ended = (Member.State.ANSWERED, Member.State.ON_FORM, Member.State.LEFT)
    return Member.objects.filter(state__in=ended).exclude(item=None).values("item")


class Wish(NamedTuple):
    """Which part of the list somebody calls: an area, perhaps one campaign, perhaps only their own share of it."""

    area_code: str
    campaign: str = ""
    mine: str = ""


def listed(user, census: Census, area_code: str):
    """The entries of the list that somebody is still to be reached for."""
    entries = CallEntry.objects.visible_to(user).in_area(area_code).of(census).open()
    return entries.filter(item__found=True).exclude(item__in=answered_members())


def waiting(user, census: Census, wish: Wish, *, at: datetime):
    """The entries that may be called now, in order: appointments that are due, then those never called, then the rest,
    the longest untried first. Who refused is left to a supervisor."""
    entries = listed(user, census, wish.area_code)
    if wish.campaign:
        entries = entries.filter(campaign=wish.campaign)
    if wish.mine:
        entries = entries.filter(caller=wish.mine)
    tries = census.parameter("max_calls")
    free = Q(held_until=None) | Q(held_until__lt=at) | Q(held_by=user)
    entries = entries.filter(free, phones__gt=0).filter(Q(item__tries__lt=tries) | Q(item__last_outcome=6))
    rested = Q(item__next_at=None) & (Q(item__last_try_at=None) | Q(item__last_try_at__lt=at - PAUSE))
    entries = entries.filter(rested | Q(item__next_at__lte=at)).exclude(item__last_outcome=REFUSED)
    return entries.order_by(
        F("item__next_at").asc(nulls_last=True), "item__tries", "item__last_try_at", "area_code", "pk"
    )


def take_next(user, census: Census, wish: Wish, *, at: datetime, but: UUID | None = None) -> CallEntry | None:
    """The next household, held for this caller; None when nobody is left to call now."""
    entries = waiting(user, census, wish, at=at)
    for entry in entries.exclude(pk=but)[:20]:
        if take(entry, user, at=at):
            return entry
    return None


def take(entry: CallEntry, user, *, at: datetime) -> bool:
    """Hold a household for this caller; False where a colleague has it."""
    free = Q(held_until=None) | Q(held_until__lt=at) | Q(held_by=user)
    mine = CallEntry.objects.filter(free, pk=entry.pk)
    return bool(mine.update(held_by=user, held_until=at + HELD))


def begin(user, wish: Wish, *, at: datetime) -> None:
    """A calling session begins: names and numbers will be seen in clear, one household at a time."""
    AccessEvent.objects.create(
        at=at,
        by=user,
        action="calls.session",
        area_code=wish.area_code,
        about=f"campaign {wish.campaign}" if wish.campaign else f"area {wish.area_code}",
        purpose=PURPOSE,
    )


class Ended(NamedTuple):
    """What is known when a call is over. `key` was made with the page; `seen` and `version` are those it showed."""

    key: UUID
    code: str
    phone: str = ""
    new_phone: str = ""
    next_at: datetime | None = None
    status: int = int(Status.EMPTY_REGISTERED)
    people: tuple = ()
    births_and_deaths: Mapping[str, int | None] = {}
    confirmed: tuple = ()  # queries that the caller has asked again
    seen: int | None = None
    version: int = 0
    note: str = ""
    reason: work.Reason = ("", "")  # of an end "told": died, abroad, hukou moved away …


def end_call(census: Census, entry: CallEntry, call: Ended, to: Reach, *, by, at: datetime) -> str:
    """Record how a call ended, and what was said. The sentence for the caller; CallRefused where nothing was done."""
    end = ENDS.get(call.code)
    if end is None:
        raise CallRefused(problems.CHOOSE_END)
    if call.code == "later" and (call.next_at is None or call.next_at <= at):
        raise CallRefused(problems.WHEN_LATER)
    if call.code == "told" and call.reason not in reasons(to.item.kind):
        raise CallRefused(problems.WHAT_BECAME)
    if call.code == "registered" and not call.people:
        raise CallRefused(problems.NOBODY_TO_REGISTER)
    if to.household is not None and to.household.locked:
        raise CallRefused(problems.LOCKED)
    if Call.objects.filter(pk=call.key).exists():
        return problems.ENDED % {"ended": end.words}
    try:
        with transaction.atomic():
            said = _registered(census, call, to, by=by, at=at) if call.code == "registered" else None
            if said is None and to.household is not None:
                _contact(census, call, end, to, by=by, at=at)
            _in_ledger(census, call, end, to, said, by=by, at=at)
            _keep(census, entry, call, end, to, by=by, at=at)
    except (work.WorkRefused, members.MemberRefused) as refusal:
        raise CallRefused(str(refusal)) from refusal
    if said is None:
        return problems.ENDED % {"ended": end.words}
    if said.result == "merge":
        return str(problems.CHANGED_MEANWHILE)
    return (
        problems.REGISTERED_OPEN % {"n": said.edits.count('"H"')} if '"H"' in said.edits else str(problems.REGISTERED)
    )


def _contact(census: Census, call: Ended, end: End, to: Reach, *, by, at: datetime) -> None:
    """The contact itself, whatever came of it. What the line was found to be stays, unless somebody said otherwise."""
    h = to.household
    assert h is not None
    status = call.status if call.code == "registered" else h.visit_status
    if call.code == "told" and call.reason == LIVES_THERE:
        status = int(Status.ORDINARY)
    visit = events.Visit(
        answering.TELEPHONE,
        end.outcome,
        h.visit_status if to.member else status,
        ended_at=at,
        appointment_at=call.next_at if call.code == "later" else None,
        phone=call.new_phone if not to.member else "",
        note=call.note,
    )
    sender = answering.desk_of(by, census.pk)
    answering.send(h.id, h.block_code, "visit", visit, sender=sender, at=at, key=call.key)


def _registered(census: Census, call: Ended, to: Reach, *, by, at: datetime):
    """The form of the household or the member's section, by telephone; a register's household first gets its line."""
    sender = answering.desk_of(by, census.pk)
    if to.member is not None:
        return members.answer(
            to.member, call.people[0], method=answering.TELEPHONE, sender=sender, at=at, key=call.key, census=census
        )
    if to.household is None:
        if not to.block:
            raise CallRefused(problems.NO_VIRTUAL_BLOCK)
        head = next((p.D1 for p in call.people if p.D2 == 0), call.people[0].D1) or ""
        line = events.Line(address=to.address[:200], head=head, reason="电话登记：名单有、表上无")
        answering.send(to.key, to.block, "line", line, sender=sender, at=at, key=call.key)
        to = to._replace(household=Household.objects.get(pk=to.key))
    h = to.household
    assert h is not None
    _contact(census, call, ENDS["registered"], to, by=by, at=at)
    form = answering.household_form(
        (*to.others, *call.people),
        to.form,
        method=answering.TELEPHONE,
        status=call.status,
        household_type=h.household_type,
        births_and_deaths=dict(call.births_and_deaths),
    )
    form = answering.confirm(form, call.confirmed)
    return answering.send(h.id, h.block_code, "form", form, sender=sender, at=at, key=call.key, base=call.version)


def _in_ledger(census: Census, call: Ended, end: End, to: Reach, said, *, by, at: datetime) -> None:
    """A try on the work item; once the form stands without a hard edit, the item is closed as reached by telephone."""
    tried = work.Try("phone", end.outcome, next_at=call.next_at if call.code == "later" else None, note=call.note)
    work.attempt(to.item, tried, by=author(by), at=at, seen=call.seen)
    if call.code == "told":
        settle = work.close if may(by, "close", to.item.area_code) else work.propose
        settle(to.item, call.reason, by=author(by), at=at, seen=None, note=call.note)
    stands = said is not None and said.result in ("accepted", "duplicate") and '"H"' not in said.edits
    if not stands:
        return
    work.close(to.item, REACHED, by=author(by), at=at, seen=None)
    for item in WorkItem.objects.filter(pk__in=to.items).open().order_by("pk"):
        work.attempt(item, tried, by=author(by), at=at, seen=None)
        work.close(item, REACHED, by=author(by), at=at, seen=None)


def reasons(kind: str) -> list[work.Reason]:
    """With which reasons somebody who took the call may settle an item without a form."""
    may_be = [r for r in kinds()[kind].reasons if r[0] == "tracing_outcome" or r[1] == "register_wrong"]
    return [*([LIVES_THERE] if kind == EMPTY else []), *(r for r in may_be if r != REACHED)]


def _keep(census: Census, entry: CallEntry, call: Ended, end: End, to: Reach, *, by, at: datetime) -> None:
    Call.objects.create(
        id=call.key,
        item=to.item,
        census_id=census.pk,
        area_code=to.item.area_code,
        campaign_id=entry.campaign_id,
        at=at,
        hour=local(at).hour,
        by=author(by),
        ended=call.code,
        answered=end.answered,
    )
    left = len(to.phones) + bool(call.new_phone)
    if call.code == "wrong" and call.phone:
        WrongNumber.objects.get_or_create(item=to.item, phone_index=phone_index(call.phone))
        left -= call.phone in to.phones
    if to.member is not None and call.code != "registered":
        spent = to.item.tries + 1 >= census.parameter("max_calls") or not left
        state = Member.State.UNREACHABLE if spent else Member.State.CALLED
        waiting = (Member.State.NEW, Member.State.INVITED, Member.State.REMINDED, Member.State.CALLED)
        Member.objects.filter(pk=to.member.pk, state__in=waiting).update(state=state)
    entry.phones, entry.held_by, entry.held_until = left, None, None
    entry.save(update_fields=["phones", "held_by", "held_until"])


class Hour(NamedTuple):
    """Calls at an hour of the day, and how many of them somebody took."""

    hour: int
    calls: int
    answered: int

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.calls) if self.calls else 0


def by_hour(user, census: Census, area_code: str, campaign: UUID | None = None) -> list[Hour]:
    """The hours in which was called, in order."""
    calls = Call.objects.visible_to(user).in_area(area_code).filter(census_id=census.pk)
    if campaign:
        calls = calls.filter(campaign=campaign)
    counted = calls.values("hour").annotate(n=Count("pk"), taken=Sum(Cast("answered", IntegerField())))
    return [Hour(row["hour"], row["n"], row["taken"] or 0) for row in counted.order_by("hour")]


def best_hour(hours: Iterable[Hour]) -> Hour | None:
    """The hour in which most calls are taken; None until some hour was tried often enough to say."""
    enough = [h for h in hours if h.calls >= FEW and EARLY <= h.hour < LATE]
    return max(enough, key=lambda h: (h.answered / h.calls, h.calls, -h.hour), default=None)


def next_moment(best: Hour | None, *, at: datetime) -> datetime:
    """When to call again by default: at the best hour, today if it is at least an hour ahead, else tomorrow."""
    now = local(at)
    hour = best.hour if best else 19
    moment = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return moment if moment > now + timedelta(hours=1) else moment + timedelta(days=1)


def make_campaign(
    user, census: Census, area_code: str, *, name: str, size: int, callers: list[Staff], kind: str, at: datetime
) -> Campaign:
    """Put the next `size` free households of the list into a campaign, shared out among the callers in runs, so that
    each has neighbouring blocks. CallRefused where none is free."""
    if not name or size < 1:
        raise CallRefused(problems.CAMPAIGN_NAME)
    with transaction.atomic():
        free = listed(user, census, area_code)
        free = free.filter(campaign=None, phones__gt=0)
        if kind in KINDS:
            free = free.filter(item__kind=kind)
        chosen = list(free.select_for_update(of=("self",)).order_by("area_code", "pk")[:size])
        if not chosen:
            raise CallRefused(problems.CAMPAIGN_EMPTY)
        campaign = Campaign.objects.create(
            id=uuid4(), census_id=census.pk, area_code=area_code, name=name[:60], made_at=at, made_by=author(user)
        )
        campaign.callers.set(callers)
        for n, entry in enumerate(chosen):
            entry.campaign = campaign
            entry.caller = callers[n * len(callers) // len(chosen)] if callers else None
        CallEntry.objects.bulk_update(chosen, ["campaign", "caller"], batch_size=500)
    return campaign


class Progress(NamedTuple):
    """Where a campaign stands: households in all, closed, tried and open, never tried; by how the last call ended."""

    households: int
    closed: int
    tried: int
    untouched: int
    calls: int
    ends: list[tuple[End, int]]
    callers: list[tuple[str, int, int]]


def progress(campaign: Campaign) -> Progress:
    """Counted from the entries and calls of the campaign; closed + tried + untouched = households."""
    entries = CallEntry.objects.filter(campaign=campaign)
    closed = Q(item__state=WorkItem.State.CLOSED)
    counted = entries.aggregate(
        households=Count("pk"),
        closed=Count("pk", filter=closed),
        tried=Count("pk", filter=~closed & Q(item__tries__gt=0)),
        untouched=Count("pk", filter=~closed & Q(item__tries=0)),
    )
    ends = dict(campaign.calls.values_list("ended").annotate(n=Count("pk")).order_by("ended"))
    shares = entries.values("caller__name", "caller__number").annotate(n=Count("pk"), done=Count("pk", filter=closed))
    callers = [(r["caller__name"] or "", r["n"], r["done"]) for r in shares.order_by("caller__number")]
    return Progress(
        **counted, calls=sum(ends.values()), ends=[(e, ends.get(c, 0)) for c, e in ENDS.items()], callers=callers
    )


def may_call(user, area_code: str) -> bool:
    return may(user, "work", area_code)
