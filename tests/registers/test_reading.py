"""Files of offices read row by row. What each sample holds is said in `make_samples.py`."""

import csv
import struct
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renpu.registers import reader_apart, reader_page
from renpu.registers.problems import MESSAGES, sentence
from renpu.registers.reading import Reading
from renpu.registers.recognise import recognise, the_one
from renpu.registers.source import RegisterSource
from renpu.registers.sources import SOURCES, find
from tests.registers import awkward_old, make_samples

SAMPLES = Path(__file__).parent / "samples"
ROWS_EXPECTED = sorted(SAMPLES.rglob("*.rows.csv"))
FILES = sorted(
    path
    for path in SAMPLES.rglob("*")
    if path.is_file() and not path.name.endswith((".rows.csv", ".gitattributes")) and path.parent.name != "street"
)
POLICE = find("police")


def source_of(path: Path) -> RegisterSource:
    """A sample's register: the one its folder is called by, else the police's."""
    return find(path.parent.name) or POLICE


def read(path: Path):
    reading = Reading(path, source_of(path), date(2020, 10, 8))
    return reading, [row for rows in reading.slices() for row in rows]


def as_written(path: Path, rows) -> list[list[str]]:
    listed = source_of(path).listed
    return [[path.name, row.sheet, str(row.number), *map(row.written, listed), row.codes] for row in rows]


def codes(reading: Reading) -> set[str]:
    return {told.code for told in reading.told}


SKIPPED = ["skipped_total", "skipped_note"]


def named(path: Path) -> str:
    return str(path.relative_to(SAMPLES))


@pytest.mark.parametrize("expected", ROWS_EXPECTED, ids=named)
def test_each_row_is_read_as_a_clerk_would_read_it(expected):
    path = expected.with_name(expected.name.removesuffix(".rows.csv"))
    _, rows = read(path)
    with expected.open(encoding="utf-8", newline="") as file:
        header, *wanted = csv.reader(file)
    assert tuple(header[3:-1]) == source_of(path).listed
    assert as_written(path, rows) == wanted


