"""Pages of the collection room: the roster, staff and devices, quarantine."""

import io
from uuid import UUID

import segno
from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.collection import crew as crews
from renpu.collection import devices, problems, roster
from renpu.collection.models import Device, Quarantine
from renpu.concepts.codes import code_list
from renpu.geography.places import names_below, names_of, place_of
from renpu.platform.areas import may_see
from renpu.platform.office import author, must, with_census
from renpu.staff.models import Staff

TICKETS = 100


@require_safe
@with_census
def households(request, census):
    """The lines of an area: all of the filter is in the address. HTMX asks for the table alone."""
    place = place_of(request, census)
    wanted = roster.Wanted.read(request.GET)
    now = timezone.now()
    page = roster.roster_page(request.user, census, place.code, wanted, now)
    names = names_of({h.block_code for h in page.rows} | {h.block_code[:12] for h in page.rows})
    for h in page.rows:
        h.block_name = names.get(h.block_code, h.block_code[12:])
        h.committee_name = names.get(h.block_code[:12], "")
    found = {"place": place, "wanted": wanted, "page": page, "now": now}
    if request.htmx and request.htmx.target == "households":
        return render(request, "collection/_households.html", found)
    found |= {"statuses": code_list("household_status"), "parts": names_below(place)}
    return render(request, "collection/households.html", found)


@require_safe
@with_census
def staff_and_devices(request, census):
    place = place_of(request, census)
    people, more = crews.crew(request.user, census, place.code, request.GET.get("after", "")[:20])
    return render(request, "collection/devices.html", {"place": place, "people": people, "more": more})


@require_POST
@never_cache
@with_census
def pair_phone(request, census, staff_id: UUID):
    """A fresh code for one phone, to be typed or scanned; it is shown once."""
    person = get_object_or_404(Staff.objects.visible_to(request.user), pk=staff_id)
    must(request.user, "equip", person.area_code)
    code = devices.new_pairing_code(person, census, at=timezone.now())
    address = request.build_absolute_uri(reverse("field", args=[""])) + f"#code={code}"
    svg = io.BytesIO()
    segno.make(address, error="m", mask=3).save(
        svg, kind="svg", scale=6, border=2, xmldecl=False, svgns=False, dark="#10233f"
    )
    return render(
        request,
        "collection/pairing.html",
        {
            "place": place_of(request, census, person.area_code),
            "person": person,
            "code": f"{code[:4]} {code[4:]}",
            "address": address,
            "qr": mark_safe(svg.getvalue().decode()),  # drawn by segno from the address above
            "until": timezone.now() + devices.CODE_LIVES,
            "secure": request.is_secure(),
            "local": request.get_host().partition(":")[0] in ("localhost", "127.0.0.1"),
        },
    )


@require_POST
@with_census
def revoke(request, census, device_id: UUID):
    device = get_object_or_404(
        Device.objects.select_related("staff").filter(staff__in=Staff.objects.visible_to(request.user)), pk=device_id
    )
    must(request.user, "equip", device.staff.area_code)
    devices.revoke(device, at=timezone.now())
    messages.success(request, problems.REVOKED)
    return back_to_devices(request, device.staff.area_code)


@with_census
def reassign(request, census, block_code: str):
    """Who may take the block, and giving it away."""
    place = place_of(request, census, block_code)
    must(request.user, "equip", block_code)
    people = crews.may_take(request.user, block_code)
    if request.method != "POST":
        return render(request, "collection/reassign.html", {"place": place, "people": people})
    person = next((p for p in people if str(p.id) == request.POST.get("staff")), None)
    if person is None:
        messages.error(request, problems.CHOOSE_SOMEBODY)
        return redirect("reassign-device-block", block_code)
    devices.reassign(census.pk, block_code, person, at=timezone.now())
    messages.success(request, problems.REASSIGNED % {"name": person.name})
    return back_to_devices(request, block_code[:12])


def back_to_devices(request, area_code: str):
    shown = area_code[:12] if may_see(request.user, area_code[:12]) else area_code
    return redirect(f"{reverse('devices')}?area={shown}")


@require_safe
@with_census
def quarantine(request, census):
    """What could not be read, newest first: of devices in the user's area; what has no device, for the whole census."""
    done = request.GET.get("done") == "1"
    rows = tickets_of(request.user, census).filter(handled_at__isnull=not done)
    rows = list(rows.order_by("-received_at", "-ticket")[: TICKETS + 1])
    held = Device.objects.select_related("staff").in_bulk({row.device_id for row in rows if row.device_id})
    for row in rows:
        row.device = held.get(row.device_id)
    found = {"rows": rows[:TICKETS], "more": len(rows) > TICKETS, "done": done}
    return render(request, "collection/quarantine.html", found)


def tickets_of(user, census):
    mine = Q(device_id__in=Device.objects.filter(staff__in=Staff.objects.visible_to(user)).values("id"))
    if may_see(user, census.area_code or "0"):
        mine |= Q(device_id=None) | ~Q(device_id__in=Device.objects.exclude(staff=None).values("id"))
    return Quarantine.objects.filter(mine)


@require_POST
@with_census
def handle(request, census, ticket: UUID):
    row = get_object_or_404(tickets_of(request.user, census), pk=ticket)
    device = Device.objects.select_related("staff").filter(pk=row.device_id).first()
    must(request.user, "decide", device.staff.area_code if device and device.staff else census.area_code)
    why = request.POST.get("reason", "").strip()
    if not why:
        messages.error(request, problems.WHY_HANDLED)
    else:
        row.handled_at, row.handled_why = timezone.now(), f"{author(request.user)}: {why}"[:200]
        row.save(update_fields=["handled_at", "handled_why"])
        messages.success(request, problems.HANDLED)
    return redirect("quarantine")
