"""Pages of those who telephone: the list, one household at a time, campaigns."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.collection.answers import Person
from renpu.concepts.household_status import Status
from renpu.concepts.masking import mask_name, mask_phone
from renpu.coverage.models import WorkItem
from renpu.editing.checks import parameters_of
from renpu.geography.places import names_of, place_of
from renpu.listing.models import Household
from renpu.platform.given import number_of, uuid_of, uuids_of
from renpu.platform.language import code_word
from renpu.platform.models import TIME_ZONE, AccessEvent, local
from renpu.platform.office import must, with_census
from renpu.platform.vault import unseal
from renpu.staff.models import Staff
from renpu.tracing import answering, asking, calls, members
from renpu.tracing import call_problems as problems
from renpu.tracing.models import Call, CallEntry, Campaign
from renpu.tracing.reach import EMPTY, KINDS, Reach, reach

STATUSES = (Status.EMPTY_REGISTERED, Status.MOVED, Status.AWAY_HALF_YEAR_OR_MORE, Status.AWAY_UNDER_HALF_YEAR)
NEW_PEOPLE = 3  # empty places for persons of whom nothing is known
LIST = 50
BIRTHS = ("H3m", "H3f", "H4m", "H4f")


@require_safe
@with_census
def call_list(request, census):
    """Who is to be called, by hour what was answered, and the campaigns."""
    place = place_of(request, census)
    now = timezone.now()
    entries = calls.listed(request.user, census, place.code)
    due = calls.waiting(request.user, census, calls.Wish(place.code), at=now)
    hours = calls.by_hour(request.user, census, place.code)
    rows = list(entries.select_related("item", "caller").order_by("area_code", "pk")[:LIST])
    told = Household.objects.in_bulk([e.item.household_id for e in rows if e.item.household_id])
    for e in rows:
        e.household = told.get(e.item.household_id)
        e.head = mask_name(unseal(e.household.head, e.household.id.bytes + b"head")) if e.household else ""
        e.kind = e.item.kind
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = {
        "place": place,
        "rows": rows,
        "all": entries.count(),
        "due": due.count(),
        "later": entries.filter(item__next_at__gt=now).count(),
        "without": entries.filter(phones=0).count(),
        "today": Call.objects.visible_to(request.user).in_area(place.code).filter(at__gte=today).count(),
        "unlisted": calls.to_register(request.user, census, place.code).count(),
        "hours": hours,
        "best": calls.best_hour(hours),
        "campaigns": Campaign.objects.visible_to(request.user).in_area(place.code).of(census).order_by("-made_at")[:20],
        "staff": Staff.objects.visible_to(request.user).in_area(place.code).order_by("number")[:200],
        "kinds": KINDS,
    }
    return render(request, "tracing/calls.html", shown)


@require_POST
@with_census
def make_list(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "work", place.code)
    told = calls.make_list(request.user, census, place.code, at=timezone.now())
    messages.success(request, problems.LIST_MADE % told)
    return redirect(f"{reverse('calls')}?area={place.code}")


@require_POST
@never_cache
@with_census
def begin(request, census):
    """Begin to call: from now on names and numbers are seen in clear, one household at a time."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "work", place.code)
    wish = calls.Wish(place.code, request.POST.get("campaign", ""), "")
    if wish.campaign:
        campaign = get_object_or_404(Campaign.objects.visible_to(request.user).of(census), pk=named(wish.campaign))
        staff = getattr(request.user, "staff", None)
        if staff is not None and campaign.callers.filter(pk=staff.pk).exists():
            wish = wish._replace(mine=str(staff.pk))
    calls.begin(request.user, wish, at=timezone.now())
    request.session["calls"] = list(wish)
    if request.POST.get("item"):
        return redirect("call", named(request.POST["item"]))
    return to_next(request, census, wish)


