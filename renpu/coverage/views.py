"""Pages of the ledger: what is open in an area, the list of items, one item, my work, a sheet for a block."""

from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.concepts.codes import code_list
from renpu.coverage import bulk, closing, evidence, items, meters, problems, vacancy_check, words, work
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem, WorkStep
from renpu.geography.places import names_below, names_of, place_of
from renpu.platform.areas import may_see
from renpu.platform.given import number_of, uuid_of, uuids_of
from renpu.platform.models import TIME_ZONE, AccessEvent, local
from renpu.platform.office import author, must, with_census
from renpu.platform.panels import work_item_panels
from renpu.platform.roles import may
from renpu.staff.models import Staff

PEOPLE = 300  # staff offered to be given an item
SHEET = 400  # items of a printed sheet
MINE = 200
SCALE = 100  # kWh a month that fill a bar: a small household's use


def today_of(now: datetime) -> date:
    return local(now).date()


@require_safe
@with_census
def ledger(request, census):
    """What is open, overdue, reported back, gone and closed in an area, by kind and by part."""
    place = place_of(request, census)
    found = items.overview(request.user, census, place, today_of(timezone.now()))
    return render(request, "coverage/ledger.html", {"place": place, "found": found})


@require_safe
@with_census
def work_items(request, census):
    """The items of an area: all of the filter is in the address. HTMX asks for the table alone."""
    place, now = place_of(request, census), timezone.now()
    wanted = items.Wanted.read(request.GET)
    query = items.found(request.user, census, place.code, wanted, today_of(now))
    page = items.page(query, wanted.after)
    shown = {"place": place, "wanted": wanted, "page": page, "rows": listed(request, census, page.rows, now)}
    shown["may_close"] = may(request.user, "close", place.code)
    if request.htmx and request.htmx.target == "items":
        return render(request, "coverage/_items.html", shown)
    shown |= {
        "kinds": kinds(),
        "parts": names_below(place),
        "owner": Staff.objects.visible_to(request.user).filter(pk=uuid_of(wanted.owner)).first()
        if wanted.owner not in ("", "me")
        else None,
        "choices": choices(request, place) if shown["may_close"] else None,
    }
    return render(request, "coverage/items.html", shown)


def listed(request, census, rows: list[WorkItem], now: datetime) -> list[WorkItem]:
    """Gives the items what a row shows: `shown`, `where`, `late`, `kind_name`."""
    codes = {i.area_code for i in rows}
    names = names_of(codes | {code[:12] for code in codes})
    shown = evidence.in_list(request.user, census, rows)
    for item in rows:
        item.shown = shown[item.pk]
        above = names.get(item.area_code[:12], "") if len(item.area_code) > len("310199001001") else ""
        item.where = f"{above} {names.get(item.area_code, item.area_code)}".strip()
        item.late = evidence.days_over(item, today_of(now))
        item.kind_name = kinds()[item.kind]
    return rows


def choices(request, place) -> dict:
    """What a bulk action may set: people of the area, and reasons."""
    reasons = dict.fromkeys(reason for kind in kinds().values() for reason in kind.reasons)
    return {"people": people_of(request.user, place.code), "reasons": words.reasons(reasons)}


def people_of(user, area_code: str) -> list[Staff]:
    """Staff who may be given an item of this area: of the area itself, and of the committee and street above it."""
    above = [area_code[:n] for n in (9, 12) if n < len(area_code)]
    people = Staff.objects.visible_to(user).in_area(area_code)
    for code in above:
        people = people | Staff.objects.filter(area_code=code)
    return list(people.order_by("-area_code", "number")[:PEOPLE])


