"""What the counters count. `of_line` gives what one roster line adds to each measure; events add the rest
themselves."""

from renpu.concepts.household_status import Status

STATUSES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 90, 91)
OPEN = (int(Status.NOT_CONTACTED), int(Status.REFUSED))
LINE_MEASURES = (
    "lines",
    *(f"status_{code}" for code in STATUSES),
    "collective",
    "entered",
    "persons",
    "hukou",
    "resident",
    "resident_lines",
    "forms",
    "accepted",
    "self_forms",
    "codes",
    "here",
    "away",
    "separated",
    "births",
    "deaths",
    "foreigners",
    "edits_open",
    "tasks_open",
)
EVENT_MEASURES = ("events", "visits", "vain_visits", "slips")
MEASURES = LINE_MEASURES + EVENT_MEASURES
SELF_ENUMERATION = 2


def of_line(line) -> dict[str, int]:
    """The measures to which one roster line adds, zero left out. `line` has the fields of `listing.Household`."""
    if line.removed:
        return {}
    status = line.status
    has = {"lines": 1, f"status_{status}": 1}
    if status == 1 and line.household_type == 2:
        has["collective"] = 1
    if line.has_code:
        has["codes"] = 1
    if line.open_edits:
        has["edits_open"] = 1
    if line.open_tasks:
        has["tasks_open"] = 1
    if line.version:
        has["forms"] = 1
        if line.accepted:
            has["accepted"] = 1
        if line.form_method == SELF_ENUMERATION:
            has["self_forms"] = 1
    if status == 8 and line.n_here:
        has["foreigners"] = line.n_here
    if status in OPEN:
        return has
    has["entered"] = 1
    if line.version:
        counts = (
            ("persons", line.persons),
            ("hukou", line.persons_hukou),
            ("resident", line.persons_resident),
            ("here", line.persons_here),
            ("away", line.persons_away),
            ("separated", line.persons_separated),
            ("births", line.births),
            ("deaths", line.deaths),
        )
    elif line.n_here is not None:
        counts = (
            ("persons", line.n_here + (line.n_away or 0)),
            ("hukou", line.n_hukou or 0),
            ("resident", line.n_resident or 0),
        )
    else:
        return has
    for name, n in counts:
        if n:
            has[name] = n
    if has.get("resident"):
        has["resident_lines"] = 1
    return has


def difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """after - before, zero left out."""
    change = dict(after)
    for name, n in before.items():
        left = change.get(name, 0) - n
        if left:
            change[name] = left
        else:
            change.pop(name, None)
    return change