def to_next(request, census, wish: calls.Wish, but: UUID | None = None):
    """The next household of the session, held for this caller."""
    entry = calls.take_next(request.user, census, wish, at=timezone.now(), but=but)
    if entry is None:
        messages.info(request, problems.NOBODY_LEFT)
        if wish.campaign:
            return redirect("campaign", wish.campaign)
        return redirect(f"{reverse('calls')}?area={wish.area_code}")
    return redirect("call", entry.pk)


def named(text: str) -> UUID:
    """The identifier that a page of ours wrote; Http404 where something else stands."""
    if (found := uuid_of(text)) is None:
        raise Http404
    return found


def session_of(request) -> calls.Wish | None:
    wish = request.session.get("calls")
    return calls.Wish(*wish) if wish else None


@never_cache
@with_census
def call(request, census, item_id: UUID):
    """One household on the screen; posted, how the call ended."""
    entries = CallEntry.objects.visible_to(request.user).of(census).select_related("item", "campaign")
    entry = get_object_or_404(entries, pk=item_id)
    must(request.user, "work", entry.area_code)
    wish = session_of(request)
    if wish is None or not entry.area_code.startswith(wish.area_code):
        return redirect(f"{reverse('calls')}?area={entry.area_code}")
    now = timezone.now()
    if entry.item.state == WorkItem.State.CLOSED or not calls.take(entry, request.user, at=now):
        messages.info(request, problems.CALLED_BY_OTHER)
        return to_next(request, census, wish, but=entry.pk)
    if request.method != "POST":
        return show(request, census, entry, wish, reach(census, entry.item), {}, uuid4())
    return ended(request, census, entry, wish, now)


def ended(request, census, entry: CallEntry, wish: calls.Wish, now: datetime):
    post = request.POST
    to = reach(census, entry.item)
    key = named(post.get("key", ""))
    told: list[str] = []
    what = calls.Ended(
        key,
        post.get("ended", ""),
        phone=post.get("phone", "")[:20],
        new_phone="".join(filter(str.isdigit, post.get("new_phone", "")))[:20],
        next_at=moment(post.get("next_at", "")),
        status=status_of(post.get("status", ""), to),
        seen=int(post["seen"]) if post.get("seen", "").isdecimal() else None,
        version=int(post["version"]) if post.get("version", "").isdecimal() else 0,
        note=post.get("note", "").strip()[:300],
        reason=tuple(post.get("reason", "").split(":", 1)),
    )
    if what.code == "registered":
        people, told = people_of(post, to, parameters_of(census))
        births = {name: number_of(post.get(name, ""), 3) for name in BIRTHS}
        if post.get("nobody_born_or_died") == "1":
            births = dict.fromkeys(BIRTHS, 0)
        what = what._replace(people=tuple(people), births_and_deaths=births)
        found = rules_say(census, to, what) if people else answering.Found([], [])
        told += [in_place(message, line) for _rule, line, message in found.hard]
        asked = [in_place(message, line) for _rule, line, message in found.queries]
        if (told or asked) and post.get("sure") != "1":
            return show(request, census, entry, wish, to, post, key, told, asked)
        what = what._replace(confirmed=tuple(found.queries))
    try:
        said = calls.end_call(census, entry, what, to, by=request.user, at=now)
    except calls.CallRefused as refusal:
        return show(request, census, entry, wish, to, post, key, [str(refusal)])
    messages.success(request, said)
    return to_next(request, census, wish, but=entry.pk)


def status_of(chosen: str, to: Reach) -> int:
    """What the household is, as the caller says; where others of it were registered before, as it was."""
    if to.others and to.household is not None:
        return to.form.household_status if to.form else to.household.visit_status
    return int(chosen) if chosen in {str(int(s)) for s in STATUSES} else int(STATUSES[0])


def in_place(message: str, line: int) -> str:
    return problems.SAY_WHO % {"n": line, "problem": message} if line else message