@require_POST
@with_census
def bulk_change(request, census):
    """Many items at once: first a preview that says how many change and how many stay, then the change itself."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "close", place.code)
    wanted = items.Wanted.read(request.POST)
    back = f"{reverse('work-items')}?area={place.code}&{wanted.query()}"
    now = timezone.now()
    query = items.found(request.user, census, place.code, wanted, today_of(now))
    everything = request.POST.get("which") == "all"
    ids = uuids_of(request.POST.getlist("id"))
    if not everything:
        query = query.filter(pk__in=ids[: bulk.MOST])
    try:
        change = read_change(request)
        how = {"by": author(request.user), "at": now}
        if request.POST.get("confirm") != "1":
            tried = bulk.preview(query, change, **how)
            return render(
                request,
                "coverage/preview.html",
                {
                    "place": place,
                    "wanted": wanted,
                    "tried": tried,
                    "change": words.change(change),
                    "fields": [
                        (n, v) for n in request.POST if n != "csrfmiddlewaretoken" for v in request.POST.getlist(n)
                    ],
                    "n": tried.changed + sum(tried.refused.values()),
                    "back": back,
                },
            )
        done = bulk.change(query, change, expected=number_of(request.POST.get("n", "")), **how)
    except work.WorkRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect(f"{reverse('work-batch', args=[done.batch])}?area={place.code}")


def fields_of(form) -> list[tuple[str, str]]:
    """The fields of a form, to be sent once more."""
    return [(name, value) for name in form if name != "csrfmiddlewaretoken" for value in form.getlist(name)]


def read_change(request) -> bulk.Change:
    """The change that a form asks for; WorkRefused where something is missing."""
    match request.POST.get("do", ""):
        case "assign":
            key = uuid_of(request.POST.get("owner_to", ""))
            owner = Staff.objects.filter(pk=key).first() if key else None
            if owner is None:
                raise work.WorkRefused(problems.OWNER_NEEDED)
            return bulk.Assign(owner)
        case "due":
            due_on = day(request.POST.get("due_on", ""))
            if due_on is None:
                raise work.WorkRefused(problems.DUE_NEEDED)
            return bulk.Due(due_on)
        case "close":
            return bulk.Close(reason_of(request), request.POST.get("ground", "").strip()[:400])
    raise work.WorkRefused(problems.CHOOSE_WHAT)


def reason_of(request) -> work.Reason:
    name, _colon, code = request.POST.get("reason", "").partition(":")
    if (name, code) not in closing.rules():
        raise work.WorkRefused(problems.NO_SUCH_REASON)
    return name, code


def day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """A moment as a browser's field gives it, on the clock of the census."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=TIME_ZONE) if found and found.tzinfo is None else found


@require_safe
@with_census
def batch(request, census, batch: UUID):
    """What a bulk action did, and taking it back."""
    place = place_of(request, census)
    steps = bulk.steps_of(batch).filter(item__in=WorkItem.objects.visible_to(request.user).of(census))
    first = get_object_or_404(steps.order_by("id")[:1])
    total = steps.count()
    rows = [s.item for s in steps.select_related("item__owner").order_by("id")[: items.PAGE]]
    shown = {
        "place": place,
        "first": first,
        "total": total,
        "rows": listed(request, census, rows, timezone.now()),
        "touched": steps.filter(touched=True).count(),
        "did": words.step(first),
    }
    return render(request, "coverage/batch.html", shown)


@require_POST
@with_census
def undo(request, census, batch: UUID):
    """Take a bulk action back, of what nobody touched since."""
    steps = WorkStep.objects.filter(batch=batch, item__census_id=census.pk)
    codes = set(steps.order_by().values_list("item__area_code", flat=True).distinct())
    if not codes or not all(may_see(request.user, code) for code in codes):
        messages.error(request, problems.NO_SUCH_BATCH)
        return redirect("ledger")
    for code in codes:
        must(request.user, "close", code)
    back = redirect(f"{reverse('work-batch', args=[batch])}?area={request.POST.get('area', '')}")
    try:
        done = bulk.undo(batch, by=author(request.user), at=timezone.now())
    except work.WorkRefused as refusal:
        messages.error(request, str(refusal))
        return back
    told = ngettext("Taken back: %(n)s item is as it was.", "Taken back: %(n)s items are as they were.", done.back)
    messages.success(request, told % {"n": done.back})
    if done.touched:
        kept = ngettext(
            "%(n)s item was worked on since and stays as it is.",
            "%(n)s items were worked on since and stay as they are.",
            len(done.touched),
        )
        messages.warning(request, kept % {"n": len(done.touched)})
    return back


