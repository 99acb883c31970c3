"""One writing for each name, and a key to find it by. All names are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts.names import Name, key, read


@pytest.mark.parametrize("written", ["张　三", "张 三", " 张  三 ", "张\t三", "张\u00a0三"])
def test_spaces_inside_a_chinese_name_are_layout(written):
    assert read(written) == Name("张三", notes=("spaces",))


@pytest.mark.parametrize("written", ["张三", " 张三\n", "\ufeff张三", "张\u200b三"])
def test_what_cannot_be_seen_is_no_part_of_a_name(written):
    assert read(written) == Name("张三")


@pytest.mark.parametrize("dot", "·・•･‧∙⋅.．")
def test_the_dot_of_minority_names_is_one_character(dot):
    assert read(f"买买提{dot}艾合买提") == Name("买买提·艾合买提")


@pytest.mark.parametrize(
    "written",
    [
        "陈英芬(曾用名陈明兴)", "陈英芬（曾用名：陈明兴）", "陈英芬 [曾用名 陈明兴]", "陈英芬〔原名:陈明兴〕",
        "陈英芬曾用名陈明兴", "陈英芬（曾用名：陈　明兴）",
    ],
)  # fmt: skip
def test_a_former_name_is_kept_apart(written):
    found = read(written)
    assert (found.value, found.former, found.problems) == ("陈英芬", "陈明兴", ())
    assert "former" in found.notes


@pytest.mark.parametrize(
    "written", ["瞿玥?", "郝建*", "王\ufffd", "李？", "王3", "李＜b＞", "=cmd|' /C calc'!A0", "王\ue000", "王(小)"]
)
def test_a_lost_or_odd_character_is_told_and_the_name_kept(written):
    found = read(written)
    assert found.problems == ("odd_characters",)
    assert found.value


def test_no_name_is_told():
    assert read(" ").problems == ("missing",)
    assert read("").value == ""


@pytest.mark.parametrize(
    "name",
    ["𠮷田一", "㛃", "王〇", "阿不都热合曼·吾守尔", "X之子", "未取名", "Müller-Lüdenscheidt", "O'Neill", "ئابدۇراخمان"],
)
def test_rare_characters_and_other_scripts_are_names(name):
    assert read(name).problems == ()
    assert read(name).value == name


def test_a_latin_name_keeps_its_capitals_and_single_spaces():
    assert read("ＳＭＩＴＨ　 Jane").value == "SMITH Jane"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张　三", "张三"), ("张三(曾用名张四)", "张三"), ("买买提.艾合买提", "买买提·艾合买提"),
        ("Smith  jane", "SMITH JANE"), ("欧阳 娜娜", "欧阳娜娜"),
    ],
)  # fmt: skip
def test_two_writings_of_a_name_have_one_key(one, other):
    assert key(one) == key(other)


def test_two_names_have_two_keys():
    assert len({key(name) for name in ("张三", "张四", "张三丰", "张", "")}) == 5


@given(st.text("张三丰·.曾用名()（） 　?Aa-\u200b", max_size=12))
def test_reading_what_was_read_changes_nothing(text):
    value = read(text).value
    assert read(value).value == value or read(value).former
    assert key(value) == key(text) or read(value).former
