from renpu.tracing.models.cases import Case, CaseStep
from renpu.tracing.models.requests import AnswerTry, HelpRequest, Letter, RequestStep

__all__ = ["AnswerTry", "Case", "CaseStep", "HelpRequest", "Letter", "RequestStep"]
