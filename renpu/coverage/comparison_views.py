"""Pages of the comparison: what became of each record, births and deaths, comings and goings; and running it again."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from renpu.coverage import findings, items, runs
from renpu.coverage.figures import NOBODY
from renpu.coverage.work import WorkRefused
from renpu.geography.places import place_of
from renpu.platform.models import local
from renpu.platform.office import must, with_census

GROUPS = (
    (
        gettext_lazy("The census against itself"),
        ("duplicate", "residence_omission", "hukou_omission", "short_stay"),
    ),
    (
        gettext_lazy("Registers against the forms"),
        ("register_missing", "birth_missing", "death_missing", "headcount"),
    ),
    (gettext_lazy("Dwellings"), ("vacancy", "unlisted_dwelling", "building_dwellings")),
    (
        gettext_lazy("Where sources contradict each other"),
        ("disagreement", "alive_or_dead", "register_absent", "identity_number"),
    ),
)


@require_safe
@with_census
def comparison(request, census):
    """What the newest comparison found in an area, by source and by kind of difference."""
    place, now = place_of(request, census), timezone.now()
    newest = runs.newest(request.user, census, place.code)
    sources, told = findings.counted(request.user, census, place.code)
    overview = items.overview(request.user, census, place, local(now).date())
    rows = {row.code: row for row in overview.kinds}
    active = [run for run in runs.running(census, now) if runs.overlap(run.area_code, place.code)]
    shown = {
        "place": place,
        "newest": newest,
        "active": active[0] if active else None,
        "step": runs.NAMES.get(active[0].figures.get("step", "")) if active else "",
        "runs": runs.of_area(census, place.code),
        "given_up": now - runs.GIVEN_UP,
        "sources": sources,
        "findings": findings.FINDINGS,
        "figures": [(name, n, findings.FIGURES[name]) for name, n in told.items()],
        "groups": [(name, [rows[kind] for kind in kinds]) for name, kinds in GROUPS],
    }
    return render(request, "coverage/comparison.html", shown)


@require_POST
@with_census
def compare(request, census):
    """Run the comparison of an area again."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "compare", place.code)
    try:
        runs.start(census, place.code, by=request.user, at=timezone.now())
    except WorkRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('comparison')}?area={place.code}")


@require_safe
@with_census
def finding_rows(request, census):
    """The records behind a figure of the comparison, masked."""
    place = place_of(request, census)
    wanted = findings.Wanted.read(request.GET)
    found = findings.rows(request.user, census, place.code, wanted)
    rows, after = findings.page(request.user, census, found, wanted.after)
    title = findings.FIGURES.get(wanted.figure) or findings.title(wanted.source)
    shown = {
        "place": place,
        "wanted": wanted,
        "title": title or _("Records"),
        "total": found.count() if wanted.figure else None,
        "of_persons": wanted.figure not in ("", NOBODY),
        "rows": rows,
        "after": after,
        "kin": any(row.kin for row in rows),
        "day": any(row.day for row in rows),
    }
    return render(request, "coverage/findings.html", shown)


@require_safe
@with_census
def vital(request, census, source: str):
    """The ledger of births or of deaths."""
    if source not in findings.VITAL:
        raise Http404
    place = place_of(request, census)
    parts, total = findings.vital(request.user, census, place, source)
    shown = {"place": place, "source": source, "parts": parts, "total": total, "found": findings.found_of(source)}
    return render(request, "coverage/vital.html", shown)


@require_safe
@with_census
def balance(request, census):
    """Comings and goings between the parts of an area, as both ends say."""
    place = place_of(request, census)
    return render(
        request, "coverage/balance.html", {"place": place, "of": findings.balance(request.user, census, place)}
    )