def test_every_source_has_a_sample_and_every_kind_of_file_six_awkward_ones():
    assert {source_of(path).name for path in ROWS_EXPECTED} == {source.name for source in SOURCES}
    kinds = Counter(read(path)[0].format for path in FILES)
    assert all(kinds[kind] >= 6 for kind in ("CSV", "xlsx", "xls", "HTML", "ZIP")), kinds


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_with_rows_is_known_by_what_its_header_names(path):
    reading, _ = read(path)
    found = the_one(recognise(path, SOURCES))
    if reading.headers:
        assert found == source_of(path)
    else:
        assert found is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("deaths/serials_hidden.xlsx", ["rows_hidden", "columns_hidden", "sheet_hidden", *SKIPPED]),
        ("grid/stairs.xlsx", SKIPPED),
        ("grid/xml_2003.xls", ["named_otherwise", "rows_hidden", "sheet_hidden", "skipped_total"]),
        ("electricity/months_as_dates.xlsx", ["columns_unknown", "skipped_total", "months_gathered"]),
        ("electricity/long_utf8.csv", ["skipped_total", "months_gathered"]),
        ("residence_permits/merged_hidden.xls", ["sheet_hidden", "columns_absent", "skipped_note"]),
        ("deaths/serials_hidden.xls", ["rows_hidden", "columns_hidden", "sheet_hidden", *SKIPPED]),
        ("electricity/quarters.xls", [*["rows_hidden", "columns_hidden"] * 2, "skipped_total", "months_gathered"]),
        ("police/committees.xls", ["columns_absent", "sheet_without_header"]),
        (
            "police/mixed.zip",
            ["member_of_system", *["columns_absent"] * 2, "rows_hidden", "columns_absent", "skipped_total"]
            + ["member_not_read"] * 2,
        ),
    ],
)  # fmt: skip
def test_what_was_not_read_or_is_hidden_is_told_about_the_file(name, told):
    assert [one.code for one in read(SAMPLES / name)[0].told] == told


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rounded_column.xlsx", "id_column_rounded"),
        ("rounded_column.csv", "id_column_rounded"),
        ("cut_in_character.csv", "cut_in_character"),
        ("cut_in_quotes.csv", "cut_in_quotes"),
        ("cut_in_row.csv", "cut_in_row"),
        ("web_page.xlsx", "web_page"),
        ("wrong_header.csv", "columns_missing"),
        ("no_header.csv", "header_missing"),
        ("empty.csv", "file_empty"),
        ("only_header.csv", "no_rows"),
        ("damaged.xlsx", "workbook_damaged"),
        ("words.docx", "not_a_table"),
        ("police/login.xls", "web_page"),
        ("police/by_spaces.csv", "columns_by_spaces"),
        ("police/rounded.xls", "id_column_rounded"),
        ("police/cut_off.xls", "workbook_damaged"),
        ("police/far_cell.xls", "workbook_damaged"),  # names a cell for which no memory would do
        ("police/one_cut_off.zip", "cut_in_character"),
        ("police/nested.zip", "archive_nested"),
        ("police/locked.zip", "archive_locked"),
        ("police/damaged.zip", "member_damaged"),
        ("police/bomb.zip", "archive_too_large"),
        ("police/no_list.zip", "archive_without_list"),
        ("police/cut_off.zip", "archive_damaged"),
        ("nothing_of_this_name.csv", "file_missing"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_with_a_sentence(name, code):
    reading, _ = read(SAMPLES / name)
    assert [told.code for told in reading.refusals] == [code]
    assert reading.kept == 0
    assert "%(" not in sentence(reading.refusals[0], **reading.context())


def test_a_wrong_header_names_the_missing_columns_and_the_nearest_found():
    reading, _ = read(SAMPLES / "wrong_header.csv")
    text = sentence(reading.refusals[0], **reading.context())
    assert "姓名、公民身份号码" in text
    assert "人员名字、身份证编号" in text


def test_hidden_sheets_and_sheets_of_another_kind_are_told_not_read():
    reading, rows = read(SAMPLES / "office.xlsx")
    assert {"sheet_hidden", "sheet_without_header"} <= codes(reading)
    assert {row.sheet for row in rows} == {"一组", "二组"}


def test_a_household_number_is_filled_down_inside_its_merged_range_only():
    _, rows = read(SAMPLES / "office.xlsx")
    assert [(row.number, row.household_no) for row in rows if row.sheet == "一组"] == [
        (5, "0101"), (6, "0101"), (7, "0101"), (10, "102"), (11, ""), (12, "0103"),
    ]  # fmt: skip


def test_the_format_is_told_by_the_content_not_by_the_name():
    reading, rows = read(SAMPLES / "named_otherwise.csv")
    assert reading.format == "xlsx"
    assert "named_otherwise" in codes(reading)
    _, same = read(SAMPLES / "office.xlsx")
    assert [row.typed for row in rows] == [row.typed for row in same]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_message_shows_a_name_or_a_number(path):
    reading, rows = read(path)
    context = reading.context()
    texts = [sentence(told, **context) for told in reading.told]
    texts += [sentence(told, **context) for row in rows for told in row.problems]
    assert not any("%(" in text for text in texts)
    source = reading.source
    sealed = [place for place, name in enumerate(source.twin) if source.column(name).personal and name != "birth"]
    personal = {
        value
        for row in rows
        for value in (row.name, row.id, row.kin_name, row.kin_id, *(row.typed[place] for place in sealed))
        if len(value) > 1 and "*" not in value  # masked by its provider
    }
    assert not [text for text in texts for value in personal if value in text]


def test_every_code_has_a_sentence_and_every_sentence_is_reachable():
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(make_samples.__file__).parents[2].glob("renpu/registers/*.py")
    )
    for code in MESSAGES:
        told_by_stem = ("id_", "name_", "skipped_", "birth_", "date_", "kwh_")
        stem = code.partition("_")[2] if code.startswith(told_by_stem) else code
        assert source.count(f'"{code}"') > 1 or f'"{stem}"' in source or f"{stem}" in source


PEOPLE = st.lists(
    st.tuples(
        st.integers(1, 400),
        st.text("王李张赵欧阳买提阿古丽·㐱䶮", min_size=2, max_size=5),
        st.sampled_from("男女"),
        st.integers(1920, 2019),
        st.integers(1, 999),
        st.text('路弄号室 1234567890,;\t"\n甲', max_size=12),
    ),
    min_size=1,
    max_size=25,
)
ENCODINGS = {
    "gb18030": "gb18030", "utf-8": "utf-8", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}  # fmt: skip


