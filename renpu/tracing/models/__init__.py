from renpu.tracing.models.calls import Call, CallEntry, Campaign, WrongNumber
from renpu.tracing.models.cases import Case, CaseStep
from renpu.tracing.models.requests import AnswerTry, HelpRequest, Letter, RequestStep
from renpu.tracing.models.units import DoorTry, HukouUnit, Member, UnitLink, UnitRoster, UnitTalk

__all__ = [
    "AnswerTry",
    "Call",
    "CallEntry",
    "Campaign",
    "Case",
    "CaseStep",
    "DoorTry",
    "HelpRequest",
    "HukouUnit",
    "Letter",
    "Member",
    "RequestStep",
    "UnitLink",
    "UnitRoster",
    "UnitTalk",
    "WrongNumber",
]
