"""What an event does to a roster line: state x event kind x order -> effect. The rows are `transitions.csv`.

Orders: `newer` than what is known, `older`, or `former` (made under a lease that was taken away). Effects: `apply`;
`count` (a contact that happened, but a later one says what was found); `describe` (fill in what is empty);
`reconcile` (merge by section, or a task);
`task` (kept beside, the supervisor decides; the reason names why); `history` (kept in the journal only); `open_line`.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

STATES = ("none", "open", "refused", "listed", "registered", "settled", "removed")
KINDS = ("line", "visit", "form", "foreign", "tracing", "settle", "merge", "lock", "remove")
ORDERS = ("newer", "older", "former")


class Transition(NamedTuple):
    effect: str
    state_after: str
    reason: str


@cache
def table() -> dict[tuple[str, str, str], Transition]:
    """Every cell of the table; a row that names a state, kind or order wins over one that says `*`."""
    cells: dict[tuple[str, str, str], Transition] = {}
    text = files("renpu.collection").joinpath("transitions.csv").read_text("utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: -list(row.values()).count("*"))
    for row in rows:
        for state in STATES if row["state"] == "*" else (row["state"],):
            for kind in KINDS if row["kind"] == "*" else (row["kind"],):
                for order in ORDERS if row["order"] == "*" else (row["order"],):
                    cells[state, kind, order] = Transition(row["effect"], row["state_after"], row["reason"])
    return cells


def state_of(line) -> str:
    """The state of a roster line (`listing.Household`), or "none"."""
    if line is None:
        return "none"
    if line.removed:
        return "removed"
    if line.locked:
        return "settled"
    if line.version:
        return "registered"
    return {90: "open", 91: "refused"}.get(line.status, "listed")
