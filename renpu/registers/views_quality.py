"""Pages of quality: each valid delivery by the measures, and what two lists say differently."""

from django.db.models import Count
from django.shortcuts import render
from django.views.decorators.http import require_safe

from renpu.geography.places import names_of, place_of
from renpu.platform.areas import may_see
from renpu.platform.given import number_of
from renpu.platform.office import with_census
from renpu.registers import conflicts, desk, quality
from renpu.registers.models import Delivery, RegisterRow

LIST = 50
LISTS = 200


@require_safe
@with_census
def overview(request, census):
    place = place_of(request, census)
    valid = Delivery.objects.visible_to(request.user).in_area(place.code).filter(state=Delivery.State.ACCEPTED)
    rows = list(valid.filter(destroyed_at=None).order_by("source", "area_code", "-received_at", "id")[: LISTS + 1])
    more = len(rows) > LISTS
    rows = rows[:LISTS]
    names = names_of({row.area_code for row in rows})
    for row in rows:
        row.title, row.area_name = desk.title_of(row), names.get(row.area_code, row.area_code)
        row.score = quality.score(row)
        row.cells = [
            (one, *row.quality.get(one.code, (0, 0)), desk.FAILS + one.code if one.code != "fresh" else "")
            for one in quality.measures()
        ]
    counted = conflicts.of_area(place.code, request.user).values_list("about").annotate(n=Count("pk")).order_by()
    counts = dict(counted)
    shown = {
        "place": place,
        "rows": rows,
        "more": more,
        "measures": quality.measures(),
        "conflicts": [(kind, counts.get(kind.code, 0)) for kind in conflicts.kinds()],
        "any": bool(counts),
    }
    return render(request, "registers/quality.html", shown)


@require_safe
@with_census
def conflict_list(request, census):
    place = place_of(request, census)
    kinds = {kind.code: kind for kind in conflicts.kinds()}
    about = request.GET.get("about", "")
    kind = kinds.get(about) or next(iter(kinds.values()))
    after = number_of(request.GET.get("after", ""), 18) or 0
    found = conflicts.of_area(place.code, request.user).filter(about=kind.code, pk__gt=after)
    found = list(found.select_related("delivery", "other_delivery").order_by("pk")[: LIST + 1])
    shown = found[:LIST]
    rows = RegisterRow.objects.in_bulk({key for one in shown for key in (one.row_id, one.other_row_id)})
    for one in shown:
        pairs = ((one.delivery, one.row_id), (one.other_delivery, one.other_row_id))
        one.sides = [
            {
                **desk.masked(rows[key], delivery),
                "title": desk.title_of(delivery),
                "may_see": may_see(request.user, rows[key].block_code or rows[key].area_code),
                "may_open": may_see(request.user, delivery.area_code),
            }
            for delivery, key in pairs
            if key in rows
        ]
    names = names_of({one.area_code for one in shown})
    for one in shown:
        one.where = names.get(one.area_code, one.area_code)
    told = {
        "place": place,
        "kind": kind,
        "kinds": list(kinds.values()),
        "rows": shown,
        "after": shown[-1].pk if len(found) > LIST else 0,
    }
    return render(request, "registers/conflicts.html", told)
