"""Small truths by hand: who is linked, who is not, and who is left to a person."""

from dataclasses import replace

import polars as pl
import pytest

from renpu.concepts.identity_number import check_character
from renpu.linkage import Field, LinkageRefused, compare, files, link
from renpu.synthetic.persons import COUNT, REGISTER, lists

FIELDS = ("id", "name", "sex", "birth", "id_number", "address", "household", "phone")


@pytest.fixture(scope="module")
def crowd():
    """A thousand others, so that there is something to learn from."""
    return lists(1200, seed=5)


def linked(crowd, left, right):
    """The links of the people in question, among the crowd."""
    pairs = compare(_with(crowd.register, left), _with(crowd.count, right), id="id")
    asked = {row["id"] for row in left}
    return {(a, b): status for a, b, _, status, _ in pairs.iter_rows() if a in asked}


def _with(frame, rows):
    return pl.concat([frame, pl.DataFrame(rows, schema=dict.fromkeys(FIELDS, pl.String))])


def person(id, name, sex, birth, number=None, address="东长路91弄8号101室", household="h1", phone=None):
    return dict(zip(FIELDS, (id, name, sex, birth, number, address, household, phone), strict=True))


def number(body):
    return body + check_character(body)


def test_a_person_is_found_by_number_and_name(crowd):
    left = [person("a", "周小燕", "2", "19800203", number("31019919800203122"))]
    right = [person("b", "周小燕", "女", "1980年2月3日", number("31019919800203122") + " ", household="z")]
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_a_number_alone_never_links(crowd):
    left = [person("a", "周小燕", "2", "19800203", number("31019919800203122"))]
    right = [person("b", "吴大宝", "1", "19580917", number("31019919800203122"), "西海街5弄1号202室", "z")]
    assert "linked" not in linked(crowd, left, right).values()


def test_twins_are_told_apart_also_when_one_is_missing(crowd):
    twins = [
        person("a1", "周明东", "1", "20100506", number("31019920100506111")),
        person("a2", "周明西", "1", "20100506", number("31019920100506113")),
    ]
    same = [dict(t, id=t["id"].replace("a", "b"), household="z") for t in twins]
    assert linked(crowd, twins, same) == {("a1", "b1"): "linked", ("a2", "b2"): "linked"}
    assert "linked" not in linked(crowd, twins[:1], same[1:]).values()


def test_two_valid_numbers_and_no_day_of_birth_are_for_somebody_to_look_at(crowd):
    left = [person("a", "周国强", "1", "19610304", number("31019919610304117"), phone="12500000001")]
    right = [person("b", "周国强", "1", "196103", number("31019919610327112"), household="z", phone="12500000001")]
    assert "linked" not in linked(crowd, left, right).values()
    right[0]["id_number"] = None
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_a_child_with_a_parents_name_is_not_the_parent(crowd):
    left = [person("a", "周国强", "1", "19610304", number("31019919610304117"))]
    right = [person("b", "周国强", "1", "19880912", number("31019919880912115"), household="z")]
    assert "linked" not in linked(crowd, left, right).values()


def test_a_number_shared_by_two_goes_to_whose_name_it_is(crowd):
    shared = number("31019919710809112")
    left = [person("a1", "周大海", "1", "19710809", shared), person("a2", "钱小芳", "2", "19730510", shared)]
    right = [
        person("b1", "周大海", "1", "19710809", shared, household="z"),
        person("b2", "钱小芳", "2", "19730510", None, household="z"),
    ]
    pairs = linked(crowd, left, right)
    assert {pair for pair, status in pairs.items() if status == "linked"} == {("a1", "b1"), ("a2", "b2")}