def item_of(request, census, id: UUID) -> WorkItem:
    rows = WorkItem.objects.visible_to(request.user).of(census).select_related("owner")
    return get_object_or_404(rows, pk=id)


@require_safe
@never_cache
@with_census
def work_item(request, census, id: UUID):
    return show(request, census, item_of(request, census, id), clear=False)


@require_POST
@never_cache
@with_census
def clear_item(request, census, id: UUID):
    """The evidence in clear, once, for a purpose that is written into the access log before anything is shown."""
    item = item_of(request, census, id)
    must(request.user, "reveal", item.area_code)
    purpose = request.POST.get("purpose", "").strip()
    if len(purpose) < 2:
        messages.error(request, problems.PURPOSE_NEEDED)
        return redirect("work-item", item.pk)
    AccessEvent.objects.create(
        at=timezone.now(),
        by=request.user,
        action="work_item.clear",
        area_code=item.area_code,
        about=str(item.pk),
        purpose=purpose[:200],
    )
    return show(request, census, item, clear=True)


def show(request, census, item: WorkItem, *, clear: bool):
    now = timezone.now()
    place = place_of(request, census, item.area_code)
    steps = list(item.steps.order_by("-id"))
    (item,) = listed(request, census, [item], now)
    story = evidence.story(request.user, item, clear=clear)
    kind = kinds()[item.kind]
    owners = {key for s in steps if (key := s.before.get("owner_id"))}
    people = {str(s.pk): s.name for s in Staff.objects.filter(pk__in=owners)}
    vacancy = None
    if item.kind == "vacancy":
        shows = vacancy_check.meter_shows(story.meter.readings, census)
        vacancy = vacancy_check.stand(reversed(steps), shows)
    return render(
        request,
        "coverage/item.html",
        {
            "place": place,
            "item": item,
            "kind": kind,
            "story": story,
            "clear": clear,
            "scale": max(SCALE, story.meter.most),
            "steps": [words.told(s, people) for s in steps],
            "reasons": words.reasons(kind.reasons),
            "proposed": words.reason_word(item.reason_list, item.reason),
            "outcomes": code_list("visit_outcome"),
            "modes": words.MODES,
            "vacancy": vacancy,
            "todo": next((c.code for c in vacancy.checks if not c.done), "") if vacancy else "",
            "whom": words.ASKED,
            "people": people_of(request.user, item.area_code) if may(request.user, "close", item.area_code) else [],
            "now_field": f"{local(now):%Y-%m-%dT%H:%M}",
            "today": today_of(now),
            "next": request.GET.get("next", ""),
            "panels": work_item_panels(request, item),
        },
    )


def act(request, census, id: UUID, action: str, do, told) -> object:
    """Do one action on an item and go back to its page, or to where the form says."""
    item = item_of(request, census, id)
    must(request.user, action, item.area_code)
    back = request.POST.get("next", "")
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = reverse("work-item", args=[item.pk])
    try:
        do(
            item,
            {"by": author(request.user), "at": timezone.now(), "seen": number_of(request.POST.get("seen", "")) or 0},
        )
    except work.WorkRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect(back)


def note_of(request) -> str:
    return request.POST.get("note", "").strip()[:400]


@require_POST
@with_census
def assign(request, census, id: UUID):
    def do(item, how):
        key = uuid_of(request.POST.get("owner", ""))
        owner = Staff.objects.filter(pk=key).first() if key else None
        if owner is None and request.POST.get("owner"):
            raise work.WorkRefused(problems.OWNER_NEEDED)
        work.assign(item, owner, note=note_of(request), **how)

    return act(request, census, id, "close", do, _("Given."))


