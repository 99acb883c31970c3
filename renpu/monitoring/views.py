"""Pages of the monitoring room: the dashboard of an area, the progress report, and the rows behind a number."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from renpu.concepts.masking import mask_identity_number, mask_name
from renpu.geography.places import home_code, names_below, names_of, place_of
from renpu.monitoring import dashboard as board
from renpu.monitoring.actions import ReportRefused, save_draft
from renpu.monitoring.indicators import BY_CODE, values
from renpu.monitoring.management.commands.report import at as moment_of
from renpu.monitoring.management.commands.report import numbers
from renpu.monitoring.reports.docx import document
from renpu.monitoring.reports.html import told
from renpu.monitoring.reports.progress import Figure, chinese_date, progress_report
from renpu.monitoring.reports.words import PARTS
from renpu.monitoring.rows import rows
from renpu.platform.given import number_of
from renpu.platform.models import local
from renpu.platform.office import author, census_in_hand, must, with_census
from renpu.platform.vault import unseal
from renpu.registers.actions import seal_place

WORDS = {
    "accepted": gettext_lazy("Form accepted"),
    "waiting": gettext_lazy("Form with open edits"),
    "listed": gettext_lazy("Listed, no form"),
    "open": gettext_lazy("Not yet contacted"),
    "refused": gettext_lazy("Refused so far"),
    "visits": gettext_lazy("Visits and calls"),
    "entered": gettext_lazy("Lines entered"),
}
PAGE = 100
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def dashboard(request):
    census = census_in_hand()
    if census is None or not (request.GET.get("area") or home_code(request.user, census)):
        return render(request, "monitoring/nothing_yet.html", {"census": census})
    request.census = census
    place = place_of(request, census)
    now = timezone.now()
    cards, sums = board.figures(census, place, now)
    parts, days = board.parts(census, place), board.days(census, place)
    open_items, by_part = board.open_work(census, place)
    for row in parts:
        row["open_items"] = by_part.get(row["code"], 0)
    charts = {}
    if any(row["lines"] for row in parts):
        charts["chart-parts"] = board.bars(parts, WORDS)
    if len(days) > 1:
        charts["chart-days"] = board.line(days, {**WORDS, "accepted": _("Forms accepted")})
    return render(
        request,
        "monitoring/dashboard.html",
        {
            "place": place,
            "cards": cards,
            "sums": sums,
            "open_items": open_items,
            "parts": parts,
            "days": days,
            "charts": charts,
            "late": board.late(census, place, sums["last"], now),
            "now": now,
        },
    )


def as_of(request, name: str = "as_of") -> tuple[datetime, str]:
    """The moment asked for, on the clock of the census, and how it stands in addresses; now, and "", without one."""
    text = request.GET.get(name, "") or request.POST.get(name, "")
    if not text:
        return timezone.now(), ""
    try:
        return moment_of(text), text
    except ReportRefused:
        raise Http404 from None


@require_safe
@with_census
def report(request, census):
    """The progress report of an area as of a moment; each number leads to its rows."""
    place = place_of(request, census)
    moment, text = as_of(request)
    made = progress_report(census, place.code, moment)
    editing = request.GET.get("edit", "")

    def link(figure: Figure) -> str:
        where = {"area": figure.area_code, **({"as_of": text} if text else {})}
        return f"{reverse('indicator', args=[figure.indicator.code])}?{urlencode(where)}"

    return render(
        request,
        "monitoring/report.html",
        {
            "place": place,
            "parts": names_below(place),
            "as_of_text": text,
            "as_of_field": f"{local(moment):%Y-%m-%dT%H:%M}",
            "editing": editing if editing in PARTS and PARTS[editing].free else "",
            **told(made, link),
        },
    )


@require_safe
@with_census
def report_file(request, census, kind: str):
    """The report as a document, or its numbers as JSON."""
    place = place_of(request, census)
    moment, text = as_of(request)
    if kind == "docx":
        body, content_type = document(progress_report(census, place.code, moment)), DOCX
        name = f"{place.name}人口普查工作进展情况汇报{chinese_date(moment)}.docx"
    else:
        given = text or local(moment).isoformat(timespec="seconds")
        body, content_type = numbers(census, place.code, place.name, moment, given), "application/json"
        name = f"progress-{place.code}-{local(moment):%Y%m%dT%H%M}.json"
    headers = {"Content-Disposition": "attachment; " + urlencode({"filename*": f"UTF-8''{name}"}, safe="*'")}
    return HttpResponse(body, content_type=content_type, headers=headers)


@require_POST
@with_census
def report_part(request, census):
    """The office's own text for a free part; an empty one brings the draft back."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "report", place.code)
    moment, text = as_of(request)
    part = request.POST.get("part", "")
    back = {"area": place.code, **({"as_of": text} if text else {})}
    try:
        words = request.POST.get("text", "")[:10_000]
        save_draft(census, place.code, moment, part, words, by=author(request.user), at=timezone.now())
    except ReportRefused as refusal:
        messages.error(request, str(refusal))
        back["edit"] = part
    else:
        messages.success(request, _("Saved; reports as of this or a later moment show it."))
    return redirect(f"{reverse('report')}?{urlencode(back)}#part-{part}")


