"""The table of transitions decides every cell, and the fold does what the cell says."""

from uuid import uuid4

import pytest

from renpu.collection.models import MergeTask
from renpu.collection.transitions import KINDS, ORDERS, STATES, state_of, table
from tests.collection.conftest import VISIT
from tests.people import form

pytestmark = pytest.mark.django_db


def test_every_cell_is_decided():
    cells = table()
    wanted = {(s, k, o) for s in STATES for k in KINDS for o in ORDERS}
    # only visits and forms are made under a lease or can be older than what is known
    undecided = {c for c in wanted - cells.keys() if c[1] in ("visit", "form") or c[2] == "newer"}
    assert not undecided
    assert {t.effect for t in cells.values()} <= {
        "apply",
        "count",
        "describe",
        "reconcile",
        "task",
        "history",
        "open_line",
    }


def put_in_state(world, state):
    """A roster line in this state, by events alone."""
    about = world.line() if state != "none" else uuid4()
    if state in ("open", "removed"):
        world.send("visit", about, {"mode": 1, "outcome": 4, "status_after": 90}, at=10)
    if state == "refused":
        world.send("visit", about, {"mode": 1, "outcome": 7, "status_after": 91}, at=10)
    if state == "listed":
        world.send("visit", about, VISIT, at=10)
    if state in ("registered", "settled"):
        world.send("form", about, form(), at=10)
        world.send("visit", about, {"mode": 1, "outcome": 1, "status_after": 1}, at=10)
    if state == "settled":
        world.send("lock", about, {"locked": True, "reason": "验收"}, sender=world.desk)
    if state == "removed":
        world.send("remove", about, {"removed": True, "reason": "重复"}, sender=world.desk)
    return about


@pytest.mark.parametrize(
    ("state", "kind", "order"),
    # nothing can be older than a line that is not there
    [(s, k, o) for s in STATES for k in ("line", "visit", "form") for o in ORDERS if (s, o) != ("none", "older")],
)
def test_an_event_from_the_field_does_what_its_cell_says(world, state, kind, order):
    about = put_in_state(world, state)
    before = world.household(about) if state != "none" else None
    if before is not None:
        assert state_of(before) == state
    cell = table()["open" if state == "none" else state, kind, order]
    payload = {"line": {"household_no": "009", "address": "别处"}, "visit": VISIT, "form": form(("王芳", "陈刚"))}[kind]
    answer = world.send(
        kind,
        about,
        payload,
        at=5 if order == "older" else 20,
        base=before.version if before and order == "newer" else 0,
        fence=0 if order == "former" else 1,
        sender=world.phones[1] if kind == "form" and order == "older" else None,
    )
    after = world.household(about)
    result = {"task": "merge", "count": "history", "describe": "history", "history": "history", "apply": "accepted"}
    if cell.effect == "reconcile":
        assert answer.result == "merge"
    elif state == "none" and kind == "line":
        assert (answer.result, after.household_no) == ("accepted", "009")
    else:
        assert answer.result == result[cell.effect]
    if cell.effect in ("task", "reconcile"):
        assert MergeTask.objects.get(pk=answer.task).household_id == about
        assert before is None or (after.status, after.version) == (before.status, before.version)
    if cell.state_after == "by_status":
        assert state_of(after) == "listed"
    elif cell.state_after != "by_choice":
        assert state_of(after) == cell.state_after


@pytest.mark.parametrize("state", [s for s in STATES if s != "none"])
@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("foreign", {"persons": [{"name": "SATO HANAKO", "sex": 2, "birth": "196410"}]}),
        ("tracing", {"case_no": "T1", "line": 1, "to_place": 5}),
        ("lock", {"locked": True}),
        ("remove", {"removed": True, "reason": "重复"}),
    ],
)
def test_an_event_of_the_office_does_what_its_cell_says(world, state, kind, payload):
    about = put_in_state(world, state)
    cell = table()[state, kind, "newer"]
    answer = world.send(kind, about, payload, sender=world.desk, at=30)
    wanted = {"apply": "accepted", "task": "merge", "history": "history"}[cell.effect]
    assert answer.result == wanted
    after = state_of(world.household(about))
    if cell.state_after == "by_choice":
        assert after == {"lock": "settled", "remove": "removed"}[kind]
    else:
        assert after == cell.state_after
