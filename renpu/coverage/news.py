"""Whether evidence says more than a person knew who closed an item.

Work on a household moves what the comparison sees of it: members are found, heads are added to the form, a missing
person is no longer counted at its address. That is what closing was about, so it is no news. News is a source that
speaks for the first time or says something else, or a gap that became wider.
"""

from typing import Any

GAPS = (
    ("counted", "here"),
    ("listed", "here"),
    ("listed_resident", "resident"),
)  # what a list says, what the form says
IN_GAPS = {name for gap in GAPS for name in gap}
RISES = ("kwh_month", "registered", "bearers")  # news where there is more of it
# told from the rest, or the census's own progress
FOLLOWS = ("seems", "why", "agree", "members_found", "lines", "counts_as")
UNCONFIRMED = ("alone", "once", "unconfirmed")  # no source but the form: nothing new to who has asked
BESIDE = {"register_absent": ("D7", "D9"), "short_stay": ("D9",)}  # kind -> answers that are shown and not in question


def says_more(kind: str, before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Is there anything in the evidence `now` that was not in the evidence `before`?"""
    if now.get("source") in UNCONFIRMED:
        return False
    if any(_gap(now, gap) > _gap(before, gap) for gap in GAPS):
        return True
    told = now.keys() - IN_GAPS - {*FOLLOWS, *BESIDE.get(kind, ())}
    return any(_more(name, before.get(name), now[name]) for name in told)


def _gap(evidence: dict[str, Any], gap: tuple[str, str]) -> int:
    """Persons between a list and the form; 0 where the list says nothing."""
    listed, formed = (evidence.get(name) for name in gap)
    return 0 if listed is None else abs(listed - (formed or 0))


def _more(name: str, before: Any, now: Any) -> bool:
    if now is None or now == before:
        return False
    return now > before if name in RISES and before is not None else True