def moment(text: str) -> datetime | None:
    """The moment of a datetime-local field, on the clock of the census."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=TIME_ZONE) if found and found.tzinfo is None else found


def rules_say(census, to: Reach, what: calls.Ended) -> answering.Found:
    if to.member is not None:
        return members.draft(census, to.member, what.people[0], answering.TELEPHONE)[1]
    form = answering.household_form(
        (*to.others, *what.people),
        to.form,
        method=answering.TELEPHONE,
        status=what.status,
        household_type=to.household.household_type if to.household else 1,
        births_and_deaths=dict(what.births_and_deaths),
    )
    return answering.check(census, to.block or to.item.area_code, to.household, form)


def people_of(post: Mapping[str, str], to: Reach, parameters) -> tuple[list[Person], list[str]]:
    """The persons as the caller heard, and what is not answered. Where all went together, blank answers of the others
    are those of the first; who is said to be no longer of the household is left out."""
    people: list[Person] = []
    told: list[str] = []
    values = dict(post.items())
    together = post.get("together") == "1"
    for n, (known, items) in enumerate(places(to, parameters)):
        if post.get(f"p{n}-out") in ("moved", "died"):
            continue
        if known is None and not post.get(f"p{n}-D1", "").strip():
            continue
        if together and n:
            for item in asking.ALWAYS:
                values[f"p{n}-{item}"] = values.get(f"p{n}-{item}") or values.get(f"p0-{item}", "")
        blank = Person(uuid=str(uuid4())) if known is None else known
        person, problems_of = asking.read(values, f"p{n}", items, blank)
        people.append(person)
        told += [problems.SAY_WHO % {"n": len(people), "problem": p} for p in problems_of]
    return people, told


def places(to: Reach, parameters):
    """(person or None, items to ask) of each place of the page: who is known, then empty places for a household."""
    found = [
        (msgspec.structs.replace(k.person, uuid=k.person.uuid or k.uuid), asking.still_due(k.person, parameters))
        for k in to.people
    ]
    if to.member is None and not to.people:
        found += [(None, asking.still_due(Person(), parameters))] * NEW_PEOPLE
    return found


def show(request, census, entry, wish, to: Reach, values, key: UUID, told=(), queries=()):
    parameters = parameters_of(census)
    people = []
    suggested = [k.suggested for k in to.people]
    for n, (known, items) in enumerate(places(to, parameters)):
        begun = {f"p{n}-{item}": code for item, code in (suggested[n] if n < len(suggested) else {}).items()}
        before = dict(values.items()) if values else begun | as_values(known, f"p{n}")
        people.append(
            {
                "n": n,
                "prefix": f"p{n}",
                "known": known,
                "out": before.get(f"p{n}-out", ""),
                "questions": asking.asked(f"p{n}", items, before),
            }
        )
    now = timezone.now()
    best = calls.best_hour(calls.by_hour(request.user, census, wish.area_code))
    household = to.household
    status = values.get("status") or str(household.visit_status if household else int(Status.EMPTY_REGISTERED))
    names = names_of({entry.area_code, entry.area_code[:12]})
    shown = {
        "entry": entry,
        "item": entry.item,
        "to": to,
        "block_name": names.get(entry.area_code, ""),
        "committee_name": names.get(entry.area_code[:12], ""),
        "people": people,
        "several": len(people) > 1,
        "ends": list(calls.ENDS.values()),
        "statuses": [int(s) for s in STATUSES],
        "status": status,
        "asks_status": to.member is None and not to.others,
        "phones": to.phones,
        "wrong_masked": [mask_phone(p) for p in to.phones[1:]],
        "next_at": values.get("next_at") or f"{calls.next_moment(best, at=now):%Y-%m-%dT%H:%M}",
        "best": best,
        "counties": asking.counties(),
        "values": values,
        "reasons": [(":".join(reason), reason_word(reason)) for reason in calls.reasons(entry.item.kind)],
        "asks_births": to.member is None and to.form is None,
        "told": told,
        "queries": queries,
        "key": key,
        "left": calls.waiting(request.user, census, wish, at=now).count(),
        "earlier": entry.item.calls.order_by("-at")[:6],
        "ends_by_code": {code: end.words for code, end in calls.ENDS.items()},
        "t0": local(census.t0),
    }
    response = render(request, "tracing/call.html", shown)
    response.headers["Cache-Control"] = "no-store"
    return response


def reason_word(reason: tuple[str, str]) -> str:
    return gettext("They live at this address: to be visited") if reason == calls.LIVES_THERE else code_word(*reason)


def as_values(known: Person | None, prefix: str) -> dict[str, str]:
    """What the page shows as answered before: what a form says, as the start of the question, not as its answer."""
    if known is None:
        return {}
    return {
        f"{prefix}-{item}": str(value)
        for item in asking.QUESTIONS
        if (value := getattr(known, item, None)) not in (None, "")
    }


@require_POST
@with_census
def make_campaign(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "close", place.code)
    chosen = uuids_of(request.POST.getlist("callers"))
    callers = list(Staff.objects.visible_to(request.user).filter(pk__in=chosen).order_by("number"))
    try:
        campaign = calls.make_campaign(
            request.user,
            census,
            place.code,
            name=request.POST.get("name", "").strip(),
            size=number_of(request.POST.get("size", ""), 4) or 0,
            callers=callers,
            kind=request.POST.get("kind", ""),
            at=timezone.now(),
        )
    except calls.CallRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('calls')}?area={place.code}")
    messages.success(request, problems.CAMPAIGN_MADE % {"n": campaign.entries.count()})
    return redirect("campaign", campaign.pk)


def campaign_of(request, census, id: UUID) -> Campaign:
    return get_object_or_404(Campaign.objects.visible_to(request.user).of(census), pk=id)


@require_safe
@with_census
def campaign(request, census, id: UUID):
    found = campaign_of(request, census, id)
    entries = CallEntry.objects.filter(campaign=found).select_related("item", "caller").order_by("area_code", "pk")
    rows = list(entries[:1000])
    told = Household.objects.in_bulk([e.item.household_id for e in rows if e.item.household_id])
    last = {c.item_id: c.ended for c in found.calls.order_by("at", "pk")}
    for e in rows:
        e.household = told.get(e.item.household_id)
        e.head = mask_name(unseal(e.household.head, e.household.id.bytes + b"head")) if e.household else ""
        e.ended = calls.ENDS[last[e.pk]].words if e.pk in last else ""
    wish = calls.Wish(found.area_code, str(found.pk))
    shown = {
        "place": place_of(request, census, found.area_code),
        "campaign": found,
        "progress": calls.progress(found),
        "hours": calls.by_hour(request.user, census, found.area_code, found.pk),
        "rows": rows,
        "due": calls.waiting(request.user, census, wish, at=timezone.now()).count(),
    }
    return render(request, "tracing/campaign.html", shown)


@require_POST
@never_cache
@with_census
def sheet(request, census, id: UUID):
    """A list to call from on paper, names and numbers in clear; who printed it is in the access log."""
    found = campaign_of(request, census, id)
    must(request.user, "reveal", found.area_code)
    AccessEvent.objects.create(
        at=timezone.now(),
        by=request.user,
        action="calls.sheet",
        area_code=found.area_code,
        about=f"campaign {found.pk}",
        purpose=calls.PURPOSE,
    )
    rows = []
    for entry in CallEntry.objects.filter(campaign=found).open().select_related("item").order_by("area_code", "pk"):
        to = reach(census, entry.item)
        rows.append({"to": to, "head": next((k.person.D1 for k in to.people), ""), "caller": entry.caller})
    return render(
        request,
        "tracing/sheet.html",
        {"place": place_of(request, census, found.area_code), "campaign": found, "rows": rows, "empty": EMPTY},
    )
