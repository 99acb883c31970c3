"""The office's pages about virtual buildings, workload, and units with a collective hukou."""

import io
from uuid import UUID

import segno
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.concepts.codes import code_list
from renpu.concepts.masking import mask_name, mask_phone
from renpu.coverage.kinds import kinds
from renpu.geography.models import Block
from renpu.geography.places import COMMITTEE, names_of, place_of
from renpu.listing.models import Household
from renpu.platform.given import uuid_of, uuids_of
from renpu.platform.language import code_word
from renpu.platform.models import AccessEvent, local
from renpu.platform.office import must, with_census
from renpu.platform.vault import unseal
from renpu.tracing import call_problems as problems
from renpu.tracing import calls, units, virtual, workload
from renpu.tracing.models import HukouUnit, Member, UnitRoster
from renpu.tracing.reach import MEMBER

PAGE = 200
MOVABLE = 300
SLIPS = 500


@require_safe
@with_census
def virtual_buildings(request, census):
    place = place_of(request, census)
    blocks = virtual.virtual_blocks(request.user, census, place.code)
    lines = (
        list(virtual.movable(request.user, census, place.code)[: MOVABLE + 1]) if len(place.code) >= COMMITTEE else []
    )
    for h in lines:
        h.head_masked = mask_name(unseal(h.head, h.id.bytes + b"head"))
    names = names_of({b.block.code[:12] for b in blocks})
    shown = {
        "place": place,
        "blocks": [(b, names.get(b.block.code[:12], "")) for b in blocks],
        "targets": [b.block for b in blocks],
        "lines": lines[:MOVABLE],
        "more": len(lines) > MOVABLE,
        "households": sum(b.households for b in blocks),
        "persons": sum(b.persons for b in blocks),
    }
    return render(request, "tracing/virtual.html", shown)


@require_POST
@with_census
def make_virtual(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "decide", place.code)
    try:
        block = virtual.make_virtual(place.code, request.POST.get("name", "").strip(), request.POST.get("kind", ""))
    except virtual.VirtualRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, problems.BLOCK_MADE % {"number": block.code[12:]})
    return redirect(f"{reverse('virtual')}?area={place.code}")


@require_POST
@with_census
def move(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "decide", place.code)
    block = Block.objects.visible_to(request.user).filter(code=request.POST.get("block", "")).first()
    chosen = uuids_of(request.POST.getlist("household"))
    lines = list(Household.objects.visible_to(request.user).in_area(place.code).of(census).filter(pk__in=chosen))
    if block is None or not lines:
        messages.error(request, problems.MOVE_CHOOSE)
    else:
        moved, told = virtual.move(census, lines, block, by=request.user, at=timezone.now())
        if moved:
            messages.success(request, problems.MOVED % {"n": moved})
        for address, why in told:
            messages.error(request, problems.MOVE_REFUSED % {"address": address, "why": why})
    return redirect(f"{reverse('virtual')}?area={place.code}")


@require_safe
@with_census
def workload_page(request, census):
    place = place_of(request, census)
    parts, whole = workload.workload(request.user, census, place)
    return render(request, "tracing/workload.html", {"place": place, "parts": parts, "whole": whole})


@require_safe
@with_census
def unit_list(request, census):
    place = place_of(request, census)
    found = list(
        HukouUnit.objects.visible_to(request.user).in_area(place.code).of(census).order_by("block_code", "name")
    )
    names = names_of({u.block_code for u in found} | {u.block_code[:12] for u in found})
    rows = []
    now = timezone.now()
    for unit in found:
        link = unit.links.filter(revoked_at=None, expires_at__gt=now).first()
        where = f"{names.get(unit.block_code[:12], '')} {unit.block_code[12:]}"
        rows.append({"unit": unit, "where": where, "standing": units.standing(unit), "link": link})
    blocks = Block.objects.visible_to(request.user).in_area(place.code).filter(virtual=True).order_by("code")
    lines = Household.objects.visible_to(request.user).of(census).filter(block_code__in=blocks.values("code"))
    taken = HukouUnit.objects.of(census).values("household_id")
    shown = {
        "place": place,
        "rows": rows,
        "blocks": [(b, b.code[12:]) for b in blocks],
        "lines": list(lines.exclude(pk__in=taken).order_by("block_code", "household_no")[:100]),
        "people": sum(r["standing"].people for r in rows),
        "waiting": sum(r["standing"].waiting for r in rows),
    }
    return render(request, "tracing/units.html", shown)