def delimited(people, delimiter: str, newline: str) -> str:
    lines = [["户号", "姓名", "性别", "公民身份号码", "住址"]]
    for household, name, sex, year, order, address in people:
        lines.append([f"{household:03d}", name, sex, make_samples.number(f"{year}0101", order), address])
    quoted = [
        ['"' + cell.replace('"', '""') + '"' if set(cell) & set('",;\t\n') else cell for cell in line] for line in lines
    ]
    return "".join(delimiter.join(line) + newline for line in quoted)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
def test_the_same_rows_read_the_same_in_every_encoding_and_delimiter(
    tmp_path_factory, people, encoding, delimiter, newline
):
    folder = tmp_path_factory.mktemp("same")
    plain, other = folder / "plain.csv", folder / "other.csv"
    plain.write_bytes(delimited(people, ",", "\n").encode("utf-8"))
    other.write_bytes(delimited(people, delimiter, newline).encode(encoding))
    one, rows = read(plain)
    two, same = read(other)
    assert len(rows) == len(people)
    assert [(row.number, row.typed, row.values, row.codes) for row in rows] == [
        (row.number, row.typed, row.values, row.codes) for row in same
    ]
    assert one.read == two.read


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".csv", ".xlsx"]))
def test_any_bytes_are_told_never_thrown(tmp_path_factory, content, ending):
    path = tmp_path_factory.mktemp("any") / f"any{ending}"
    path.write_bytes(content)
    reading, _ = read(path)
    assert reading.refusals or reading.read


def test_a_list_whose_accounts_were_rounded_is_refused_as_one_of_identity_numbers_is(tmp_path):
    lines = [f"3.1010000{i:04d}E+11,户{i},唐山路{i}号,{i}" for i in range(30)]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["户号,户名,用电地址,2020年9月", *lines]) + "\n", encoding="gbk")
    reading = Reading(path, find("electricity"), date(2020, 10, 8))
    assert sum(len(rows) for rows in reading.slices()) == 30
    assert [(told.code, told.column) for told in reading.refusals] == [("id_column_rounded", "户号")]
    path.write_text("户号,户名,用电地址,2020年9月\n0001,户,唐山路1号,3\n" + lines[0] + "\n", encoding="gbk")
    reading = Reading(path, find("electricity"), date(2020, 10, 8))
    assert [row.codes for rows in reading.slices() for row in rows] == ["", "number_rounded"]
    assert not reading.refusals


@pytest.mark.parametrize("cell", ["XFD1048576", "AN1048576"])
def test_a_cell_far_away_from_the_list_is_named_before_memory_runs_out(tmp_path, cell):
    book = openpyxl.load_workbook(SAMPLES / "police_households" / "subtotals.xlsx")
    book.active[cell] = "x"
    path = tmp_path / "stray.xlsx"
    book.save(path)
    reading, _ = read(path)
    assert [(told.code, told.found) for told in reading.refusals] == [("workbook_stray_cell", cell)]


PACKED = [path for path in FILES if path.suffix in (".xlsx", ".zip", ".htm") or "xml" in path.name]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PACKED), st.integers(0, 1 << 16), st.binary(min_size=1, max_size=6), st.integers(0, 40))
def test_a_damaged_workbook_page_or_archive_is_told_never_thrown(tmp_path_factory, sample, at, damage, cut):
    whole = sample.read_bytes()
    at %= len(whole)
    folder = tmp_path_factory.mktemp("damaged") / sample.parent.name
    folder.mkdir()
    path = folder / sample.name
    path.write_bytes(whole[:at] + damage + whole[at + cut :])
    reading, _ = read(path)
    assert reading.refusals or reading.read
    recognise(path, SOURCES)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2400), st.binary(min_size=1, max_size=4))
def test_damaged_bytes_in_a_list_are_told_and_the_other_rows_are_kept(tmp_path_factory, at, damage):
    whole = "\n".join(make_samples.clean_lines()).encode("gb18030") + b"\n"
    path = tmp_path_factory.mktemp("damaged") / "list.csv"
    path.write_bytes(whole[:at] + damage + whole[at + len(damage) :])
    reading, rows = read(path)
    assert reading.refusals or len(rows) >= 27


