"""kill -9 in the middle of work, on both stores; `make bench-crash` does it thirty times."""

import pytest

from bench.crash import playing, syncing

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)]


@pytest.mark.parametrize("store", STORES)
def test_what_was_acknowledged_outlives_a_kill_of_the_server_and_of_postgresql(store):
    came = syncing(store, 1, int(store == "postgresql"), pause=0.7)
    assert came.problems == []
    assert came.acknowledged > 0
    assert came.tasks > 0  # devices did collide


@pytest.mark.parametrize("store", STORES)
def test_a_season_whose_playing_was_killed_is_whole_when_it_is_played_again(store):
    came = playing(store, int(store == "sqlite"), int(store == "postgresql"))
    assert came.problems == []
    assert came.events > 0
