"""The sample street: who on the police list is on a form, against the truth that the software never sees."""

import json
from pathlib import Path

import polars as pl
from django.core.management import call_command

from renpu.linkage import Field, compare

STREET = Path(__file__).parents[2] / "renpu" / "synthetic" / "street"
TRUTH = Path(__file__).parents[1] / "data" / "street" / "truth"
FIELDS = [
    Field("name", "name", "姓名", "D1"),
    Field("sex", "code", "性别", "D4"),
    Field("birth", "date", "出生日期", "D5"),
    Field("id_number", "identity", "公民身份号码", "D3"),
    Field("address", "address", "住址", "address"),
    Field("household", "household", "户号", "form_id"),
]


def police() -> pl.DataFrame:
    text = (STREET / "registers" / "hukou_all.csv").read_bytes().decode("gbk")
    return pl.read_csv(text.encode(), infer_schema=False)


def forms() -> pl.DataFrame:
    field = STREET / "field"
    persons = pl.read_csv(field / "short_form_persons.csv", infer_schema=False)
    households = pl.read_csv(field / "short_form_households.csv", infer_schema=False)
    roster = pl.read_csv(field / "roster.csv", infer_schema=False)
    where = households.join(roster, on="roster_id", how="left").select("form_id", "address")
    return persons.join(where, on="form_id", how="left", maintain_order="left").with_columns(
        id=pl.col("form_id") + "-" + pl.col("line")
    )


def test_police_rows_are_linked_to_the_lines_of_forms():
    pairs = compare(police(), forms(), FIELDS, id=("序号", "id"))
    rows = pl.read_csv(TRUTH / "links_registers.csv", infer_schema=False).filter(file="hukou_all.csv")
    rows = rows.select(left="row", pid=pl.col("pid").fill_null(""))
    lines = pl.read_csv(TRUTH / "links_forms.csv", infer_schema=False)
    lines = lines.select(right=pl.col("form_id") + "-" + pl.col("line"), person="pid")
    links = pairs.filter(status="linked").join(rows, on="left", how="left").join(lines, on="right", how="left")
    right = links.filter(pl.col("pid") == pl.col("person"))
    there = rows.filter(pl.col("pid") != "").join(lines, left_on="pid", right_on="person", how="semi")["pid"].n_unique()
    assert len(right) / len(links) >= 0.9995
    assert right["pid"].n_unique() / there >= 0.998


def test_everybody_who_is_on_two_forms_is_found():
    fields = [Field(f.name, f.kind, f.right, f.right) for f in FIELDS]
    found = compare(forms(), fields=fields, id="id").filter(status="linked").select("left", "right")
    lines = pl.read_csv(TRUTH / "links_forms.csv", infer_schema=False)
    lines = lines.select("pid", left=pl.col("form_id") + "-" + pl.col("line"))
    both = lines.join(lines.rename({"left": "right"}), on="pid").filter(pl.col("left") < pl.col("right"))
    assert set(found.iter_rows()) == set(both.select("left", "right").iter_rows())


def test_the_command_compares_files_without_a_census(tmp_path, capsys):
    forms().write_parquet(tmp_path / "forms.parquet")
    out = tmp_path / "pairs.csv"
    call_command(
        "compare", STREET / "registers" / "hukou_all.csv", tmp_path / "forms.parquet", output=out, id="序号,id",
        map=["name=姓名,D1", "sex=性别,D4", "birth=出生日期,D5", "id_number=公民身份号码,D3", "household=户号,form_id"],
        format="json",
    )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    pairs = pl.read_csv(out)
    assert pairs.columns == ["left", "right", "probability", "status", "reason"]
    assert told["quality"]["precision"]["low"] > 0.99
    assert told["linked"] == pairs.filter(status="linked").height > 1400
    assert out.stat().st_mode & 0o077 == 0


def test_one_wrong_number_in_a_short_list_does_not_pair_with_everybody():
    once = forms().filter(pl.col("D3") != "", pl.col("D3").is_unique(), pl.col("D1").is_unique())
    people = once.head(400).gather_every(8)
    wrong = people["D3"][0][:-2] + ("0" if people["D3"][0][-2] != "0" else "1") + people["D3"][0][-1:]
    listed = people.select("id", name="D1", sex="D4", number=pl.Series([wrong, *people["D3"][1:]]))
    fields = [
        Field("name", "name", "name", "D1"),
        Field("sex", "code", "sex", "D4"),
        Field("id_number", "identity", "number", "D3"),
    ]
    pairs = compare(listed, forms(), fields, id=("id", "id"))
    linked = pairs.filter(status="linked")
    assert linked.filter(pl.col("left") == pl.col("right")).height == linked.height == listed.height
    assert pairs.filter(status="unsure").height <= 2
