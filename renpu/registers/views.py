"""Pages of register deliveries: the list, taking one in, its problems and difference, and the decision."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from renpu.geography.places import names_of, place_of
from renpu.platform.office import must, with_census
from renpu.registers import actions, desk, problems
from renpu.registers.models import Delivery
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import SOURCES, find

LIST = 100


@require_safe
@with_census
def deliveries(request, census):
    place = place_of(request, census)
    rows = list(Delivery.objects.visible_to(request.user).in_area(place.code).newest_first()[: LIST + 1])
    names = names_of({row.area_code for row in rows})
    for row in rows:
        row.area_name = names.get(row.area_code, row.area_code)
        row.title = find(row.source).title if find(row.source) else row.source
    found = {"place": place, "rows": rows[:LIST], "more": len(rows) > LIST, "sources": SOURCES}
    return render(request, "registers/deliveries.html", found)


@require_POST
@with_census
def take_in(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "take_in", place.code)
    back = f"{reverse('deliveries')}?area={place.code}"
    source, upload = find(request.POST.get("source", "")), request.FILES.get("file")
    if source is None or upload is None:
        messages.error(request, problems.CHOOSE_FILE)
        return redirect(back)
    if upload.size > desk.LARGEST:
        messages.error(request, problems.FILE_TOO_LARGE % {"file": upload.name})
        return redirect(back)
    try:
        at = timezone.now()
        delivery = desk.take_in(upload, source, area=place.code[:12], at=at, by=request.user, census_id=census.pk)
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if delivery.received_at != at:
        told = {"file": delivery.file_name, "at": f"{timezone.localtime(delivery.received_at):%Y-%m-%d %H:%M}"}
        messages.warning(request, problems.SAME_FILE % told)
    return redirect("delivery", delivery.pk)


@require_safe
@with_census
def delivery(request, census, id: UUID):
    visible = Delivery.objects.visible_to(request.user).select_related("decided_by", "received_by")
    found = get_object_or_404(visible, pk=id)
    view = request.GET.get("show", "")
    view = view if view in desk.VIEWS or view in found.problems else "problems"
    rows, after = desk.rows_of(found, view, desk.row_key(request.GET.get("after", "")))
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
    shown["against"] = actions.difference(found).against
    return render(request, "registers/delivery.html", shown)


@require_POST
@with_census
def accept(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    told = _("Accepted: it is now the valid list of its committees.")
    return decided(request, found, lambda: actions.accept(found, at=timezone.now(), by=request.user), told)


@require_POST
@with_census
def refuse(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    why = request.POST.get("reason", "").strip()[:400]
    if not why:
        messages.error(request, problems.WHY_REFUSED)
        return redirect("delivery", found.pk)
    told = _("Put aside. Its rows stay for the record and count nowhere.")
    return decided(request, found, lambda: actions.refuse(found, at=timezone.now(), by=request.user, why=why), told)


def decided(request, delivery: Delivery, act, told: str):
    try:
        act()
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect("delivery", delivery.pk)
