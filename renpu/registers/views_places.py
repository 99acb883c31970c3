"""Pages of addresses: what waits for a person, one address after the other, and the decisions that stand."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from renpu.concepts.address import read
from renpu.geography.matching import OPEN
from renpu.geography.models import Building, Unit
from renpu.geography.places import names_of, place_of
from renpu.platform.areas import may_see
from renpu.platform.given import uuid_of
from renpu.platform.language import code_word
from renpu.platform.office import author, must, with_census
from renpu.registers import desk, places, problems
from renpu.registers.models import AddressDecision, OpenAddress
from renpu.registers.offers import offers
from renpu.registers.problems import RegisterRefused

LIST = 100
ROWS = 8


@require_safe
@with_census
def queue(request, census):
    """Addresses that wait, those with most rows first."""
    place = place_of(request, census)
    reason = _reason(request.GET)
    counts = places.waiting_by_reason(place.code, request.user)
    rows = list(_in_order(places.waiting(place.code, request.user), reason)[: LIST + 1])
    shown = rows[:LIST]
    codes = dict(OpenAddress.objects.filter(pk__in=[one["first"] for one in shown]).values_list("pk", "area_code"))
    names = names_of(set(codes.values()))
    for one in shown:
        one["where"] = names.get(codes[one["first"]], "")
    found = {
        "place": place,
        "rows": shown,
        "more": len(rows) > LIST,
        "reason": reason,
        "reasons": [(code, code_word("address_placing", code), n) for code in OPEN if (n := counts.get(code))],
        "total": sum(counts.values()),
        "query": urlencode({"area": place.code, "reason": reason}),
    }
    return render(request, "registers/addresses.html", found)


@require_safe
@with_census
def address(request, census, id: int):
    """One address: what was read, the rows that have it, and what is offered."""
    if not OpenAddress.objects.filter(pk=id).exists():
        return _gone(request, census)
    found = get_object_or_404(OpenAddress.objects.visible_to(request.user).select_related("delivery"), pk=id)
    place = place_of(request, census, request.GET.get("area", "") or found.delivery.area_code)
    words = request.GET.get("q", "").strip()[:100]
    near = offers(found.address, found.delivery.area_code, words)
    names = names_of({one.block_code for one in near})
    same = OpenAddress.objects.visible_to(request.user).filter(key=found.key).select_related("delivery")
    same = list(same.order_by("-rows", "id")[:LIST])
    for one in same:
        one.delivery.may_open = may_see(request.user, one.delivery.area_code)
    shown = {
        "place": place,
        "open": found,
        "reason": _reason(request.GET),
        "at": read(found.address),
        "words": words,
        "offers": [(one, names.get(one.block_code, one.block_code)) for one in near],
        "same": same,
        "rows": desk.rows_with_address(found, ROWS),
        "left": places.waiting(place.code, request.user).count(),
    }
    return render(request, "registers/address.html", shown)


@require_POST
@with_census
def decide(request, census, id: int):
    """A clerk's word on an address; the next one of the list is the answer."""
    if not OpenAddress.objects.filter(pk=id).exists():
        return _gone(request, census)
    found = get_object_or_404(OpenAddress.objects.visible_to(request.user).select_related("delivery"), pk=id)
    must(request.user, "place", found.delivery.area_code)
    place = place_of(request, census, request.POST.get("area", ""))
    reason = _reason(request.POST)
    query = urlencode({"area": place.code, "reason": reason})
    where = request.POST.get("where", "")
    following = _following(place.code, request.user, reason, found)
    try:
        decision = places.decide(found, at=timezone.now(), by=author(request.user), **_named(where, request.user))
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('delivery-address', args=[found.pk])}?{query}")
    told = ngettext("%(address)s settled: %(n)d row.", "%(address)s settled: %(n)d rows.", decision.rows)
    messages.success(request, told % {"address": decision.address, "n": decision.rows})
    if following is None:
        return redirect(f"{reverse('delivery-addresses')}?{query}")
    return redirect(f"{reverse('delivery-address', args=[following])}?{query}")


@require_safe
@with_census
def decisions(request, census):
    """What clerks have said, the newest first."""
    place = place_of(request, census)
    found = AddressDecision.objects.visible_to(request.user).filter(area_code__startswith=places.scope(place.code))
    rows, before = desk.newest(found, "at", request.GET.get("before", ""), LIST)
    units = dict(Unit.objects.filter(pk__in=[one.unit_id for one in rows]).values_list("pk", "address"))
    buildings = dict(Building.objects.filter(pk__in=[one.building_id for one in rows]).values_list("pk", "label"))
    names = names_of({one.block_code for one in rows if one.block_code})
    for one in rows:
        one.where = units.get(one.unit_id) or buildings.get(one.building_id, "")
        one.block = names.get(one.block_code, one.block_code)
    return render(request, "registers/address_decisions.html", {"place": place, "rows": rows, "before": before})


@require_POST
@with_census
def undo(request, census, id: UUID):
    found = get_object_or_404(AddressDecision.objects.visible_to(request.user), pk=id)
    must(request.user, "place", found.area_code)
    try:
        places.undo(found, at=timezone.now(), by=author(request.user))
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back: the address waits again."))
    area = request.POST.get("area", "") or found.area_code
    return redirect(f"{reverse('delivery-address-decisions')}?{urlencode({'area': area})}")


def _gone(request, census):
    """To what waits, from an address that does no longer: two clerks may have had it before them."""
    asked = request.POST or request.GET
    place = place_of(request, census, asked.get("area", ""))
    messages.info(request, problems.ADDRESS_GONE)
    return redirect(f"{reverse('delivery-addresses')}?{urlencode({'area': place.code, 'reason': _reason(asked)})}")


def _reason(of) -> str:
    reason = of.get("reason", "")
    return reason if reason in OPEN else ""


def _in_order(waiting, reason: str):
    return (waiting.filter(placed=reason) if reason else waiting).order_by("-all_rows", "key", "placed")


def _following(area: str, user, reason: str, now: OpenAddress) -> int | None:
    """The key of the address that stands after this one in the list, or the first of the list."""
    order = list(_in_order(places.waiting(area, user), reason).values_list("key", "first")[: LIST * 10])
    at = next((n for n, (key, _) in enumerate(order) if key == now.key), -1)
    others = [first for key, first in (*order[at + 1 :], *order[: max(at, 0)]) if key != now.key]
    return others[0] if others else None


def _named(where: str, user) -> dict:
    """What a form's choice names: `unit:…`, `building:…` or `elsewhere`."""
    kind, _, key = where.partition(":")
    if kind == "elsewhere":
        return {"elsewhere": True}
    if kind not in ("unit", "building"):
        return {}
    if (wanted := uuid_of(key)) is None:
        raise Http404
    model = Unit if kind == "unit" else Building
    return {kind: get_object_or_404(model.objects.visible_to(user), pk=wanted)}
