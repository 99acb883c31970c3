"""A nation in parts: the same pairs whatever the parts, and who moved across counties."""

import polars as pl
import pytest

from renpu.concepts.identity_number import check_character
from renpu.linkage import LinkageRefused, compare, partitions
from renpu.linkage.fields import standard
from renpu.synthetic.persons import lists

COUNTIES = ("310199", "320199", "330199")


def number(body):
    return body + check_character(body)


def in_counties(made, moved=0.05):
    """Both lists with a county each; some people are counted in another county than they are registered in."""
    frames = []
    for frame, truth, share in ((made.register, made.register_truth, 0.0), (made.count, made.count_truth, moved)):
        person = pl.col("person").cast(pl.String).str.extract(r"(\d+)").cast(pl.Int64)
        home = (person // 700) % len(COUNTIES)
        away = (person * 7919 % 1000) < share * 1000
        county = pl.when(away).then((home + 1) % len(COUNTIES)).otherwise(home)
        code = county.replace_strict(dict(enumerate(COUNTIES)), return_dtype=pl.String)
        frames.append(frame.join(truth, on="id").with_columns(county=code).drop("person"))
    return frames


@pytest.fixture(scope="module")
def made():
    return lists(3000, seed=3)


@pytest.fixture(scope="module")
def frames(made):
    return in_counties(made)


@pytest.fixture(scope="module")
def pairs(frames):
    return in_parts(*frames)


def in_parts(left, right, **more):
    fields = standard(left.columns, right.columns)
    return partitions.compare(left, right, fields, id="id", county="county", **more)


def test_each_county_is_compared_as_on_one_machine(frames, pairs):
    left, right = frames
    fields = standard(left.columns, right.columns)
    county = dict(zip(left["id"], left["county"], strict=True)) | dict(zip(right["id"], right["county"], strict=True))
    inside = pairs.filter(
        pl.col("left").replace_strict(county) == pl.col("right").replace_strict(county),
    )
    alone = pl.concat(
        compare(left.filter(county=code), right.filter(county=code), fields, id="id") for code in COUNTIES
    )
    across = pairs.join(inside, on=["left", "right"], how="anti")
    expected = alone.join(across, on="left", how="anti").join(across, on="right", how="anti").sort("left", "right")
    assert inside.equals(expected)
    assert len(inside) > 2000


def test_people_who_moved_across_counties_are_found_by_their_numbers(made, frames, pairs):
    truth = made.pairs()
    county = {id: code for frame in frames for id, code in zip(frame["id"], frame["county"], strict=True)}
    across = pairs.filter(pl.col("left").replace_strict(county) != pl.col("right").replace_strict(county))
    moved = truth.filter(pl.col("left").replace_strict(county) != pl.col("right").replace_strict(county))
    right_ones = across.join(truth, on=["left", "right"], how="semi")
    assert len(moved) > 80
    assert len(right_ones) == len(across), "none is wrong"
    assert len(right_ones) / len(moved.unique("left")) > 0.8
    assert set(across["status"]) == {"linked"}


def test_neither_the_order_nor_the_number_of_parts_matters(frames, pairs):
    left, right = frames
    for shards in (1, 7):
        turned = in_parts(left.sample(fraction=1.0, shuffle=True, seed=shards), right.reverse(), shards=shards)
        assert turned.equals(pairs), shards


def few(left, right):
    columns = ("id", "name", "birth", "id_number", "county")
    frames = [pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row") for rows in (left, right)]
    return in_parts(*frames).select("left", "right", "status").rows()


NUMBER, OLD = number("31019919591208047"), "310199591208047"


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ([("a", "张三", "19591208", NUMBER, "1")], [("b", "张三", "19591208", NUMBER, "2")], 1),
        ([("a", "张三", "19591208", OLD, "1")], [("b", "章三", "19591208", NUMBER.lower(), "2")], 1),
        ([("a", "张三", "19591208", NUMBER, "1")], [("b", "李四", "19591208", NUMBER, "2")], 0),
        ([("a", "张三", "19591208", None, "1")], [("b", "张三", "19591208", None, "2")], 0),
        (
            [("a", "张三", "19591208", NUMBER, "1")],
            [("b", "张三", "19591208", NUMBER, "2"), ("c", "李四", "19591208", NUMBER, "3")],
            0,
        ),
        ([("a", "张三", "19591208", NUMBER, None)], [("b", "张三", "19591208", NUMBER, "2")], 1),
    ],
    ids=["moved", "two writings", "another name", "no number", "a number twice", "no county"],
)
def test_across_counties_a_number_and_a_name_are_needed(left, right, found):
    assert len(few(left, right)) == found


def test_a_link_in_the_county_stands(frames, pairs):
    linked = pairs.filter(status="linked")
    assert not linked["left"].is_duplicated().any()
    assert not linked["right"].is_duplicated().any()


def test_a_file_that_cannot_be_compared_is_refused(frames):
    left, right = frames
    with pytest.raises(LinkageRefused, match="no column county"):
        in_parts(left.drop("county"), right)
    with pytest.raises(LinkageRefused, match="does not tell its records apart"):
        in_parts(left, pl.concat([right, right.head(1)]))
