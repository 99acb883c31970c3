"""The page of pre-listing: what the registers would put on the roster, making it, taking it back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from renpu.coverage import prelist, problems
from renpu.geography.places import COMMITTEE, names_below, names_of, place_of
from renpu.platform.office import must, with_census


@require_safe
@with_census
def page(request, census):
    """By block of a committee; a wider area is gone through committee by committee."""
    place = place_of(request, census)
    shown = {"place": place, "narrow": len(place.code) >= COMMITTEE, "below": names_below(place)}
    if shown["narrow"]:
        plan = prelist.plan(census, place.code)
        names = names_of({part.block_code for part in plan.parts})
        shown |= {
            "plan": plan,
            "parts": [(part, names.get(part.block_code, part.block_code)) for part in plan.parts],
            "untouched": sum(part.untouched for part in plan.parts),
            "unplaced": sum(plan.unplaced.values()),
        }
    return render(request, "coverage/prelist.html", shown)


@require_POST
@with_census
def make(request, census):
    area = area_of(request, census)
    n = prelist.make(census, prelist.plan(census, area).lines, by=request.user, at=timezone.now())
    messages.success(request, problems.PRELISTED % {"n": n})
    return redirect(f"{reverse('prelist')}?area={area}")


@require_POST
@with_census
def take_back(request, census):
    area = area_of(request, census)
    n = prelist.take_back(census, area, by=request.user, at=timezone.now())
    messages.success(request, problems.PRELISTING_TAKEN_BACK % {"n": n})
    return redirect(f"{reverse('prelist')}?area={area}")


def area_of(request, census) -> str:
    """The committee or block of a form, of which the user may decide; 404 for a wider area, whose page has no form."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "decide", place.code)
    if len(place.code) < COMMITTEE:
        raise Http404
    return place.code
