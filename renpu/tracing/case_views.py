"""Pages of cases: the list of an area, one case with what is known and done, and every action on it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.collection.models import Person, Tracing
from renpu.concepts.codes import code_list
from renpu.concepts.masking import mask_phone
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem
from renpu.geography.places import names_of, place_of
from renpu.linkage.models import Link, line_key
from renpu.listing.models import Household
from renpu.platform.areas import may_see
from renpu.platform.given import number_of, uuid_of
from renpu.platform.models import AccessEvent
from renpu.platform.office import must, with_census
from renpu.registers.models import RegisterRow
from renpu.tracing import cases, problems, requests, ties
from renpu.tracing.cases import TracingRefused
from renpu.tracing.hints import BY_NUMBER, hints
from renpu.tracing.models import Case, HelpRequest
from renpu.tracing.persons import parse_record, who, whos
from renpu.tracing.request_form import addressees, default_letter, read_addressee, read_letter
from renpu.tracing.words import SOURCES_SAID, step_words

PAGE = 100
SHOWS = ("open", "asked", "answered", "closed")


@require_safe
@with_census
def case_list(request, census):
    place = place_of(request, census)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "open"
    mine = Case.objects.visible_to(request.user).of(census).in_area(place.code)
    rows = narrowed(mine, show)
    start = number_of(request.GET.get("after", "")) or 0
    found = list(rows.order_by("-opened_at", "id")[start : start + PAGE + 1])
    shown = found[:PAGE]
    people = {key: one.masked() for key, one in whos(shown).items()}
    names = names_of({c.area_code for c in shown} | {c.to_code for c in shown if c.to_code})
    homes = Household.objects.in_bulk([c.household_id for c in shown if c.household_id])
    waiting = waiting_of(shown)
    return render(
        request,
        "tracing/cases.html",
        {
            "place": place,
            "show": show,
            "counts": {name: narrowed(mine, name).count() for name in SHOWS},
            "rows": [
                {
                    "case": c,
                    "who": people[c.id],
                    "area": names.get(c.area_code, c.area_code),
                    "home": homes.get(c.household_id),
                    "to": names.get(c.to_code, c.to_code),
                    "asked": waiting.get(c.id),
                }
                for c in shown
            ],
            "next": start + PAGE if len(found) > PAGE else None,
            "field": field_cases(request.user, census, place.code) if show == "open" and not start else [],
        },
    )


def narrowed(rows, show: str):
    asked = HelpRequest.objects.exclude(state=HelpRequest.State.WITHDRAWN)
    match show:
        case "asked":
            return rows.open().filter(id__in=asked.waiting().values("case_id"))
        case "answered":
            answered = asked.filter(state=HelpRequest.State.ANSWERED).values("case_id")
            return rows.open().filter(id__in=answered)
        case "closed":
            return rows.exclude(outcome=None)
    return rows.open()


def waiting_of(shown) -> dict[UUID, dict[str, int]]:
    """case id -> how many of its requests wait, are overdue, are answered."""
    today = timezone.localdate()
    waits = Q(state=HelpRequest.State.SENT)
    rows = HelpRequest.objects.filter(case__in=shown).values("case_id")
    counted = rows.annotate(
        waiting=Count("id", filter=waits),
        overdue=Count("id", filter=waits & Q(letter__due_on__lt=today)),
        answered=Count("id", filter=Q(state=HelpRequest.State.ANSWERED)),
    ).order_by("case_id")
    return {row.pop("case_id"): row for row in counted}


def field_cases(user, census, area_code: str) -> list[Tracing]:
    """Cases that the field recorded and did not close, of which the office has none yet."""
    rows = Tracing.objects.visible_to(user).in_area(area_code).filter(outcome=None).exclude(line=None)
    rows = list(rows.order_by("block_code", "case_no", "id")[:PAGE])
    records = {row.id: line_key(row.household_id, row.line) for row in rows}
    known = set(Case.objects.of(census).filter(record__in=records.values()).values_list("record", flat=True))
    names = names_of({row.block_code for row in rows})
    for row in rows:
        row.record, row.area = records[row.id], names.get(row.block_code, row.block_code)
    return [row for row in rows if row.record not in known]


@require_POST
@with_census
def open_case(request, census):
    """From a form line, a register row (`record`) or a work item (`item`)."""
    item = None
    if key := uuid_of(request.POST.get("item", "")):
        item = get_object_or_404(WorkItem.objects.visible_to(request.user), pk=key, census_id=census.pk)
    try:
        chosen = request.POST.get("follow") or request.POST.get("record", "")
        record = cases.record_of(item) if item else chosen
        area = area_of(request.user, census, record)
        must(request.user, "work", area)
        case = cases.open_case(census, record, by=request.user, at=timezone.now(), item=item)
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("cases")
    return redirect("case", case.id)


def area_of(user, census, record: str) -> str:
    """The area of a record that the user may see; Http404 for any other."""
    try:
        found = parse_record(record)
    except ValueError:
        raise Http404 from None
    if isinstance(found, int):
        row = get_object_or_404(RegisterRow.objects.visible_to(user), pk=found)
        return row.block_code or row.area_code
    return get_object_or_404(Household.objects.visible_to(user), pk=found[0], census_id=census.pk).block_code


def found(request, census, id: UUID) -> Case:
    return get_object_or_404(Case.objects.visible_to(request.user), pk=id, census_id=census.pk)


@require_safe
@never_cache
@with_census
def case(request, census, id: UUID):
    return show_case(request, census, found(request, census, id), clear=False)


@require_POST
@never_cache
@with_census
def case_clear(request, census, id: UUID):
    """Name, numbers and notes in clear, once, for a purpose that is logged before anything is shown."""
    of = found(request, census, id)
    must(request.user, "reveal", of.area_code)
    purpose = request.POST.get("purpose", "").strip()
    if len(purpose) < 2:
        messages.error(request, problems.WHY)
        return redirect("case", of.id)
    log_access(request.user, "case.clear", of.area_code, str(of.id), purpose)
    return show_case(request, census, of, clear=True)


def log_access(user, action: str, area_code: str, about: str, purpose: str) -> None:
    AccessEvent.objects.create(
        at=timezone.now(), by=user, action=action, area_code=area_code, about=about[:80], purpose=purpose[:200]
    )


def show_case(request, census, of: Case, *, clear: bool):
    user, person = request.user, who(of)
    home = Household.objects.filter(pk=of.household_id).first() if of.household_id else None
    there = Household.objects.visible_to(user).filter(pk=of.there_household_id).first()
    line = Person.objects.filter(household_id=of.household_id, line=of.line).first() if of.line else None
    asked = list(of.requests.select_related("letter").order_by("letter__sent_at", "id"))
    codes = {r.letter.to_code for r in asked if r.letter.to_code} | {of.area_code, of.to_code, of.area_code[:12]} - {""}
    both = ties.sides(of)
    told = known(user, census, person, of)
    item = WorkItem.objects.visible_to(user).filter(pk=of.item_id).first() if of.item_id else None
    return render(
        request,
        "tracing/case.html",
        {
            "place": place_of(request, census, of.area_code),
            "case": of,
            "clear": clear,
            "who": person if clear else person.masked(),
            "home": home,
            "line": line,
            "row": RegisterRow.objects.visible_to(user).filter(pk=of.row_id).first() if of.row_id else None,
            "item": item,
            "there": there,
            "there_hidden": of.there_household_id and there is None,
            "hints": told if clear else [h._replace(phone=mask_phone(h.phone)) for h in told],
            "requests": [answered(r, clear) for r in asked],
            "names": names_of(codes),
            "steps": [step_words(step, clear) for step in of.steps.order_by("-id")[:200]],
            "sides": both,
            "may_settle": {
                "here": both is not None and may_see(user, both.here.block_code),
                "there": both is not None and may_see(user, both.there.block_code),
            },
            "tie": ties.tied(of),
            "outcomes": outcomes_of(item),
            "places": {k: v for k, v in code_list("residence_place").items() if int(k) in cases.ELSEWHERE},
            "durations": code_list("away_duration"),
            "reasons": code_list("away_reason"),
            "sources_said": SOURCES_SAID,
            "addressees": addressees(census, of.area_code),
            "letter": default_letter(census, of.area_code, user),
            "suspects": suspects(request.GET.get("ask", ""), of, told),
            "key": uuid4(),
        },
    )


def outcomes_of(item: WorkItem | None) -> list[str]:
    """The outcomes with which a case may end: those that its work item may be closed with."""
    if item is None:
        return list(code_list("tracing_outcome"))
    return [code for name, code in kinds()[item.kind].reasons if name == "tracing_outcome"]


def known(user, census, person, of: Case):
    return hints(user, census, person, but=of.record)


def suspects(chosen: str, of: Case, told) -> dict[str, str]:
    """The committee and address with which the request form begins: of the hint that was chosen, else of the case."""
    hint = next((h for h in told if h.record == chosen), None)
    if hint is None:
        return {"code": of.to_code if len(of.to_code) == 12 else "", "address": ""}
    return {"code": hint.area_code[:12], "address": hint.address}


def answered(r: HelpRequest, clear: bool) -> dict:
    phone, note = requests.opened(r, "phone"), requests.opened(r, "note")
    return {
        "of": r,
        "letter": r.letter,
        "phone": phone if clear else mask_phone(phone),
        "note": note if clear else "…" * bool(note),
        "overdue": r.state == HelpRequest.State.SENT and r.letter.due_on < timezone.localdate(),
    }


def done(request, of: Case, act, told: str):
    """Do one action on a case and go back to its page."""
    try:
        act({"by": request.user, "at": timezone.now(), "seen": number_of(request.POST.get("seen", ""))})
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        if refusal.task is not None:
            return redirect("merge-task", refusal.task)
    else:
        messages.success(request, told)
    return redirect("case", of.id)


@require_POST
@with_census
def add_hint(request, census, id: UUID):
    of = found(request, census, id)
    must(request.user, "work", of.area_code)
    source, text = request.POST.get("source", "")[:40], request.POST.get("text", "")
    return done(request, of, lambda how: cases.add_hint(of, source, text, **how), _("Noted."))


@require_POST
@with_census
def name_household(request, census, id: UUID):
    """The hukou side: block, household number and line, as the roster shows them."""
    of = found(request, census, id)
    must(request.user, "work", of.area_code)
    home, line = named_household(request, census)
    if home is None:
        messages.error(request, problems.NO_SUCH_HOUSEHOLD)
        return redirect("case", of.id)
    return done(request, of, lambda how: cases.name_household(of, home, line, **how), _("Named."))


@require_POST
@with_census
def name_there(request, census, id: UUID):
    """The household in which the person is enumerated, by somebody who sees both."""
    of = found(request, census, id)
    must(request.user, "ask", of.area_code)
    home, line = named_household(request, census)
    if record := request.POST.get("record", ""):
        home, line = enumerated_in(request.user, census, of, record)
    if home is None or not line:
        messages.error(request, problems.NO_SUCH_HOUSEHOLD)
        return redirect("case", of.id)
    return done(request, of, lambda how: cases.name_there(of, home, line, **how), _("Named."))


def enumerated_in(user, census, of: Case, record: str) -> tuple[Household | None, int | None]:
    """The household and line of a hint that says: a form on which the same identity number lives. It may lie in another
    committee, of which nothing more is shown."""
    sure = {h.record for h in known(user, census, who(of), of) if h.quality == BY_NUMBER and h.form}
    if record not in sure:
        return None, None
    household, line = parse_record(record)
    return Household.objects.filter(pk=household, census_id=census.pk, removed=False).first(), line


def named_household(request, census) -> tuple[Household | None, int | None]:
    block, number = request.POST.get("block", "").strip(), request.POST.get("household_no", "").strip()
    homes = Household.objects.visible_to(request.user).filter(census_id=census.pk, removed=False)
    home = homes.filter(block_code=block, household_no=number).order_by("id").first()
    return home, number_of(request.POST.get("line", ""))


@require_POST
@with_census
def call(request, census, id: UUID):
    """The person was reached by telephone: D7, D9 and D10."""
    of = found(request, census, id)
    must(request.user, "work", of.area_code)
    place, duration, reason = (number_of(request.POST.get(name, "")) for name in ("D7", "D9", "D10"))
    left = duration != ties.NOT_LEFT
    county = request.POST.get("D7_code", "").strip()
    version = number_of(request.POST.get("version", ""))
    why = reason in code_list("away_reason").ints or not left
    known = place in cases.ELSEWHERE and duration in code_list("away_duration").ints and why
    wrong = None if known else problems.CALL_ANSWERS
    if wrong is None and place == 5 and not (len(county) == 6 and county.isdecimal()):
        wrong = problems.PLACE_CODE
    if wrong is not None or version is None:
        messages.error(request, wrong or problems.CALL_ANSWERS)
        return redirect("case", of.id)
    answers = {"D7": place, "D7_code": county if place == 5 else None, "D9": duration}
    answers["D10"] = reason if left else None
    key = uuid_of(request.POST.get("key", ""))
    told = _("Written into the form of the household, as a new version made by telephone.")
    return done(request, of, lambda how: cases.call(of, version, answers, key=key, **how), told)


@require_POST
@with_census
def tie(request, census, id: UUID):
    of = found(request, census, id)
    must(request.user, "close", of.area_code)
    note = request.POST.get("note", "").strip()
    apart = request.POST.get("status") == Link.Status.APART
    if apart and not note:
        messages.error(request, problems.WHY)
        return redirect("case", of.id)
    status = Link.Status.APART if apart else Link.Status.LINKED
    told = _("Two persons: the records are apart.") if apart else _("Both records are tied.")
    return done(request, of, lambda how: ties.tie(of, status=status, note=note, **how), told)


@require_POST
@with_census
def settle(request, census, id: UUID):
    """One item on which the two records differ; the form that is changed must be one's own to decide."""
    of = found(request, census, id)
    name, stands = request.POST.get("item", ""), request.POST.get("stands", "")
    try:
        change = ties.to_change(of, name, stands)
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("case", of.id)
    must(request.user, "decide", change[0].block_code if change else of.area_code)
    versions = {
        key: version
        for field, version in request.POST.items()
        if field.startswith("version-") and (key := uuid_of(field.removeprefix("version-")))
    }
    versions = {key: number_of(text) or 0 for key, text in versions.items()}
    reason, key = request.POST.get("reason", ""), uuid_of(request.POST.get("key", ""))
    return done(request, of, lambda how: ties.settle(of, name, stands, reason, versions, key=key, **how), _("Settled."))


@require_POST
@with_census
def close(request, census, id: UUID):
    of = found(request, census, id)
    must(request.user, "close", of.area_code)
    outcome, ground = number_of(request.POST.get("outcome", "")), request.POST.get("ground", "")
    told = _("Closed. The outcome stands in the journal of the household and can be taken back.")
    return done(request, of, lambda how: requests.close_case(of, outcome or 0, ground=ground, **how), told)


@require_POST
@with_census
def reopen(request, census, id: UUID):
    of = found(request, census, id)
    must(request.user, "close", of.area_code)
    return done(request, of, lambda how: cases.reopen(of, request.POST.get("why", ""), **how), _("Open again."))


@require_POST
@with_census
def ask(request, census, id: UUID):
    """Send a request for help about this case."""
    of = found(request, census, id)
    must(request.user, "ask", of.area_code)
    try:
        to, asked = read_addressee(request.POST, census), read_letter(request.POST)
        people = [(of, request.POST.get("suspected", ""))]
        letter = requests.send(people, to, asked, from_code=of.area_code[:12], by=request.user, at=timezone.now())
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('case', args=[of.id])}#ask")
    messages.success(request, _("Sent as %(number)s.") % {"number": letter.number})
    return redirect("letter", letter.id)
