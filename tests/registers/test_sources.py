"""What holds for the declaration of every source."""

import re
from datetime import date
from pathlib import Path

import pytest

from renpu.registers.models import RegisterRow
from renpu.registers.reading import Reading
from renpu.registers.source import Column, RegisterSource, find_header
from renpu.registers.sources import SOURCES, find

SEALED = {"name", "id", "phone", "kin_name", "kin_id"}
ALL = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


@ALL
def test_a_personal_column_is_one_that_the_store_seals(source):
    assert {column.name for column in source.columns if column.personal} - {"birth"} <= SEALED
    assert all(column.personal for column in source.columns if column.name in SEALED)


@ALL
def test_a_value_is_never_longer_than_its_field(source):
    for column in source.columns:
        if column.kind not in ("text", "key") or column.name not in {field.name for field in RegisterRow._meta.fields}:
            continue
        longest = max(map(len, column.words.values())) if column.words else column.longest
        assert longest <= RegisterRow._meta.get_field(column.name).max_length, column.name


@ALL
def test_the_usual_titles_of_a_source_are_its_header_and_no_other_sources(source):
    titles = [column.header for column in source.columns if column.kind != "month"]
    header = find_header(source, [(1, titles)])
    assert set(header.at) == {column.name for column in source.columns if column.kind != "month"}
    assert not header.missing(source)
    assert find(source.name) is source


def test_names_and_second_names_of_sources_are_each_used_once():
    names = [name for source in SOURCES for name in (source.name, *source.also)]
    assert len(set(names)) == len(names)


def small(**changes) -> RegisterSource:
    columns = (Column("姓名", "name", kind="name"), Column("身份证", "id", kind="id"))
    given = {"name": "small", "title": "", "provider": "", "unit": "person", "columns": columns, "listed": ("name",)}
    return RegisterSource(**{**given, "twin": ("name", "id"), "same": ("name",), **changes})


def test_a_declaration_that_contradicts_itself_is_an_error_at_once():
    assert small().match("姓 名*").name == "name"
    with pytest.raises(ValueError, match="claimed by two"):
        small(columns=(Column("姓名", "name"), Column("身份证", "id", also=("姓名 ",))))
    with pytest.raises(ValueError, match="no column is called address"):
        small(twin=("name", "address"))


def test_a_file_with_titles_of_its_own_is_read_by_a_mapping():
    own = small().called({"人员名字": "name", "姓名": "", "身份证编号": "id"})
    header = find_header(own, [(1, ["姓名", "人员名字", "身份证编号"])])
    assert header.at == {"name": 1, "id": 2}
    with pytest.raises(KeyError):
        small().called({"住址": "address"})


def test_the_example_of_the_guide_is_a_source_that_reads_a_list(tmp_path):
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "register-source.md"
    example = re.search(r"```python\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)[1]
    declared: dict = {}
    exec(example, declared)
    path = tmp_path / "gas.csv"
    path.write_text(
        "燃气户号,户名,地址,用气人数\n001,黄一,唐山路1号,三人\n001,黄一,唐山路2号,\n合计,,,3\n", encoding="gbk"
    )
    reading = Reading(path, declared["SOURCE"], date(2020, 10, 8))
    rows = [row for rows in reading.slices() for row in rows]
    assert [[row.written(name) for name in declared["SOURCE"].listed] for row in rows] == [
        ["001", "黄一", "唐山路1号", "3"],
        ["001", "黄一", "唐山路2号", ""],
    ]
    assert [row.codes for row in rows] == ["", "value_twice"]
    assert reading.skipped["total"] == 1
