"""What the call room shows on the pages of a work item and of a household: how calls ended, and a button to call."""

from django.template.loader import render_to_string

from renpu.listing.models import Household
from renpu.platform.roles import may
from renpu.tracing.calls import ENDS
from renpu.tracing.models import Call, CallEntry

SHOWN = 10


def work_item_panel(request, item) -> str:
    """The calls of an item on a call list; an empty text for any other."""
    entry = CallEntry.objects.visible_to(request.user).filter(pk=item.pk).select_related("campaign", "caller").first()
    return panel(request, entry) if entry else ""


def household_panel(request, household: Household) -> str:
    entries = CallEntry.objects.visible_to(request.user).filter(item__household_id=household.id, item__line=None)
    entry = entries.exclude(item__kind="unit_member").select_related("item", "campaign", "caller").first()
    return panel(request, entry) if entry else ""


def panel(request, entry: CallEntry) -> str:
    calls = [(c, ENDS[c.ended].words) for c in Call.objects.filter(item=entry.item_id).order_by("-at", "id")[:SHOWN]]
    shown = {
        "entry": entry,
        "calls": calls,
        "may_call": entry.item.state == "open" and entry.phones and may(request.user, "work", entry.area_code),
    }
    return render_to_string("tracing/_calls.html", shown, request)
