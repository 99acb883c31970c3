"""Pages of a delivery's life after it was accepted: cut to blocks, kept until a day, destroyed with a certificate."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.geography.places import names_of, place_of
from renpu.platform.areas import may_see
from renpu.platform.office import author, must, with_census
from renpu.registers import actions, blocks, certificate, desk, destruction, problems
from renpu.registers.models import Delivery, PlacedCount
from renpu.registers.problems import RegisterRefused

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
AT_ONCE = 100_000  # rows looked up while a page waits; a longer list is left to `renpu place`


def cut_visible_to(user):
    """Deliveries that a user may see, or of which a block that the user may see has rows."""
    parts = PlacedCount.objects.visible_to(user).values("delivery")
    return Delivery.objects.visible_to(user) | Delivery.objects.filter(pk__in=parts)


@require_POST
@with_census
def place(request, census, id: UUID):
    """Its addresses looked up again."""
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "place", found.area_code)
    if found.destroyed_at or found.state != Delivery.State.ACCEPTED:
        messages.error(request, problems.NOT_ACCEPTED)
    elif found.rows_read > AT_ONCE:
        messages.error(request, problems.PLACE_BY_COMMAND)
    else:
        try:
            counts = actions.look_up(found, at=timezone.now(), by=author(request.user))
            messages.success(request, _("%(n)d rows looked up.") % {"n": sum(counts.values())})
        except RegisterRefused as refusal:
            messages.error(request, str(refusal))
    return redirect("delivery", found.pk)


@require_safe
@with_census
def block_list(request, census, id: UUID):
    found = get_object_or_404(cut_visible_to(request.user), pk=id)
    cut = blocks.blocks_of(found, request.user)
    names = names_of([code for block, *_ in cut for code in (block, block[:12])])
    shown = {
        "place": place_of(request, census, found.area_code if may_see(request.user, found.area_code) else None),
        "delivery": found,
        "title": desk.title_of(found),
        "blocks": [(b, names.get(b, b), names.get(b[:12], b[:12]), rows, placed) for b, rows, placed in cut],
    }
    return render(request, "registers/blocks.html", shown)


@require_safe
@never_cache
@with_census
def block(request, census, id: UUID, block: str):
    """The rows of a block, masked, on the screen."""
    place = place_of(request, census, block)
    found = get_object_or_404(cut_visible_to(request.user), pk=id)
    shown = {"place": place, "delivery": found, "title": desk.title_of(found)}
    return render(request, "registers/block.html", {**shown, "rows": blocks.cut(found, block)})


@require_POST
@never_cache
@with_census
def hand_out(request, census, id: UUID, block: str):
    """The rows of a block for its enumerator: as CSV or as a page to print; logged."""
    place = place_of(request, census, block)
    found = get_object_or_404(cut_visible_to(request.user), pk=id)
    must(request.user, "hand_out", block)
    clear, purpose, at = bool(request.POST.get("clear")), request.POST.get("purpose", ""), timezone.now()
    if clear:
        must(request.user, "reveal", block)
    try:
        rows = blocks.hand_out(found, block, at=at, by=request.user, clear=clear, purpose=purpose)
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("delivery-block", found.pk, block)
    if request.POST.get("form") == "csv":
        answer = HttpResponse(blocks.as_csv(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{found.source}-{block}.csv"'
        return answer
    shown = {"place": place, "delivery": found, "title": desk.title_of(found)}
    shown |= {"rows": rows, "at": at, "by": author(request.user), "clear": clear, "purpose": purpose}
    return render(request, "registers/block_paper.html", shown)


@require_POST
@with_census
def keep(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "destroy", found.area_code)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
        destruction.keep(found, until, at=timezone.now(), by=request.user, why=request.POST.get("why", ""))
    except ValueError:
        messages.error(request, problems.DATE_WRONG % {"found": request.POST.get("until", "") or "–"})
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The rows are kept until %(day)s.") % {"day": until.isoformat()})
    return redirect("delivery", found.pk)


@require_safe
@with_census
def confirm(request, census, id: UUID):
    """What would be destroyed; asked twice before it is."""
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "destroy", found.area_code)
    if found.destroyed_at:
        return redirect("delivery-certificate", found.pk)
    shown = {
        "place": place_of(request, census, found.area_code),
        "delivery": found,
        "title": desk.title_of(found),
        "second": request.GET.get("sure") == "yes",
        "shown": destruction.SHOWN,
        "early": found.keep_until and found.keep_until >= timezone.localdate(),
    }
    return render(request, "registers/destroy.html", shown)


@require_POST
@with_census
def destroy(request, census, id: UUID):
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=id)
    must(request.user, "destroy", found.area_code)
    written = request.POST.get("hash", "").strip().lower()
    try:
        if written != found.sha256[: destruction.SHOWN]:
            raise RegisterRefused(problems.HASH_WRONG % {"found": written or "–"})
        destruction.destroy([found], at=timezone.now(), by=request.user, witness=request.POST.get("witness", ""))
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("delivery-destroy", found.pk)
    messages.success(request, _("Destroyed. The certificate can be printed and signed."))
    return redirect("delivery-certificate", found.pk)


@require_safe
@with_census
def certificate_page(request, census, id: UUID):
    found = _destroyed(request, id)
    shown = {"place": place_of(request, census, found.area_code), "delivery": found, "title": certificate.TITLE}
    return render(request, "registers/certificate.html", {**shown, "told": certificate.certificate(found)})


@require_safe
@with_census
def certificate_word(request, census, id: UUID):
    found = _destroyed(request, id)
    answer = HttpResponse(certificate.document(found), content_type=WORD)
    answer["Content-Disposition"] = f'attachment; filename="destroyed-{found.pk.hex[:8]}.docx"'
    return answer


def _destroyed(request, id: UUID) -> Delivery:
    visible = Delivery.objects.visible_to(request.user).exclude(destroyed_at=None)
    return get_object_or_404(visible.select_related("received_by"), pk=id)