@require_POST
@with_census
def make_unit(request, census):
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "decide", place.code)
    post = request.POST
    back = redirect(f"{reverse('units')}?area={place.code}")
    block = Block.objects.visible_to(request.user).in_area(place.code).filter(code=post.get("block", "")).first()
    line = uuid_of(post.get("line", ""))
    household = None
    if block is None:
        messages.error(request, problems.UNIT_NAME)
        return back
    if line:
        there = Household.objects.visible_to(request.user).of(census).filter(block_code=block.code)
        household = get_object_or_404(there, pk=line)
    contact, phone = post.get("contact", "").strip()[:60], post.get("phone", "").strip()[:20]
    if not contact or not phone:
        messages.error(request, problems.CONTACT_NAME)
        return back
    try:
        unit = units.make_unit(
            census,
            block,
            post.get("name", "").strip()[:80],
            contact,
            phone,
            household,
            by=request.user,
            at=timezone.now(),
        )
    except units.UnitRefused as refusal:
        messages.error(request, str(refusal))
        return back
    if post.get("none") == "1":
        HukouUnit.objects.filter(pk=unit.pk).update(none_born_or_died=True)
    return redirect("unit", unit.pk)


def unit_of(request, census, id: UUID) -> HukouUnit:
    return get_object_or_404(HukouUnit.objects.visible_to(request.user).of(census), pk=id)


@require_safe
@with_census
def unit(request, census, id: UUID):
    return show_unit(request, census, unit_of(request, census, id))


def show_unit(request, census, found: HukouUnit, token: str = ""):
    """The unit's page; with a token the contact's new address, once."""
    state = request.GET.get("state", "")
    people = found.members.order_by("number", "pk")
    if state in Member.State.values:
        people = people.filter(state=state)
    rows = list(people.select_related("item")[: PAGE + 1])
    for m in rows:
        m.name_masked = mask_name(unseal(m.name, m.id.bytes + b"name"))
        m.phone_masked = mask_phone(unseal(m.phone, m.id.bytes + b"phone"))
    contact, phone = units.contact_of(found)
    address = request.build_absolute_uri(reverse("unit-contact", args=[token])) if token else ""
    standing = units.standing(found)
    now = timezone.now()
    rosters = found.rosters.select_related("delivery").order_by("-at")
    shown = {
        "place": place_of(request, census, found.block_code),
        "unit": found,
        "household": Household.objects.filter(pk=found.household_id).first(),
        "contact": mask_name(contact),
        "phone": mask_phone(phone),
        "standing": standing,
        "states": [(s.value, s.label, standing.states[s.value]) for s in Member.State],
        "state": state,
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "link": found.links.filter(revoked_at=None, expires_at__gt=now).first(),
        "address": address,
        "qr": mark_safe(qr_of(address)) if address else "",  # drawn by segno from the address above
        "rosters": rosters,
        "talks": found.talks.order_by("-on", "-pk"),
        "reminder": reminder_text(request, found, standing),
        "reasons": [(f"{name}:{code}", code_word(name, code)) for name, code in kinds()[MEMBER].reasons],
        "today": local(now).date(),
        "modes": code_list("collection_mode"),
    }
    return render(request, "tracing/unit.html", shown)


def qr_of(address: str) -> str:
    svg = io.BytesIO()
    drawn = {"scale": 5, "border": 2, "xmldecl": False, "svgns": False, "dark": "#10233f", "omitsize": True}
    segno.make(address, error="m").save(svg, kind="svg", **drawn)
    return svg.getvalue().decode()


def reminder_text(request, found: HukouUnit, standing: units.Standing) -> str:
    """What the contact may send to everybody: official Chinese, without a name and without a code."""
    page = request.build_absolute_uri(reverse("answer"))
    return (
        f"【人口普查提醒】各位同事：单位集体户口人员须本人登记普查信息，现已登记"
        f"{standing.answered + standing.on_form}人，"
        f"还有{standing.waiting}人未登记。请打开 {page} ，输入登记单上的12位登记码，用5分钟填完本人信息。"
        "填报内容只由普查机构使用，单位看不到。没有收到登记单的，请与居委会普查工作人员联系。"
    )


@require_POST
@never_cache
@with_census
def make_link(request, census, id: UUID):
    found = unit_of(request, census, id)
    must(request.user, "decide", found.block_code)
    token = units.make_link(found, by=request.user, at=timezone.now())
    return show_unit(request, census, found, token)


