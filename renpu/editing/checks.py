"""The edit rules of each census in force, as the receipt of a form, the office's pages and the devices need them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from renpu.collection import events
from renpu.collection.fold import Edits, Line
from renpu.editing.answers import Context
from renpu.editing.questionnaire import Questionnaire, xform
from renpu.editing.rules import RuleSet, client_program, rule_set
from renpu.editing.rules.python import Checker, checker
from renpu.platform.models import Census, local


def parameters_of(census: Census) -> dict[str, Any]:
    """The parameters that rules and form depend on; T0 as the census clock shows it."""
    return {**census.all_parameters, "t0": local(census.t0).date().isoformat()}


def rules_in_force(census: Census) -> RuleSet:
    return rule_set(parameters_of(census))


@lru_cache(maxsize=16)
def _checker(census_id: int) -> Checker:
    return checker(rules_in_force(Census.objects.get(pk=census_id)))


def forget() -> None:
    """Compile anew at the next form: for whoever changes the parameters of a census, in each process that serves."""
    _checker.cache_clear()


def check_form(line: Line | None, payload: events.Form, census_id: int) -> Edits:
    """The outcome of the check of a form on receipt. `text` lists [rule, line, severity]: H hard, C query not
    confirmed,
    K query confirmed at the door, O for the office."""
    context = Context(household_status=payload.household_status)
    if line is not None:
        context.household_no = line.household_no or None
        context.household_type = line.household_type
        context.county = line.block_code[:6]
        context.n_here, context.n_away = line.n_here, line.n_away
    hard, query, office, _ = _checker(census_id)(payload.answers, context)
    if not (hard or query or office):
        return CLEAN
    confirmed = {(c.rule, c.line) for c in payload.confirmed if c.reason}
    found = [(e.rule, e.line, "H") for e in hard]
    found += [(e.rule, e.line, "K" if (e.rule, e.line) in confirmed else "C") for e in query]
    found += [(e.rule, e.line, "O") for e in office]
    asked = sum(severity == "C" for _, _, severity in found)
    return Edits(len(hard), asked, msgspec.json.encode(found).decode())


CLEAN = Edits()


def form_of_census(census: Census) -> Questionnaire:
    """The short form as devices fill it in."""
    return xform(parameters_of(census))


def rules_of_census(census: Census) -> Mapping[str, Any]:
    """The rules as data for the field client."""
    return client_program(parameters_of(census))
