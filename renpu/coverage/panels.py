"""The open work items of a household, on the household's page."""

from django.db.models import Q
from django.template.loader import render_to_string

from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem

SHOWN = 8


def work_panel(request, household) -> str:
    """The panel; empty where nothing was ever open about the household."""
    about = Q(household_id=household.pk) | Q(other_household_id=household.pk)
    items = WorkItem.objects.visible_to(request.user).filter(about, census_id=household.census_id)
    found = list(items.order_by("-state", "due_on", "id")[: SHOWN + 1])
    if not found:
        return ""
    for item in found:
        item.kind_name = kinds()[item.kind]
    shown = {"items": found[:SHOWN], "more": len(found) > SHOWN, "h": household}
    return render_to_string("coverage/_panel.html", shown, request)