@require_POST
@with_census
def revoke_link(request, census, id: UUID):
    found = unit_of(request, census, id)
    must(request.user, "decide", found.block_code)
    units.revoke_links(found, at=timezone.now())
    messages.success(request, problems.LINK_REVOKED)
    return redirect("unit", found.pk)


@require_POST
@with_census
def talk(request, census, id: UUID):
    found = unit_of(request, census, id)
    must(request.user, "work", found.block_code)
    post = request.POST
    try:
        on = parse_date(post.get("on", ""))
    except ValueError:
        on = None
    words = [post.get(name, "").strip() for name in ("who", "with_whom", "agreed")]
    try:
        units.note_talk(found, on, *words, by=request.user, at=timezone.now())
    except units.UnitRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("unit", found.pk)


@require_POST
@with_census
def roster(request, census, id: UUID):
    """A list that came to the office instead, by mail or on a stick."""
    found = unit_of(request, census, id)
    must(request.user, "take_in", found.block_code)
    try:
        _delivery, again = units.take_roster(
            found, request.FILES.get("file"), by=request.user, at=timezone.now(), by_contact=False
        )
    except units.UnitRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, problems.ROSTER_SAME if again else problems.ROSTER_TAKEN_OFFICE)
    return redirect("unit", found.pk)


@require_POST
@with_census
def take_over(request, census, id: UUID, delivery: UUID):
    found = unit_of(request, census, id)
    must(request.user, "take_in", found.block_code)
    of = get_object_or_404(UnitRoster.objects.select_related("unit", "delivery"), unit=found, delivery_id=delivery)
    if of.delivery.state == "refused":
        messages.error(request, problems.ROSTER_REFUSED)
        return redirect("unit", found.pk)
    told = units.take_over(census, of, by=request.user, at=timezone.now())
    calls.make_list(request.user, census, found.block_code, at=timezone.now())
    messages.success(request, problems.MEMBERS_TAKEN % told._asdict())
    return redirect("unit", found.pk)


@require_POST
@never_cache
@with_census
def slips(request, census, id: UUID):
    """Slips with a fresh code for each chosen member, to be folded, sealed and handed out. Shown once."""
    found = unit_of(request, census, id)
    must(request.user, "reveal", found.block_code)
    waiting = found.members.exclude(state__in=units.ENDED).order_by("number", "pk")
    chosen = chosen_of(request)
    people = list((waiting.filter(pk__in=chosen) if chosen else waiting.filter(invited_at=None))[:SLIPS])
    if not people:
        messages.error(request, problems.NOBODY_CHOSEN)
        return redirect("unit", found.pk)
    at = timezone.now()
    AccessEvent.objects.create(
        at=at,
        by=request.user,
        action="unit.slips",
        area_code=found.block_code,
        about=f"unit {found.pk}",
        purpose="登记单",
    )
    page = request.build_absolute_uri(reverse("answer"))
    made = []
    for member, code in units.invite(found, people, at=at):
        made.append(
            {
                "name": unseal(member.name, member.id.bytes + b"name"),
                "code": f"{code[:4]} {code[4:8]} {code[8:]}",
                "qr": mark_safe(qr_of(f"{page}#code={code}")),  # drawn by segno from the address
                "until": member.code_until,
            }
        )
    shown = {"place": place_of(request, census, found.block_code), "unit": found, "slips": made, "page": page}
    return render(request, "tracing/slips.html", shown)


def chosen_of(request) -> list[UUID]:
    return uuids_of(request.POST.getlist("member"))


@require_POST
@with_census
def remind(request, census, id: UUID):
    found = unit_of(request, census, id)
    must(request.user, "work", found.block_code)
    messages.success(request, problems.REMINDED % {"n": units.remind(found, at=timezone.now())})
    return redirect("unit", found.pk)


@require_POST
@with_census
def close(request, census, id: UUID):
    """Close the work items of chosen members with one reason."""
    found = unit_of(request, census, id)
    must(request.user, "close", found.block_code)
    name, _colon, code = request.POST.get("reason", "").partition(":")
    people = list(found.members.filter(pk__in=chosen_of(request)))
    closed, told = units.close_items(
        found, people, (name, code), request.POST.get("ground", ""), by=request.user, at=timezone.now()
    )
    messages.success(request, problems.CLOSED_ITEMS % {"n": closed})
    for why in told:
        messages.error(request, why)
    return redirect("unit", found.pk)