def test_a_quote_that_never_closes_costs_one_row_of_a_long_file(tmp_path):
    lines = make_samples.clean_lines(30) + [line for _ in range(40) for line in make_samples.clean_lines(30)[1:]]
    lines[7] = lines[7].replace("唐山路", '"唐山路')
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading, rows = read(path)
    assert not reading.refusals
    assert len(rows) == 30 * 41
    assert [row.number for row in rows if "quote_not_closed" in row.codes] == [8]


def test_a_list_from_an_old_computer_with_lone_carriage_returns_is_read(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("\r".join(make_samples.clean_lines(5)).encode("gbk"))
    _, rows = read(path)
    assert [row.number for row in rows] == [2, 3, 4, 5, 6]


HEAD = ("户号", "姓名", "性别", "出生日期", "公民身份号码", "住址")
PERSON = ("001", "张三丰", "男", "1980-01-01", make_samples.number("19800101", 7), "唐山路12弄3号301室")


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def page(*rows: tuple[str, ...]) -> str:
    return "<table>" + "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows) + "</table>"


def spreadsheet(*rows: tuple[str, ...]) -> str:
    cells = "".join("<Row>" + "".join(f"<Cell><Data>{cell}</Data></Cell>" for cell in row) + "</Row>" for row in rows)
    office = "urn:schemas-microsoft-com:office:spreadsheet"
    return f'<?xml version="1.0"?><Workbook xmlns="{office}"><Worksheet><Table>{cells}</Table></Worksheet></Workbook>'


def packed_page(*rows: tuple[str, ...]) -> str:
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n"
    return f"{head}{page(*rows)}\n--x--\n"


@pytest.mark.parametrize("made", [page, spreadsheet, packed_page])
def test_a_page_that_was_cut_off_is_refused_whatever_can_still_be_read(tmp_path, made):
    whole = made(HEAD, *[PERSON] * 30)
    reading, rows = read(written(tmp_path / "whole.xls", whole))
    assert len(rows) == 30
    assert not reading.refusals
    for left in (len(whole) // 2, len(whole) - 12):
        reading, _ = read(written(tmp_path / "cut.xls", whole[:left]))
        assert [told.code for told in reading.refusals] == ["page_cut_off"]


def test_a_spreadsheet_that_breaks_the_rules_of_xml_says_so(tmp_path):
    person = (*PERSON[:5], "唐山路 A&B 公寓")
    reading, rows = read(written(tmp_path / "list.xml", spreadsheet(HEAD, person)))
    assert len(rows) == 1
    assert "page_mended" in codes(reading)


def test_spans_that_ask_for_more_cells_than_a_list_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader_page, "CELLS", 5_000)
    row = '<Row><Cell ss:MergeDown="1000000"/></Row>' * 100
    content = spreadsheet(HEAD).replace(
        "<Worksheet>", '<Worksheet xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    )
    reading, _ = read(written(tmp_path / "list.xml", content.replace("</Table>", row + "</Table>")))
    assert [told.code for told in reading.refusals] == ["page_too_large"]


def test_a_page_of_tags_in_tags_is_told_to_be_damaged(tmp_path):
    reading, _ = read(written(tmp_path / "list.html", page(HEAD, ("1", "<span>" * 2000, *PERSON[2:]))))
    assert [told.code for told in reading.refusals] == ["page_damaged"]


def test_a_line_without_end_is_read_in_pieces(tmp_path):
    text = ",".join(HEAD) + "\n" + "x" * 3_000_000 + "\n" + ",".join(PERSON) + "\n"
    for encoding in ("utf-8", "utf-16"):
        path = written(tmp_path / f"{encoding}.csv", text.encode(encoding))
        _, rows = read(path)
        assert rows[-1].name == PERSON[1]


def test_an_archive_in_an_archive_is_refused_by_whatever_name(tmp_path):
    path = tmp_path / "list.zip"
    for name in ("list.csv", "again.csv"):
        content = path.read_bytes() if path.exists() else "\n".join(make_samples.clean_lines())
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, content)
    reading, _ = read(path)
    assert [told.code for told in reading.refusals] == ["archive_nested"]
    assert recognise(path, SOURCES) == []


def test_a_part_of_a_workbook_that_cannot_be_unpacked_is_told(tmp_path):
    path = SAMPLES / "office.xlsx"
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as parts:
        part = next(one for one in parts.infolist() if one.filename.startswith("xl/worksheets/sheet"))
    at = part.header_offset + 30 + len(part.filename)
    whole[at + 3 : at + 9] = b"\xff" * 6
    reading, _ = read(written(tmp_path / "list.xlsx", bytes(whole)))
    assert [told.code for told in reading.refusals] == ["workbook_damaged"]


def test_days_are_counted_from_1904_where_the_workbook_does(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(HEAD)
    shown, plain = date(1980, 1, 1), (date(1980, 1, 1) - date(1904, 1, 1)).days
    for number, day in enumerate((shown, plain), 1):
        book.active.append([str(number), "张三丰", "男", day, PERSON[4], PERSON[5]])
    book.save(tmp_path / "list.xlsx")
    _, rows = read(tmp_path / "list.xlsx")
    assert [row.birth for row in rows] == ["1980-01-01", "1980-01-01"]


def test_the_first_row_is_no_header_though_a_remark_of_it_is_a_title(tmp_path):
    rows = [(*PERSON, "说明"), (*PERSON, "")]
    path = written(tmp_path / "list.csv", "\n".join(",".join(row) for row in ((*HEAD, "其他"), *rows)) + "\n")
    assert [row.number for row in read(path)[1]] == [2, 3]


def test_a_title_with_a_lost_byte_is_known(tmp_path):
    path = written(tmp_path / "list.csv", ",".join(HEAD).replace("姓名", "姓\0名") + "\n" + ",".join(PERSON) + "\n")
    assert [row.name for row in read(path)[1]] == ["张三丰"]


def test_a_number_stays_as_short_as_its_column_whatever_its_letters_stand_for(tmp_path):
    path = written(tmp_path / "list.csv", "\n".join([",".join(HEAD), ",".join(("㍿" * 40, *PERSON[1:]))]) + "\n")
    assert [len(row.household_no) for row in read(path)[1]] == [40]


def test_an_identity_number_in_another_column_is_masked_in_the_message(tmp_path):
    shifted = (PERSON[0], PERSON[1], PERSON[4], *PERSON[3:])
    _, rows = read(written(tmp_path / "list.csv", ",".join(HEAD) + "\n" + ",".join(shifted) + "\n"))
    told = [one.found for one in rows[0].problems if one.code == "sex_unreadable"]
    assert told == ["3…(18)"]


def test_the_name_of_a_file_in_an_archive_fits_its_column(tmp_path):
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("长" * 300 + ".csv", "\n".join(make_samples.clean_lines()))
    _, rows = read(tmp_path / "list.zip")
    assert {len(row.sheet) for row in rows} == {255}


def test_a_workbook_that_takes_too_long_is_too_large(monkeypatch):
    monkeypatch.setattr(reader_apart, "SECONDS", 0.001)
    reading, _ = read(SAMPLES / "police" / "committees.xls")
    assert [told.code for told in reading.refusals] == ["workbook_too_large"]


OPENS, KEY, ENDS = (struct.pack(f"<HH{len(data)}s", code, len(data), data)
                    for code, data in ((0x0809, bytes(16)), (0x002F, bytes(6)), (0x000A, b"")))  # fmt: skip


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (awkward_old.compound("EncryptedPackage", bytes(6000)), "workbook_locked"),
        (awkward_old.compound("Workbook", OPENS + KEY + ENDS), "workbook_locked"),
        (awkward_old.compound("Workbook", OPENS + ENDS), "file_empty"),
        (awkward_old.compound("EncryptedPackage", bytes(6000))[:1024], "workbook_damaged"),
    ],
    ids=["xlsx", "xls", "open", "cut off"],
)
def test_a_workbook_with_a_password_is_not_told_to_be_damaged(tmp_path, made, code):
    for ending in ("xlsx", "xls"):
        reading, _ = read(written(tmp_path / f"list.{ending}", made))
        assert [told.code for told in reading.refusals] == [code]


def test_a_spreadsheet_of_open_documents_with_a_password_says_so(tmp_path):
    path = tmp_path / "list.ods"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("content.xml", bytes(range(256)))
        key = '<manifest:file-entry><manifest:encryption-data manifest:checksum=""/></manifest:file-entry>'
        parts.writestr("META-INF/manifest.xml", f"<manifest:manifest>{key}</manifest:manifest>")
    assert [told.code for told in read(path)[0].refusals] == ["workbook_locked"]