@require_POST
@with_census
def due(request, census, id: UUID):
    def do(item, how):
        due_on = day(request.POST.get("due_on", ""))
        if due_on is None:
            raise work.WorkRefused(problems.DUE_NEEDED)
        work.set_due(item, due_on, note=note_of(request), **how)

    return act(request, census, id, "close", do, _("The day was set."))


@require_POST
@with_census
def note(request, census, id: UUID):
    return act(request, census, id, "work", lambda item, how: work.add_note(item, note_of(request), **how), _("Noted."))


@require_POST
@with_census
def attempt(request, census, id: UUID):
    def do(item, how):
        outcome = number_of(request.POST.get("outcome", "")) or 0
        tried = work.Try(
            request.POST.get("mode", ""),
            outcome,
            moment(request.POST.get("made_at", "")),
            moment(request.POST.get("next_at", "")),
            note_of(request),
        )
        work.attempt(item, tried, **how)

    return act(request, census, id, "work", do, _("The try was recorded."))


@require_POST
@with_census
def check(request, census, id: UUID):
    def do(item, how):
        looked = work.Looked(
            request.POST.get("check", ""),
            request.POST.get("showed", ""),
            request.POST.get("whom", ""),
            moment(request.POST.get("made_at", "")),
            note_of(request),
        )
        work.record_check(item, looked, **how)

    return act(request, census, id, "work", do, _("The check was recorded."))


@require_POST
@with_census
def propose(request, census, id: UUID):
    def do(item, how):
        work.propose(item, reason_of(request), note=note_of(request), **how)

    return act(request, census, id, "work", do, _("Reported back: the supervisor closes it or asks again."))


@require_POST
@with_census
def close(request, census, id: UUID):
    def do(item, how):
        ground = request.POST.get("ground", "").strip()[:400]
        work.close(item, reason_of(request), ground=ground, note=note_of(request), **how)

    return act(request, census, id, "close", do, _("Closed. It can be opened again with a reason."))


@require_POST
@with_census
def reopen(request, census, id: UUID):
    return act(
        request, census, id, "close", lambda item, how: work.reopen(item, note_of(request), **how), _("Opened again.")
    )


@require_safe
@with_census
def my_work(request, census):
    """The open items of whoever is signed in, the most urgent first; without a record of staff those of the post."""
    now = timezone.now()
    place = place_of(request, census)
    person = Staff.objects.filter(user=request.user).first()
    open_items = WorkItem.objects.visible_to(request.user).of(census).open()
    open_items = open_items.filter(owner=person) if person else open_items.in_area(place.code)
    rows = list(
        open_items.select_related("owner").order_by(F("next_at").asc(nulls_last=True), "due_on", "area_code", "id")[
            : MINE + 1
        ]
    )
    shown = {
        "place": place,
        "person": person,
        "rows": listed(request, census, rows[:MINE], now),
        "more": len(rows) > MINE,
        "now": now,
    }
    return render(request, "coverage/mine.html", shown)


@require_safe
@with_census
def sheet(request, census):
    """The open items of a block or a filter on paper, with room to write what came of each."""
    place, now = place_of(request, census), timezone.now()
    wanted = items.Wanted.read(request.GET)
    query = items.found(request.user, census, place.code, wanted, today_of(now))
    page = items.page(query, wanted.after, SHEET)
    rows = listed(request, census, page.rows, now)
    known = meters.meters_of([i for i in rows if i.kind in ("vacancy", "unlisted_dwelling")])
    for item in rows:
        item.told = evidence.told(item.evidence)
        item.reasons = words.reasons(kinds()[item.kind].reasons)
        item.meter = known.get(item.pk)
    return render(
        request,
        "coverage/sheet.html",
        {"place": place, "rows": rows, "wanted": wanted, "more": bool(page.after), "after": page.after, "now": now},
    )
