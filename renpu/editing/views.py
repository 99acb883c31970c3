"""Pages about one household: what is known, its form and edits, its merge tasks, its timeline, and decisions on it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.collection import events, journal
from renpu.collection.models import Event, Foreigner, MergeTask, Tracing
from renpu.collection.transitions import state_of
from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.editing import desk, problems, words
from renpu.editing.checks import parameters_of
from renpu.geography.places import names_of, place_of
from renpu.listing.models import Household
from renpu.platform.given import number_of, uuid_of
from renpu.platform.models import AccessEvent
from renpu.platform.office import must, with_census
from renpu.platform.panels import household_panels
from renpu.platform.vault import unseal
from renpu.staff.models import Staff

TIMELINE = 200
TASKS = 50


@require_safe
@never_cache
@with_census
def household(request, census, id: UUID):
    return show(request, census, found(request.user, census, id), clear=False)


@require_POST
@never_cache
@with_census
def clear(request, census, id: UUID):
    """The page in clear, once, for a purpose that is written into the access log before anything is shown."""
    h = found(request.user, census, id)
    must(request.user, "reveal", h.block_code)
    purpose = request.POST.get("purpose", "").strip()
    if len(purpose) < 2:
        messages.error(request, problems.PURPOSE_NEEDED)
        return redirect("household", h.id)
    AccessEvent.objects.create(
        at=timezone.now(),
        by=request.user,
        action="household.clear",
        area_code=h.block_code,
        about=str(h.id),
        purpose=purpose[:200],
    )
    return show(request, census, h, clear=True)


def found(user, census, id: UUID) -> Household:
    return get_object_or_404(Household.objects.visible_to(user), pk=id, census_id=census.pk)


def show(request, census, h: Household, *, clear: bool) -> HttpResponse:
    place = place_of(request, census, h.block_code)
    parameters = parameters_of(census)
    form = next(iter(journal.held_where(id=h.form_event)), None) if h.form_event else None
    sections, tables = [], []
    if form is not None and form.kind == "form":
        codes = {c for p in form.payload.answers.persons for c in (p.D7_code, p.D8_code) if c}
        how = {"clear": clear, "names": names_of(codes)}
        answers = form.payload.answers
        sections = words.side_by_side([answers], parameters, **how)[:1]
        tables = [
            words.in_columns(_("Members of the household"), answers.persons, "person", parameters, **how),
            words.in_columns(_("Persons who died"), answers.deaths, "death", parameters, **how),
        ]
    edits = words.edits_in_words(form, desk.settled_so_far(h), parameters) if form else []
    rows = list(Event.objects.visible_to(request.user).filter(about=h.id).order_by("-seq")[: TIMELINE + 1])
    told = [words.event_in_words(row, clear=clear) for row in rows[:TIMELINE]]
    names = dict(Staff.objects.filter(number__in={row.actor for row in rows}).values_list("number", "name"))
    head, phone = unseal(h.head, h.id.bytes + b"head"), unseal(h.phone, h.id.bytes + b"phone")
    return render(
        request,
        "editing/household.html",
        {
            "place": place,
            "h": h,
            "state": state_of(h),
            "clear": clear,
            "head": head if clear else mask_name(head),
            "phone": phone if clear else mask_phone(phone) if phone else "",
            "sections": sections,
            "tables": [table for table in tables if table.rows],
            "form": form,
            "edits": [e for e in edits if e.severity != "O"],
            "notes": [e for e in edits if e.severity == "O"],
            "open_edits": [e for e in edits if e.open],
            "foreigners": foreigners(h, clear),
            "tracing": Tracing.objects.filter(household_id=h.id).order_by("opened_on", "case_no"),
            "tasks": MergeTask.objects.filter(household_id=h.id).order_by("decided_at", "opened_at", "id"),
            "timeline": told,
            "more": len(rows) > TIMELINE,
            "actors": names,
            "panels": household_panels(request, h),
            "key": uuid4(),
        },
    )


def foreigners(h: Household, clear: bool) -> list[dict]:
    if not h.foreigners:
        return []
    people = []
    for p in Foreigner.objects.filter(household_id=h.id).order_by("line"):
        where = h.id.bytes + bytes((p.line & 255,))
        name, document = unseal(p.name, where + b"foreigner"), unseal(p.document, where + b"document")
        people.append(
            {
                "of": p,
                "name": name if clear else mask_name(name),
                "document": document if clear else mask_identity_number(document),
            }
        )
    return people


@require_POST
@with_census
def settle(request, census, id: UUID):
    """Edits whose reason was filled in are settled; the others stay open."""
    reasons = {}
    for name, text in request.POST.items():
        if name.startswith("edit-") and text.strip():
            rule, _colon, line = name.removeprefix("edit-").partition(":")
            if line.isdecimal():
                reasons[rule[:10], int(line)] = text.strip()[:200]
    return decided(
        request,
        census,
        id,
        lambda h, how: desk.settle(h, reasons, **how),
        _("Settled. What is still open stands below."),
    )


@require_POST
@with_census
def lock(request, census, id: UUID):
    locked = request.POST.get("locked") == "1"
    payload = events.Lock(locked, reason_of(request))
    told = _("Locked: forms and visits that still come in go to a merge task.") if locked else _("Unlocked.")
    return decided(request, census, id, lambda h, how: desk.decide(h, "lock", payload, **how), told)


@require_POST
@with_census
def remove(request, census, id: UUID):
    removed = request.POST.get("removed") == "1"
    payload = events.Remove(removed, reason_of(request))
    told = _("Removed from the roster. It counts nowhere now and can be put back.") if removed else _("Put back.")
    return decided(request, census, id, lambda h, how: desk.decide(h, "remove", payload, **how), told)


def reason_of(request) -> str:
    return request.POST.get("reason", "").strip()[:200]


def decided(request, census, id: UUID, act, told: str):
    """Do one decision on a household and go back to its page."""
    h = found(request.user, census, id)
    must(request.user, "decide", h.block_code)
    if "reason" in request.POST and not reason_of(request):
        messages.error(request, _("Write a reason. Nothing was changed."))
        return redirect("household", h.id)
    try:
        act(h, {"by": request.user, "at": timezone.now(), "key": key_of(request)})
    except desk.DecisionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect("household", h.id)


def key_of(request) -> UUID | None:
    """The id that the page gave to the decision, so that a form sent twice is one."""
    return uuid_of(request.POST.get("key", ""))


@require_safe
@with_census
def merge_tasks(request, census):
    """Open tasks of an area, the oldest first, or those decided, the newest first."""
    place = place_of(request, census)
    tasks = MergeTask.objects.visible_to(request.user).in_area(place.code).filter(census_id=census.pk)
    done = request.GET.get("done") == "1"
    tasks = tasks.exclude(decided_at=None) if done else tasks.filter(decided_at=None)
    order = ("-decided_at", "-id") if done else ("opened_at", "id")
    start = max(0, (number_of(request.GET.get("page", "")) or 1) - 1) * TASKS
    rows = list(tasks.order_by(*order)[start : start + TASKS + 1])
    homes = Household.objects.in_bulk([t.household_id for t in rows])
    names = names_of({t.block_code for t in rows} | {t.block_code[:12] for t in rows})
    for t in rows:
        t.home = homes.get(t.household_id)
        t.where = f"{names.get(t.block_code[:12], '')} {names.get(t.block_code, '')}".strip()
    found_rows = {"place": place, "tasks": rows[:TASKS], "done": done, "page": start // TASKS + 1}
    return render(request, "editing/merge_tasks.html", found_rows | {"more": len(rows) > TASKS})


@require_safe
@with_census
def merge_task(request, census, id: UUID):
    task = get_object_or_404(MergeTask.objects.visible_to(request.user), pk=id, census_id=census.pk)
    h = get_object_or_404(Household.objects.visible_to(request.user), pk=task.household_id)
    ids = [key for key in (task.current_event, task.other_event) if key]
    held = {one.id: one for one in journal.held_where(id__in=ids)}
    current, other = held.get(task.current_event), held.get(task.other_event)
    if other is None:
        raise Http404
    sections, sides = [], []
    if other.kind == "form":
        forms = [one.payload.answers if one and one.kind == "form" else None for one in (current, other)]
        codes = {c for form in forms if form for p in form.persons for c in (p.D7_code, p.D8_code) if c}
        sections = words.side_by_side(forms, parameters_of(census), clear=False, names=names_of(codes))
    people = dict(Staff.objects.filter(number__in=[one.actor for one in held.values()]).values_list("number", "name"))
    for one in (current, other):
        if one is None:
            sides.append({"of": None})
            continue
        title, facts = words.held_in_words(one, clear=False)
        sides.append(
            {
                "of": one,
                "title": title,
                "facts": facts,
                "who": people.get(one.actor, one.actor),
                "stands": one.id == h.form_event,
                "edits": words.edits_in_words(one, (), parameters_of(census)),
            }
        )
    return render(
        request,
        "editing/merge_task.html",
        {
            "place": place_of(request, census, h.block_code),
            "task": task,
            "h": h,
            "sides": sides,
            "sections": sections,
            "equal": [s for s in sections if not s.differs],
            "different": [s for s in sections if s.differs],
            "key": uuid4(),
        },
    )


@require_POST
@with_census
def decide_merge(request, census, id: UUID):
    task = get_object_or_404(MergeTask.objects.visible_to(request.user), pk=id, census_id=census.pk)
    must(request.user, "decide", task.block_code)
    keep, reason = request.POST.get("keep", ""), reason_of(request)
    if keep not in ("current", "other") or not reason:
        messages.error(request, problems.CHOOSE_AND_SAY_WHY)
        return redirect("merge-task", task.id)
    if task.decided_at is not None:
        messages.error(request, problems.DECIDED_BEFORE)
        return redirect("merge-task", task.id)
    try:
        desk.decide_merge(task, keep, reason, by=request.user, at=timezone.now(), key=key_of(request))
    except desk.DecisionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Decided. Both stay in the journal."))
    return redirect("merge-task", task.id)