@pytest.mark.parametrize(
    ("what", "name", "birth"),
    [
        ("day and month are swapped", "周建华", "19640703"),
        ("the date is one of the Chinese calendar", "周建华", "19640201"),
        ("traditional characters", "周建華", "19640307"),
        ("it sounds alike", "周健桦", "19640307"),
        ("a character is missing", "周华", "19640307"),
    ],
)
def test_one_slip_is_forgiven(crowd, what, name, birth):
    """19640314 is the first day of the second month of that year's Chinese calendar."""
    born = "19640314" if "Chinese" in what else "19640307"
    left = [person("a", "周建华", "1", born)]
    right = [person("b", name, "1", birth, household="z")]
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_a_digit_wrong_in_the_number_and_another_address_is_the_same_person(crowd):
    true = number("31019919830615113")
    wrong = true[:9] + str((int(true[9]) + 1) % 10) + true[10:]
    left = [person("a", "欧阳建宇", "1", "19830615", true)]
    right = [person("b", "欧阳建宇", "1", "19830615", wrong, "西海街5弄1号202室", "z")]
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_the_same_records_in_another_order_give_the_same_pairs():
    made = lists(6000, seed=9)
    files = [f.with_columns(household=pl.lit("户") + pl.col("household")) for f in (made.register, made.count)]
    pairs, doubles = compare(*files, id="id"), compare(files[1], id="id")
    for seed in (1, 2):
        shuffled = [file.sample(fraction=1, shuffle=True, seed=seed) for file in files]
        assert compare(*shuffled, id="id").equals(pairs)
        assert compare(shuffled[1], id="id").equals(doubles)


def test_each_record_is_linked_once_and_says_why():
    made = lists(1500, seed=9)
    links = compare(made.register, made.count, id="id").filter(status="linked")
    assert links["left"].is_unique().all()
    assert links["right"].is_unique().all()
    assert links["reason"].str.contains("pass=|weight=").all()


def judged(made, pairs):
    """The pairs, and which of them are the right ones."""
    who = [made.register_truth.rename({"id": "left"}), made.count_truth.rename({"id": "right", "person": "other"})]
    both = pairs.join(who[0], on="left").join(who[1], on="right")
    return both.with_columns(right_one=pl.col("person") == pl.col("other"))


@pytest.mark.parametrize(("numbers", "precision", "recall"), [(True, 0.9999, 0.9998), (False, 0.9995, 0.9992)])
def test_links_are_as_good_as_they_are_stated_to_be(numbers, precision, recall):
    made = lists(40_000, seed=3, numbers=numbers)
    outcome = link(made.register, made.count, id="id")
    links = judged(made, outcome.pairs).filter(status="linked")
    there = made.register_truth.join(made.count_truth, on="person", how="semi")["person"].n_unique()
    right = links["right_one"].mean()
    found = links.filter("right_one")["person"].n_unique() / there
    assert right >= precision
    assert found >= recall
    assert outcome.quality.precision.low <= right <= outcome.quality.precision.high
    assert outcome.quality.recall.low <= found <= outcome.quality.recall.high


def test_stated_probabilities_hold_in_the_middle():
    """Faults are three times as frequent as usual, so that there is a middle; with n pairs, chance alone moves a share
    by about 1 / sqrt(n)."""
    often = {"number_missing": 1.0, "doubled": 0.015, "name_homophone": 0.04, "name_lookalike": 0.012,
             "name_character": 0.018, "birth_missing": 0.006, "birth_digit": 0.018, "birth_lunar": 0.03}  # fmt: skip
    made = lists(120_000, 31, replace(REGISTER, **often), replace(COUNT, **often))
    pairs = judged(made, compare(made.register, made.count, id="id"))
    for low, high in ((0.1, 0.4), (0.4, 0.8), (0.8, 0.98), (0.98, 1.01)):
        some = pairs.filter((pl.col("probability") >= low) & (pl.col("probability") < high))
        assert len(some) > 40
        assert abs(some["probability"].mean() - some["right_one"].mean()) < 0.02 + 1 / len(some) ** 0.5


