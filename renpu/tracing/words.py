"""What was done on a case or a request, in words; notes are hidden unless they are cleared."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from renpu.platform.language import code_word
from renpu.tracing.cases import note_of
from renpu.tracing.models import CaseStep, HelpRequest

CASE_STEPS = {
    "opened": _("Case opened"),
    "hint": _("Hint noted"),
    "named": _("Household of the hukou named"),
    "found": _("Household of residence named"),
    "asked": _("Help asked for"),
    "answered": _("Answer received"),
    "withdrawn": _("Request withdrawn"),
    "called": _("Called: D7, D9, D10 answered"),
    "beside": _("Answers kept as a merge task"),
    "tied": _("Both records tied"),
    "untied": _("Records set apart"),
    "settled": _("Difference settled"),
    "closed": _("Closed"),
    "reopened": _("Reopened"),
}
REQUEST_STEPS = {
    "sent": _("Sent"),
    "opened": _("Name opened to search"),
    "printed": _("Letter made"),
    "reminded": _("Reminded"),
    "answered": _("Answered"),
    "forwarded": _("Forwarded"),
    "withdrawn": _("Withdrawn"),
}
SOURCES_SAID = {
    "relative": _("Relatives"),
    "neighbour": _("Neighbours"),
    "unit": _("The unit"),
    "demolition": _("Demolition office"),
    "police": _("Police"),
    "insurance": _("Social insurance"),
    "property": _("Property management"),
    "other": _("Others"),
}


class Told(NamedTuple):
    step: CaseStep
    title: str
    detail: str
    note: str


def step_words(step: CaseStep, clear: bool) -> Told:
    note = note_of(step)
    return Told(step, str(CASE_STEPS.get(step.did, step.did)), _detail(step), note if clear else "…" * bool(note))


def _detail(step: CaseStep) -> str:
    if ":" in step.code:
        name, _colon, code = step.code.partition(":")
        return code_word(name, code)
    if step.did == "hint":
        return str(SOURCES_SAID.get(step.code, step.code))
    if step.did == "answered":
        number, _space, answer = step.code.rpartition(" ")
        return f"{number} {answer_word(answer)}"
    return step.code if step.did != "beside" else ""


def answer_word(answer: str) -> str:
    return str(HelpRequest.Answer(answer).label) if answer in HelpRequest.Answer.values else answer