@require_safe
@with_census
def indicator(request, census, code: str):
    """A number, its definition, and the rows that it counts."""
    of = BY_CODE.get(code)
    if of is None:
        raise Http404
    place = place_of(request, census)
    moment, text = as_of(request)
    found = rows(of, census, place.code, moment)
    start = max(0, (number_of(request.GET.get("page", "")) or 1) - 1) * PAGE
    counted = list(found.query[start : start + PAGE + 1]) if found.kind else []
    return render(
        request,
        "monitoring/indicator.html",
        {
            "place": place,
            "indicator": of,
            "value": values(census, place.code, moment, [code])[code],
            "of_rate": [BY_CODE[word.strip()] for word in of.source.split("/")] if of.is_rate else (),
            "kind": found.kind,
            "header": HEADERS.get(found.kind, ()),
            "rows": [SHOWN[found.kind](row) for row in with_names(found.kind, counted[:PAGE])],
            "page": start // PAGE + 1,
            "more": len(counted) > PAGE,
            "as_of_text": text,
            "as_of": moment,
            "as_of_field": f"{local(moment):%Y-%m-%dT%H:%M}",
        },
    )


def with_names(kind: str, found: list) -> list:
    """Gives each row the name of its block or area as `where`."""
    path = {"staff": "area_code", "register": "area_code", "areas": "code", "blocks": "code"}.get(kind, "block_code")
    codes = {getattr(row, path) for row in found}
    names = names_of(codes | {code[:12] for code in codes})
    for row in found:
        code = getattr(row, path)
        above = names.get(code[:12], "") if len(code) > 12 else ""
        row.where = f"{above} {names.get(code, code)}".strip()
    return found


def household_cells(h):
    head = mask_name(unseal(h.head, h.id.bytes + b"head"))
    address = reverse("household", args=[h.id])
    return [(f"{h.where} {h.household_no}", address), (h.address, ""), (head, ""), (h.adds, "")]


def event_cells(e):
    made, received = (f"{local(m):%Y-%m-%d %H:%M}" for m in (e.made_at, e.received_at))
    return [(e.where, ""), (made, reverse("household", args=[e.about])), (received, ""), (e.actor, "")]


def slip_cells(s):
    left = f"{local(s.left_at):%Y-%m-%d %H:%M}"
    return [(s.where, ""), (s.number, reverse("household", args=[s.household_id])), (left, "")]


def register_cells(r):
    place = (str(r.delivery_id), r.sheet, r.number)
    name = mask_name(unseal(r.name_sealed, seal_place(*place, "name")))
    number = mask_identity_number(unseal(r.id_sealed, seal_place(*place, "id")))
    at = f"{r.sheet} {r.number}".strip()
    row = (at, reverse("delivery", args=[r.delivery_id]))
    return [(r.where, ""), row, (r.household_no, ""), (name, ""), (number, "")]


def staff_cells(s):
    return [(s.number, ""), (s.name, ""), (s.get_duty_display(), ""), (s.get_origin_display(), ""), (s.where, "")]


def place_cells(p):
    return [(p.code, ""), (p.where, f"{reverse('dashboard')}?area={p.code}")]


def case_cells(c):
    return [
        (c.case_no, reverse("household", args=[c.household_id])),
        (c.where, ""),
        (c.opened_on, ""),
        (c.closed_on, ""),
    ]


BLOCK, OPENED = gettext_lazy("Block"), gettext_lazy("Household")
HEADERS = {
    "households": (OPENED, gettext_lazy("Address"), gettext_lazy("Head"), gettext_lazy("Adds")),
    "events": (BLOCK, gettext_lazy("Made"), gettext_lazy("Received at"), gettext_lazy("By")),
    "slips": (BLOCK, gettext_lazy("Slip"), gettext_lazy("Left")),
    "register": (
        gettext_lazy("Area"),
        gettext_lazy("Row"),
        gettext_lazy("Household no."),
        gettext_lazy("Name"),
        gettext_lazy("Identity number"),
    ),
    "staff": (
        gettext_lazy("Number"),
        gettext_lazy("Name"),
        gettext_lazy("Duty"),
        gettext_lazy("Origin"),
        gettext_lazy("Area"),
    ),
    "areas": (gettext_lazy("Code"), gettext_lazy("Area")),
    "blocks": (gettext_lazy("Code"), BLOCK),
    "cases": (gettext_lazy("Case"), BLOCK, gettext_lazy("Opened"), gettext_lazy("Closed")),
}
SHOWN = {
    "households": household_cells,
    "events": event_cells,
    "slips": slip_cells,
    "register": register_cells,
    "staff": staff_cells,
    "areas": place_cells,
    "blocks": place_cells,
    "cases": case_cells,
}
