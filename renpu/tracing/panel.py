"""What this room shows on a household's page (cases of its lines, on both sides of a tie, and who could be followed)
and on that of a work item."""

from django.db.models import Q
from django.template.loader import render_to_string

from renpu.collection.models import Person, Tracing
from renpu.concepts.masking import mask_name
from renpu.coverage.kinds import kinds
from renpu.geography.places import names_of
from renpu.linkage.models import line_key
from renpu.listing.models import Household
from renpu.platform.areas import may_see
from renpu.platform.roles import may
from renpu.platform.vault import unseal
from renpu.registers.models import RegisterRow
from renpu.tracing import cases, ties
from renpu.tracing.cases import ELSEWHERE
from renpu.tracing.models import Case
from renpu.tracing.persons import parse_record

HUKOU_HERE = 1


def household_panel(request, household: Household) -> str:
    """The panel; an empty text where nobody is or could be followed."""
    user = request.user
    rows = list(
        Case.objects.filter(Q(household_id=household.id) | Q(there_household_id=household.id)).order_by(
            "opened_at", "id"
        )
    )
    away = not_followed(household, rows) if may(user, "work", household.block_code) else []
    if not rows and not away:
        return ""
    shown = {"cases": [told(user, household, case) for case in rows], "away": away}
    return render_to_string("tracing/_household.html", shown, request)


def work_item_panel(request, item) -> str:
    """The case of a work item, or a button that opens one: for kinds that a person's whereabouts may close."""
    if not any(name == "tracing_outcome" for name, _code in kinds()[item.kind].reasons):
        return ""
    try:
        record = cases.record_of(item)
    except cases.TracingRefused:
        return ""
    case = Case.objects.visible_to(request.user).filter(census_id=item.census_id, record=record).first()
    household = parse_record(record)
    if isinstance(household, tuple):
        mine = Household.objects.visible_to(request.user).filter(pk=household[0]).exists()
    else:
        mine = RegisterRow.objects.visible_to(request.user).filter(pk=household).exists()
    opens = case is None and mine and item.state == "open" and may(request.user, "work", item.area_code)
    if case is None and not opens:
        return ""
    return render_to_string("tracing/_work_item.html", {"case": case, "item": item}, request)


def told(user, household: Household, case: Case) -> dict:
    away = case.household_id == household.id
    other = case.there_household_id if away else case.household_id
    home = Household.objects.visible_to(user).filter(pk=other).first() if other else None
    code = case.to_code if away else case.area_code
    names = names_of({code[:12], code[:9]} - {""})
    both = ties.sides(case)
    return {
        "case": case,
        "mine": may_see(user, case.area_code),
        "away": away,
        "line": case.line if away else case.there_line,
        "other": names.get(code[:12]) or names.get(code[:9]) or code or "–",
        "home": home,
        "tied": ties.tied(case) is not None,
        "differ": both is not None and not both.agree,
    }


def not_followed(household: Household, rows: list[Case]) -> list[dict]:
    """Lines with the hukou here that live elsewhere, of which there is no case, nor an outcome from the field."""
    followed = {case.line for case in rows if case.household_id == household.id}
    followed |= set(
        Tracing.objects.filter(household_id=household.id).exclude(outcome=None).values_list("line", flat=True)
    )
    lines = Person.objects.filter(
        household_id=household.id, hukou_place=HUKOU_HERE, residence_place__in=ELSEWHERE
    ).order_by("line")
    return [
        {
            "record": line_key(household.id, p.line),
            "name": mask_name(unseal(p.name, household.id.bytes + bytes((p.line & 255,)) + b"name")),
            "place": p.residence_place,
        }
        for p in lines
        if p.line not in followed
    ]