def test_a_persons_second_row_is_no_rival_and_says_so(crowd):
    left = [person("a", "周小燕", "2", "19800203", phone="12500000001")]
    right = [
        person("b1", "周小艳", "2", "19800203", household="z1", phone="12500000001"),
        person("b2", "周小燕", "2", "19800213", None, "西海街5弄1号202室", "z2", "12500000001"),
    ]
    pairs = compare(_with(crowd.register, left), _with(crowd.count, right), id="id").filter(left="a")
    assert dict(pairs.select("right", "status").iter_rows()) == {"b1": "linked", "b2": "unsure"}
    assert pairs["probability"].min() > 0.9
    assert pairs.filter(right="b2")["reason"].str.ends_with(" double").all()


@pytest.mark.parametrize("written", ["于?", "于*", "于□"])
def test_a_character_that_a_file_could_not_hold_is_no_other_character(crowd, written):
    left = [person("a", "于𫖯", "1", "19520514")]
    right = [person("b", written, "1", "19520514", household="z")]
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_the_first_name_of_several_parts_is_not_the_whole_name(crowd):
    left = [person("a", "阿依古丽·买买提", "2", "19790403")]
    right = [person("b", "阿依古丽·托合提", "2", "19810911", None, "西海街5弄1号202室", "z")]
    assert "linked" not in linked(crowd, left, right).values()


def test_doubles_of_one_file_are_found():
    made = lists(15_000, seed=4)
    found = compare(made.count, id="id").filter(status="linked").select("left", "right")
    true = made.doubles()
    right = found.join(true, on=["left", "right"], how="semi").height
    assert right / len(true) >= 0.97
    assert right / len(found) >= 0.97


def test_fields_of_another_language_are_compared_by_their_types():
    rng_names = ["anna", "bert", "carla", "dieter", "emma", "fritz", "greta", "hans"]
    rows = [
        (
            str(i),
            rng_names[i % 8],
            f"street{i % 97} {i % 53}",
            f"19{50 + i % 50}-{1 + i % 12:02}-{1 + i % 28:02}",
            str(7 * i + 1000),
        )
        for i in range(600)
    ]
    left = pl.DataFrame(rows, schema=["id", "given", "street", "born", "ssn"], orient="row")
    right = left.with_columns(
        given=pl.when(pl.col("id").str.ends_with("3")).then(pl.col("given") + "x").otherwise("given"),
        ssn=pl.when(pl.col("id").str.ends_with("5")).then(None).otherwise("ssn"),
    )
    fields = [Field("given", "text", "given", "given"), Field("street", "text", "street", "street"),
              Field("born", "date", "born", "born"), Field("ssn", "number", "ssn", "ssn")]  # fmt: skip
    links = compare(left, right, fields, id="id").filter(status="linked")
    assert (links["left"] == links["right"]).all()
    assert len(links) >= 594


def test_what_cannot_be_compared_is_refused_in_words(crowd):
    with pytest.raises(LinkageRefused, match="no column sex_"):
        compare(crowd.register, crowd.count, [Field("sex", "code", "sex_", "sex")])
    with pytest.raises(LinkageRefused, match="does not tell its records apart"):
        compare(crowd.register, crowd.count, id="sex")
    with pytest.raises(ValueError, match="no type"):
        Field("sex", "gender", "sex", "sex")


def test_an_empty_file_gives_no_pairs(crowd):
    assert compare(crowd.register.clear(), crowd.count, id="id").is_empty()


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", ""), ("quote.csv", 'name,sex\n"张三,1\n李四,2\n'), ("list.parquet", "name,sex\n张三,1\n")],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_of_it_shown(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LinkageRefused, match=path.stem) as refusal:
        files.read(path, ["name"])
    assert "李四" not in str(refusal.value)


def test_pairs_are_readable_by_their_owner_alone_also_where_the_file_was_there(tmp_path):
    path = tmp_path / "pairs.csv"
    path.touch(mode=0o644)
    files.write(pl.DataFrame({"left": ["1"]}), path)
    assert path.stat().st_mode & 0o077 == 0
