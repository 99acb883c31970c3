"""Deliveries kept: staged, accepted, compared, counted."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from renpu.geography.models import Area
from renpu.platform import vault
from renpu.registers import actions, queries
from renpu.registers.models import Delivery, RegisterRow
from renpu.registers.problems import RegisterRefused
from renpu.registers.reading import Reading
from renpu.registers.sources import find
from tests.registers.make_samples import clean_lines

SAMPLES = Path(__file__).parent / "samples"
STREET = SAMPLES / "street"
POLICE = find("police")
OCTOBER, NOVEMBER = datetime(2020, 10, 8, tzinfo=UTC), datetime(2020, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _areas():
    names = {
        "310109018": "北外滩街道",
        "310109018020": "提篮桥居委会",
        "310109018033": "久耕居委会",
        "310109018043": "唐山居委会",
    }
    Area.objects.bulk_create(Area(code=code, name=name) for code, name in names.items())


def deliver(path: Path, area: str = "310109018", at: datetime = OCTOBER, accept: bool = True) -> Delivery:
    delivery = actions.stage(path, POLICE, area=area, at=at)
    if accept:
        actions.accept(delivery, at=at)
    return delivery


def written(folder: Path, lines: list[str], name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


def test_the_street_counts_households_persons_and_rows_by_committee():
    deliver(STREET / "hukou_all.csv")
    expected = json.loads((STREET / "totals.json").read_text())
    assert {area: list(queries.police_totals(area)) for area in expected} == expected


def test_rows_equal_but_for_a_space_are_two_persons_of_the_report(tmp_path):
    head, one, *_ = clean_lines(2)
    household, name, sex, birth, number, *rest = one.split(",")
    spaced = ",".join([household, name, sex, birth, number + " ", *rest])
    deliver(written(tmp_path, [head, one, one, spaced]))
    assert queries.police_totals("310109018043") == (1, 2, 3)


def test_the_newest_accepted_list_of_a_committee_replaces_its_part_of_the_streets_list(tmp_path):
    street = deliver(STREET / "hukou_all.csv")
    rows_before = queries.police_totals("310109018020")[2]
    waiting = deliver(STREET / "hukou_310109018020.xlsx", area="310109018020", at=NOVEMBER, accept=False)
    assert queries.police_totals("310109018020")[2] == rows_before
    RegisterRow.objects.filter(delivery=waiting, number__gt=500).delete()
    actions.accept(waiting, at=NOVEMBER)
    fewer = RegisterRow.objects.filter(delivery=waiting).count()
    assert queries.police_totals("310109018020")[2] == fewer
    assert queries.police_rows("310109018020").count() == fewer
    assert queries.police_totals("310109018033") == (172, 498, 499)
    assert queries.police_totals("310109018020", as_of=OCTOBER)[2] == rows_before
    street.refresh_from_db()
    assert street.state == Delivery.State.ACCEPTED


def test_a_list_of_the_whole_street_supersedes_the_one_before(tmp_path):
    first = deliver(written(tmp_path, clean_lines(30), "first.csv"))
    deliver(written(tmp_path, clean_lines(12), "second.csv"), at=NOVEMBER)
    first.refresh_from_db()
    assert first.state == Delivery.State.SUPERSEDED
    assert queries.police_totals("310109018")[2] == 12


def test_the_same_file_again_changes_nothing():
    first = deliver(STREET / "hukou_all.csv")
    again = actions.stage(STREET / "hukou_all.csv", POLICE, area="310109018", at=NOVEMBER)
    assert again == first
    assert RegisterRow.objects.count() == first.rows_kept == 1601


def test_a_load_that_was_cut_short_counts_nowhere_and_is_dropped_when_loaded_again(monkeypatch):
    def stop(delivery, reading):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_finish", stop)
        with pytest.raises(KeyboardInterrupt):
            deliver(STREET / "hukou_all.csv")
    assert queries.police_totals("310109018") == (0, 0, 0)
    delivery = deliver(STREET / "hukou_all.csv")
    assert list(Delivery.objects.all()) == [delivery]
    assert RegisterRow.objects.count() == 1601


def test_a_refused_file_leaves_its_reasons_and_no_rows():
    delivery = deliver(SAMPLES / "rounded_column.xlsx", area="310109018020", accept=False)
    assert delivery.state == Delivery.State.REFUSED
    assert delivery.rows_kept == 0
    assert "id_column_rounded" in {told["code"] for told in delivery.told}
    assert not delivery.rows.exists()
    with pytest.raises(RegisterRefused):
        actions.accept(delivery, at=OCTOBER)


def test_a_delivery_is_decided_once():
    delivery = deliver(SAMPLES / "office.xlsx", area="310109018020", accept=False)
    actions.refuse(delivery, at=OCTOBER, why="old list")
    assert (delivery.state, delivery.decision) == (Delivery.State.REFUSED, "old list")
    with pytest.raises(RegisterRefused):
        actions.accept(delivery, at=OCTOBER)


def test_personal_values_are_sealed_to_their_row():
    delivery = deliver(SAMPLES / "nasty_gb18030.csv")
    row = RegisterRow.objects.get(delivery=delivery, number=4)
    place = actions.seal_place(delivery.pk, row.sheet, row.number, "name")
    assert vault.unseal(row.name_sealed, place) == "王建国"
    assert bytes(row.name_index) == vault.blind_index("王建国", "name")
    stored = "".join(
        str(value) for one in (Delivery, RegisterRow) for values in one.objects.values_list() for value in values
    )
    assert "王建国" not in stored
    assert "195102030116" not in stored


def test_an_unknown_committee_is_told_and_its_row_counts_for_the_street(tmp_path):
    head, one, two, *_ = clean_lines(3)
    delivery = deliver(written(tmp_path, [head, one, two.replace("唐山居委会", "无名居委会")]))
    assert delivery.problems["committee_unknown"]["rows"] == 1
    assert queries.police_totals("310109018")[2] == 2
    assert queries.police_totals("310109018043")[2] == 1


def test_committees_are_found_by_the_ways_offices_write_their_names(tmp_path):
    head, *rows = clean_lines(4)
    ways = ["唐山", "唐山居民委员会", "唐山社区居委会", "310109018043"]
    lines = [row.replace("唐山居委会", way) for row, way in zip(rows, ways, strict=True)]
    deliver(written(tmp_path, [head, *lines]))
    assert queries.police_totals("310109018043")[2] == 4


def test_a_second_delivery_is_shown_as_a_difference(tmp_path):
    lines = clean_lines(30)
    deliver(written(tmp_path, lines, "october.csv"))
    _, name, *rest = lines[5].split(",")
    moved = ",".join(["999", name, *rest])
    fresh = clean_lines(31)[-1]
    second = deliver(
        written(tmp_path, [*lines[:5], moved, *lines[7:], fresh], "november.csv"), at=NOVEMBER, accept=False
    )
    difference = actions.difference(second)
    assert difference.against.file_name == "october.csv"
    assert [row.number for row in difference.new] == [len(lines)]
    assert [row.number for row in difference.gone] == [7]
    assert [row.number for row in difference.changed] == [6]


def test_the_first_delivery_is_all_new(tmp_path):
    difference = actions.difference(deliver(written(tmp_path, clean_lines(5)), accept=False))
    assert (difference.new.count(), difference.gone.count(), difference.changed.count()) == (5, 0, 0)


def test_the_command_loads_accepts_and_writes_what_was_read(tmp_path, capsys):
    out = tmp_path / "out.csv"
    call_command(
        "load", "hukou", str(SAMPLES / "nasty_gb18030.csv"), area="310109018", accept=True, rows=out, format="json",
        received_at="2020-10-08T09:00",
    )  # fmt: skip
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["read"], outcome["kept"], outcome["refused"], outcome["state"]) == (18, 17, 1, "accepted")
    with (
        out.open(encoding="utf-8", newline="") as file,
        (SAMPLES / "nasty_gb18030.csv.rows.csv").open(encoding="utf-8", newline="") as expected,
    ):
        assert [row[:7] for row in csv.reader(file)] == [row[:7] for row in csv.reader(expected)]


def test_the_command_refuses_with_a_way_out(tmp_path):
    with pytest.raises(CommandError, match="000000000"):
        call_command("load", "police", str(SAMPLES / "office.xlsx"), area="000000000")
    with pytest.raises(CommandError, match="police"):
        call_command("load", "polizei", str(SAMPLES / "office.xlsx"), dry_run=True)
    with pytest.raises(CommandError):
        call_command("load", "police", str(tmp_path / "nothing.csv"), area="310109018")
    with pytest.raises(SystemExit) as left:
        call_command("load", "police", str(SAMPLES / "rounded_column.csv"), area="310109018", rows=None)
    assert left.value.code == 1


def test_a_dry_run_needs_no_database_and_no_home(tmp_path):
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "renpu.site.command",
            "load",
            "police",
            str(SAMPLES / "office.xlsx"),
            "--dry-run",
            "--rows",
            "out.csv",
        ],
        cwd=tmp_path,
        env={"RENPU_HOME": str(tmp_path / "none"), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "none").exists()
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        assert file.readline() == "file,sheet,row,name,sex,birth,id,problems\n"
        assert sum(1 for _ in file) == 9


ONE_OF_EACH = [
    "births/unicode_text.tsv",
    "cremations/serial_days.xls",
    "deaths/numerals_utf16be.csv",
    "demolition/merged_agreements.xlsx",
    "education/full_width_commas.csv",
    "electricity/wide_gbk.csv",
    "employer/ticks.xlsx",
    "epidemic/bars_cr_gbk.csv",
    "grid/stairs.xlsx",
    "police_households/subtotals.xlsx",
    "residence_permits/merged_hidden.xls",
]


def staged(name: str) -> tuple[Delivery, dict[int, RegisterRow]]:
    delivery = actions.stage(SAMPLES / name, find(name.partition("/")[0]), area="310109018", at=OCTOBER)
    return delivery, {row.number: row for row in delivery.rows.order_by("pk")}


def opened(row: RegisterRow, field: str) -> str:
    place = actions.seal_place(row.delivery_id, row.sheet, row.number, field)
    return vault.unseal(getattr(row, f"{field}_sealed"), place)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_no_name_number_or_telephone_of_any_source_is_stored_in_clear(name):
    reading = Reading(SAMPLES / name, find(name.partition("/")[0]), OCTOBER.date())
    people = [row for rows in reading.slices() for row in rows]
    personal = {
        value
        for row in people
        for value in (row.name, row.id, row.kin_name, row.kin_id, row.values.get("phone", ""), *row.unread.values())
        if len(value) > 1 and "E+" not in value and "*" not in value
    }
    delivery, rows = staged(name)
    assert len(rows) == len(people) == delivery.rows_read
    assert personal
    stored = str([*Delivery.objects.values_list(), *RegisterRow.objects.values_list()])
    assert not [value for value in personal if value in stored]


def test_a_birth_keeps_the_infant_the_mother_and_its_day():
    _, rows = staged("births/unicode_text.tsv")
    row = rows[4]
    assert (opened(row, "name"), opened(row, "kin_name")) == ("王芳之子", "王芳")
    assert (row.sex, row.birth, row.happened_on) == (1, "2020-02-03", "2020-02-03")
    assert bytes(row.kin_name_index) == vault.blind_index("王芳", "name")
    assert bytes(row.kin_id_index) == vault.blind_index(opened(row, "kin_id"), "id")
    assert row.more["certificate"] == "T310000102"
    assert row.area_code == "310109018043"
    assert opened(rows[6], "kin_id") == "C1234567", "a number that is none is kept, sealed"
    assert rows[6].kin_id_index is None


def test_a_death_keeps_its_day_and_never_its_cause():
    _, rows = staged("deaths/numerals_utf16be.csv")
    assert {number: row.happened_on for number, row in rows.items()} == {
        2: "2020-03-05", 3: "2020-04-25", 4: "2020-06-07", 5: "2020-07-08", 6: "", 7: "", 8: "2020-06-06", 9: "",
        11: "",
    }  # fmt: skip
    assert rows[3].address == "唐山路2号", "the hukou address where no other is given"
    assert "不应保留" not in str(list(RegisterRow.objects.values_list()))


def test_a_meter_keeps_its_electricity_by_month_and_what_was_estimated():
    delivery, rows = staged("electricity/long_utf8.csv")
    assert rows[2].more["kwh"] == {"2020-08": 10.0, "2020-09": 12.0, "2020-10": 14.0}
    assert rows[2].more["estimated"] == ["2020-10"]
    assert (rows[9].household_no, rows[9].more["kwh"]) == ("M04", {"2020-09": 0.0})
    assert (rows[3].household_no, rows[3].use) == ("0001002", "居民生活")
    assert rows[11].refused
    assert (delivery.rows_read, delivery.rows_kept) == (6, 5)


def test_a_dwelling_keeps_how_many_live_there_and_a_unit_whose_hukou_it_holds():
    _, dwellings = staged("grid/stairs.xlsx")
    of_stairs = dwellings[6]
    assert (of_stairs.address, of_stairs.use, of_stairs.persons) == ("海上小区3幢102", "出租", 2)
    _, staff = staged("employer/ticks.xlsx")
    assert [(row.household_kind, row.more.get("dormitory", "")) for row in staff.values()] == [
        ("集体户口", "是"), ("集体户口", "是"), ("", "否"), ("", ""), ("集体户口", "否"), ("集体户口", ""),
    ]  # fmt: skip
    assert staff[8].more["lives_at"] == "外区"


def test_a_meter_is_found_again_in_the_next_delivery_by_its_number_and_address(tmp_path):
    source = find("electricity")
    head = "户号,户名,用电地址,202009\n"
    first, second = tmp_path / "9.csv", tmp_path / "10.csv"
    first.write_text(head + "0001,黄一,唐山路1号,10\n0002,范二,唐山路2号,20\n", encoding="gbk")
    second.write_text(head + "0002,范新,唐山路2号,21\n0003,孙三,唐山路3号,5\n", encoding="gbk")
    actions.accept(actions.stage(first, source, area="310109018", at=OCTOBER), at=OCTOBER)
    difference = actions.difference(actions.stage(second, source, area="310109018", at=NOVEMBER))
    assert [row.household_no for row in difference.new] == ["0003"]
    assert [row.household_no for row in difference.gone] == ["0001"]
    assert [row.household_no for row in difference.changed] == ["0002"], "the holder is another"


def test_the_command_finds_the_register_or_says_what_it_may_be(tmp_path, capsys):
    out = tmp_path / "out.csv"
    call_command("load", "auto", str(SAMPLES / "grid" / "stairs.xlsx"), dry_run=True, rows=out, format="json")
    assert json.loads(capsys.readouterr().out)["read"] == 9
    with out.open(encoding="utf-8") as file:
        assert file.readline() == "file,sheet,row,address,use,name,persons,phone,happened_on,problems\n"
    with pytest.raises(CommandError, match="no_header"):
        call_command("load", "auto", str(SAMPLES / "no_header.csv"), dry_run=True)


def test_of_two_loads_of_one_file_at_a_time_the_later_goes_on_and_the_other_is_told(tmp_path):
    path = written(tmp_path, clean_lines(30))
    first, second = (actions.Staging(Reading(path, POLICE, OCTOBER.date()), area="310109018", at=at)
                     for at in (OCTOBER, NOVEMBER))  # fmt: skip
    with pytest.raises(RegisterRefused, match=r"list\.csv"):
        list(first.slices())
    assert sum(map(len, second.slices())) == 30
    assert list(Delivery.objects.all()) == [second.delivery]


def test_of_two_loads_that_began_in_one_moment_one_delivery_is_left(tmp_path):
    path = written(tmp_path, clean_lines(30))
    staging = actions.Staging(Reading(path, POLICE, OCTOBER.date()), area="310109018", at=OCTOBER)
    other = Delivery.objects.get(pk=staging.delivery.pk)
    other.pk, other.state = None, Delivery.State.RECEIVED
    other.save(force_insert=True)
    with pytest.raises(RegisterRefused, match=r"list\.csv"):
        list(staging.slices())
    assert list(Delivery.objects.all()) == [other]
    assert not RegisterRow.objects.exists()


def test_a_list_accepted_after_a_newer_one_is_superseded_at_once(tmp_path):
    older = deliver(written(tmp_path, clean_lines(30), "older.csv"), accept=False)
    newer = deliver(written(tmp_path, clean_lines(12), "newer.csv"), at=NOVEMBER)
    actions.accept(older, at=NOVEMBER)
    newer.refresh_from_db()
    assert (older.state, newer.state) == (Delivery.State.SUPERSEDED, Delivery.State.ACCEPTED)
    assert queries.police_totals("310109018")[2] == 12
