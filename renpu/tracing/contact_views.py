"""Looking up telephone numbers for a purpose, and the access log: who looked at how much, and why."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from renpu.geography.places import names_of, place_of
from renpu.platform.models import AccessEvent
from renpu.platform.office import must, with_census
from renpu.tracing import contacts
from renpu.tracing.cases import TracingRefused

LIST = 200
DAYS = 30


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_census
def look_up(request, census):
    """The form; after it is sent, what was found, once. What was typed does not come back with the page."""
    place = place_of(request, census, request.POST.get("area") or None)
    must(request.user, "look_up", place.code)
    found, purpose = None, request.POST.get("purpose", "")
    if request.method == "POST":
        try:
            found = contacts.look_up(
                request.user,
                census,
                number=request.POST.get("number", "")[:40],
                name=request.POST.get("name", "")[:60],
                purpose=purpose,
                at=timezone.now(),
            )
        except TracingRefused as refusal:
            messages.error(request, str(refusal))
    today = timezone.now() - timedelta(days=1)
    mine = AccessEvent.objects.filter(by=request.user, action=contacts.ACTION, at__gt=today).count()
    shown = {"place": place, "found": found, "purpose": purpose, "mine": mine}
    return render(request, "tracing/contacts.html", shown)


@require_safe
@never_cache
@with_census
def access_log(request, census):
    """Everything that was seen in clear in an area: by person and action, and the newest of them."""
    place = place_of(request, census)
    must(request.user, "audit", place.code)
    now = timezone.now()
    events = AccessEvent.objects.visible_to(request.user).in_area(place.code).filter(at__gt=now - timedelta(days=DAYS))
    day = Count("id", filter=Q(at__gt=now - timedelta(days=1)))
    rates = events.values("by__username", "action").annotate(n=Count("id"), day=day, last=Max("at"))
    limit = census.parameter("look_ups_a_day")
    rows = list(events.select_related("by").order_by("-at", "-id")[: LIST + 1])
    areas = names_of({row.area_code for row in rows})
    for row in rows:
        row.area = areas.get(row.area_code, row.area_code)
    return render(
        request,
        "tracing/access_log.html",
        {
            "place": place,
            "rates": [{**rate, "many": rate["day"] > limit} for rate in rates.order_by("-day", "-n", "by__username")],
            "rows": rows[:LIST],
            "more": len(rows) > LIST,
            "limit": limit,
            "days": DAYS,
        },
    )
