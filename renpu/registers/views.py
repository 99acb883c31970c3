"""Pages of register deliveries: the list, taking one in, its problems and difference, and the decision."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from renpu.concepts.codes import code_list
from renpu.geography.places import names_of, place_of
from renpu.platform.given import number_of
from renpu.platform.language import code_word
from renpu.platform.office import must, with_census
from renpu.registers import actions, desk, destruction, mapping, problems, quality
from renpu.registers.models import Delivery
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import SOURCES, find
from renpu.registers.views_life import AT_ONCE

LIST = 100
STEPS = 50


@require_safe
@with_census
def deliveries(request, census):
    place = place_of(request, census)
    mine = Delivery.objects.visible_to(request.user).in_area(place.code)
    due = destruction.due(timezone.localdate()).visible_to(request.user).in_area(place.code)
    only_due = bool(request.GET.get("due"))
    rows, before = desk.newest(due if only_due else mine, "received_at", request.GET.get("before", ""), LIST)
    names = names_of({row.area_code for row in rows})
    for row in rows:
        row.area_name = names.get(row.area_code, row.area_code)
        row.title = desk.title_of(row)
    found = {"place": place, "rows": rows, "before": before, "sources": SOURCES, "due": due.count()}
    found["only_due"] = only_due
    return render(request, "registers/deliveries.html", found)


@require_POST
@with_census
def take_in(request, census):
    """A file taken in as the register that was named, or as its header says; one that fits none is mapped first."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "take_in", place.code)
    back = f"{reverse('deliveries')}?area={place.code}"
    named, upload = find(request.POST.get("source", "")), request.FILES.get("file")
    if upload is None:
        messages.error(request, problems.CHOOSE_FILE)
        return redirect(back)
    if upload.size > desk.LARGEST:
        messages.error(request, problems.FILE_TOO_LARGE % {"file": upload.name})
        return redirect(back)
    at, area = timezone.now(), place.code[:12]
    mapping.drop_old(at)
    try:
        with desk.uploaded(upload) as path:
            source, how = mapping.source_of(path, area, named)
            if source is None:
                waiting = mapping.wait(path, area=area, at=at, by=request.user, source=named)
                messages.warning(request, problems.MAP_FIRST % {"file": upload.name})
                return redirect("delivery-mapping", waiting.pk)
            delivery = actions.stage(path, source, area=area, at=at, by=request.user, census_id=census.pk)
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if delivery.received_at != at:
        told = {"file": delivery.file_name, "at": f"{timezone.localtime(delivery.received_at):%Y-%m-%d %H:%M}"}
        messages.warning(request, problems.SAME_FILE % told)
    elif how == "known":
        messages.success(request, problems.KNOWN_AGAIN % {"title": source.title})
    elif how == "recognised":
        messages.success(request, problems.RECOGNISED % {"title": source.title})
    return redirect("delivery", delivery.pk)


@require_safe
@with_census
def delivery(request, census, id: UUID):
    visible = Delivery.objects.visible_to(request.user).select_related("decided_by", "received_by")
    found = get_object_or_404(visible, pk=id)
    view = desk.view_of(found, request.GET.get("show", ""))
    rows, after = desk.rows_of(found, view, number_of(request.GET.get("after", ""), 18) or 0)
    shown = {
        "place": place_of(request, census, found.area_code),
        "delivery": found,
        "source": find(found.source),
        "told": desk.told_of(found),
        "problems": desk.problems_of(found),
        "view": view,
        "rows": rows,
        "after": after,
    }
    if request.htmx and request.htmx.target == "rows":
        return render(request, "registers/_rows.html", shown)
    shown["against"] = None if found.destroyed_at else actions.difference(found).against
    return render(request, "registers/delivery.html", {**shown, **life_of(found)})


def life_of(delivery: Delivery) -> dict:
    """Where its rows lie, how good it is, what was done with it, and until when it is kept."""
    counts = dict(delivery.placings.values_list("placed").annotate(n=Sum("rows")).order_by())
    steps = list(delivery.steps.order_by("-at", "-id")[: STEPS + 1])
    names = names_of({one.area_code for one in steps if one.area_code != delivery.area_code})
    for one in steps:
        one.where = names.get(one.area_code, "")
    asked = [(one, *delivery.quality[one.code]) for one in quality.measures() if one.code in delivery.quality]
    return {
        "placings": [
            (desk.PLACED_AS + code, code_word("address_placing", code), counts[code])
            for code in code_list("address_placing")
            if code in counts
        ],
        "open_addresses": delivery.open_addresses.count(),
        "measures": [(one, good, of, desk.FAILS + one.code if one.code != "fresh" else "") for one, good, of in asked],
        "score": quality.score(delivery),
        "steps": steps[:STEPS],
        "more_steps": len(steps) > STEPS,
        "due": delivery.keep_until and delivery.keep_until < timezone.localdate(),
    }


@require_POST
@with_census
def accept(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    return decided(request, found, lambda: accept_here(found, request.user))


@require_POST
@with_census
def refuse(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    why = request.POST.get("reason", "").strip()[:400]
    if not why:
        messages.error(request, problems.WHY_REFUSED)
        return redirect("delivery", found.pk)
    return decided(request, found, lambda: refuse_here(found, request.user, why))


def accept_here(delivery: Delivery, by) -> str:
    """Accepted, and its addresses looked up while the page waits, unless the list is too long for that; gives what to
    tell."""
    actions.accept(delivery, at=timezone.now(), by=by, place_up_to=AT_ONCE)
    if delivery.state == Delivery.State.SUPERSEDED:
        return _("Accepted, and superseded at once: a list of these committees received later is valid already.")
    if delivery.rows_read > AT_ONCE:
        return f"{_('Accepted: it is now the valid list of its committees.')} {problems.PLACE_BY_COMMAND}"
    return _("Accepted: it is now the valid list of its committees.")


def refuse_here(delivery: Delivery, by, why: str) -> str:
    actions.refuse(delivery, at=timezone.now(), by=by, why=why)
    return _("Put aside. Its rows stay for the record and count nowhere.")


def decided(request, delivery: Delivery, act):
    try:
        messages.success(request, act())
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("delivery", delivery.pk)
