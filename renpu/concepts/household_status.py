"""Household statuses of the roster (码表 household_status), and the words of the progress report that stand for
them."""

from enum import IntEnum
from typing import NamedTuple


class Status(IntEnum):
    """What was found at a roster line; labels are in the code list `household_status`."""

    ORDINARY = 1
    AWAY_UNDER_HALF_YEAR = 2
    AWAY_HALF_YEAR_OR_MORE = 3
    EMPTY_REGISTERED = 4
    MOVED = 5
    VACANT = 6
    DIED_OUT = 7
    FOREIGN = 8
    NOT_A_DWELLING = 9
    NOT_CONTACTED = 90
    REFUSED = 91


class ReportWord(NamedTuple):
    """A word of the progress report and the statuses that it covers; `collective_too` says whether collective
    households are counted under it."""

    word: str
    english: str
    statuses: tuple[Status, ...]
    collective_too: bool
    source: str


_TEMPLATE = "progress-report template, sentence on the households entered"
_APART = _TEMPLATE + "; empty-registered and moved households are shown apart"
REPORT_WORDS = (
    ReportWord("普通住户", "Ordinary households", (Status.ORDINARY,), False, _TEMPLATE),
    ReportWord("空户", "Vacant", (Status.VACANT,), True, _TEMPLATE),
    ReportWord(
        "全户外出",
        "Whole household away",
        (Status.AWAY_UNDER_HALF_YEAR, Status.AWAY_HALF_YEAR_OR_MORE),
        True,
        _APART,
    ),
    ReportWord("全户死亡", "Whole household died", (Status.DIED_OUT,), True, _TEMPLATE),
)

# Statuses that the template has no word for; an office that counts them as 全户外出 adds them to it.
APART_FROM_AWAY = (
    ReportWord("空挂户", "Empty-registered", (Status.EMPTY_REGISTERED,), True, _APART),
    ReportWord("已搬离", "Left through demolition or moving", (Status.MOVED,), True, _APART),
)


def report_word(status: Status, collective: bool = False) -> str:
    """The word of the report, or of its note, for a household of this status; empty where it has none."""
    for row in REPORT_WORDS + APART_FROM_AWAY:
        if status in row.statuses and (row.collective_too or not collective):
            return row.word
    return ""
