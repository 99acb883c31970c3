"""Reasons, steps and changes of work items in the reader's words."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from renpu.coverage import bulk, closing, vacancy_check
from renpu.coverage.models import WorkStep
from renpu.platform.language import code_word

MODES = {
    "door": gettext_lazy("At the door"),
    "phone": gettext_lazy("By telephone"),
    "desk": gettext_lazy("At the desk"),
}
CHECKS = {
    "meter": {
        "nobody": gettext_lazy("hardly any electricity used"),
        "lived_in": gettext_lazy("electricity is used"),
        "unclear": gettext_lazy("not clear"),
    },
    "look": {
        "nobody": gettext_lazy("no laundry, no lamps"),
        "lived_in": gettext_lazy("laundry or lamps seen"),
        "unclear": gettext_lazy("not clear"),
    },
    "ask": {
        "nobody": gettext_lazy("“nobody lives there”"),
        "lived_in": gettext_lazy("“somebody lives there”"),
        "unclear": gettext_lazy("did not know"),
    },
}
ASKED = {
    "neighbour": gettext_lazy("a neighbour"),
    "property": gettext_lazy("the property company"),
    "police": gettext_lazy("the police"),
    "committee": gettext_lazy("the residents' committee"),
}
DID = {
    "opened": gettext_lazy("Opened by the comparison"),
    "gone": gettext_lazy("The comparison no longer sees it"),
    "found": gettext_lazy("The comparison sees it again"),
    "assigned": gettext_lazy("Given to somebody"),
    "due": gettext_lazy("Due day changed"),
    "sheet": gettext_lazy("Put on a call sheet"),
    "try": gettext_lazy("Tried"),
    "check": gettext_lazy("Checked"),
    "note": gettext_lazy("Note"),
    "proposed": gettext_lazy("Reported back"),
    "closed": gettext_lazy("Closed"),
    "reopened": gettext_lazy("Opened again"),
    "undone": gettext_lazy("Bulk action taken back"),
}
NEEDS = {
    "": "",
    "contact": gettext_lazy("after a contact, or on a stated ground"),
    "tries": gettext_lazy("after enough tries, or on a stated ground"),
    "roster": gettext_lazy("when the roster says so"),
    "checks": gettext_lazy("after the three checks and a second visit"),
}


class ReasonWord(NamedTuple):
    """A reason as a choice of a form: its value, its words, and what it rests on."""

    value: str
    label: str
    needs: Any


def reasons(of: Iterable[tuple[str, str]]) -> list[ReasonWord]:
    return [
        ReasonWord(f"{name}:{code}", code_word(name, code), NEEDS[closing.needs((name, code))]) for name, code in of
    ]


def reason_word(name: str, code: str) -> str:
    return code_word(name, code) if name else ""


class Told(NamedTuple):
    step: WorkStep
    title: Any
    facts: list[str]


def step(of: WorkStep) -> Any:
    """What a step did, in a word."""
    return DID.get(of.did, of.did)


def told(of: WorkStep, people: Mapping[str, str]) -> Told:
    """A step with its facts. `people`: names of staff by id, as text."""
    facts = []
    if of.mode:
        facts.append(str(MODES[of.mode]))
    if of.outcome is not None:
        facts.append(code_word("visit_outcome", of.outcome))
    if of.did == "check":
        facts.append(str(vacancy_check.NAMES[of.facts["check"]]))
        if of.facts.get("with"):
            facts.append(str(ASKED[of.facts["with"]]))
        facts.append(str(CHECKS[of.facts["check"]][of.facts["showed"]]))
    if of.reason:
        facts.append(reason_word(of.reason_list, of.reason))
    if of.did == "undone":
        facts.append(str(DID.get(of.note, of.note)))
    elif of.note:
        facts.append(of.note)
    if of.did == "assigned" and of.before.get("owner_id"):
        facts.append(_("before: %(name)s") % {"name": people.get(of.before["owner_id"], "–")})
    if of.did == "due" and of.before.get("due_on"):
        facts.append(_("before: %(name)s") % {"name": of.before["due_on"]})
    return Told(of, step(of), facts)


def change(wanted: bulk.Change) -> str:
    """What a bulk action is about to do."""
    match wanted:
        case bulk.Assign(owner):
            return _("Give to %(name)s") % {"name": owner.name}
        case bulk.Due(due_on):
            return _("Set the due day to %(day)s") % {"day": due_on.isoformat()}
        case bulk.Close(reason, ground):
            told = _("Close as “%(reason)s”") % {"reason": reason_word(*reason)}
            return _("%(what)s, on the ground: %(ground)s") % {"what": told, "ground": ground} if ground else told
