"""The tests of every room that writes, once more with PostgreSQL as the store: what two people do at once is real
only there."""

import pytest

pytestmark = pytest.mark.pg


@pytest.mark.parametrize(
    "folder",
    [
        "tests/collection",
        "tests/monitoring",
        "tests/registers",
        "tests/linkage",
        "tests/coverage",
        "tests/tracing",
        "tests/site",
    ],
)
def test_a_room_works_alike_on_postgresql(on_postgres, folder):
    assert " passed" in on_postgres(folder)
