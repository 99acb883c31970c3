"""A register file read into typed rows, each with its problems: bad data are collected, good rows are kept.

`Reading` is pure: it needs no database and no settings, and holds one slice of rows at a time. What a value means
(an identity number, a date, a name) is decided in `renpu.concepts`; here is where it stood and what is told about it.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from renpu.concepts import dates, identity_number, masking, names
from renpu.concepts.identity_number import IdentityNumber
from renpu.registers import reader_text, reader_workbook
from renpu.registers.lines import Line, Sheet, Told
from renpu.registers.problems import FILE_MESSAGES, ROW_MESSAGES
from renpu.registers.source import HEADER_ROWS_SEARCHED, Column, Header, RegisterSource, find_header, header_key

SLICE = 10_000
EXAMPLES = 5  # rows named with each kind of problem; the others are counted
ROUNDED_SHARE = 0.5  # of the numbers of a column: a file with as many of them rounded is refused
ROUNDED_MINIMUM = 20  # numbers; below that each row is told by itself
EXACT_BELOW = 1e15  # a spreadsheet keeps 15 digits of a number
OLDEST_BIRTH = "1880"
DIGITS_OF_A_NUMBER = 10  # a cell of the number column with as many digits belongs to a person, not to a total

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEEDS_A_LOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|^[=@+\-#]", re.MULTILINE)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"[=@].|[+\-][^\d\s]")
_CELL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_TOTAL = re.compile(
    r"(?:本页|本户|全户|本组|本居委)?(?:小计|合计|总计|共计|累计|总数|总人数|总户数)(?:$|[^\u3400-\u9fff]|[户人口]).*",
    re.DOTALL,
)
_NOTE = re.compile(
    r"(?:填表|填报|制表|审核|复核|负责|经办|单位负责|统计负责|联系|打印|导出|报送|盖章|签名|签字|备注|说明|注|附注|第\s*\d+\s*页)"
    r"(?:人|单位|日期|时间|电话|\(签章\)|（签章）)?\s*(?:[:：].*|$|,?共\s*\d+\s*页.*)",
    re.DOTALL,
)
_NO_DIGIT = re.compile(r"[^0-9０-９]+")
_SEX = {"男": 1, "女": 2, "男性": 1, "女性": 2, "1": 1, "2": 2}


@dataclass(slots=True)
class Row:
    """One person of a register as the file states it. `birth` is an ISO date or a year-month, `sex` 1, 2 or None; a
    text that could not be read is empty. `typed` is household number, name and identity number letter for letter as
    the file holds them."""

    sheet: str
    number: int
    typed: tuple[str, str, str]
    name: str = ""
    former_name: str = ""
    sex: int | None = None
    birth: str = ""
    id: str = ""
    household_no: str = ""
    values: dict[str, str] = field(default_factory=dict)  # the other columns by name, as stated
    problems: list[Told] = field(default_factory=list)
    refused: bool = False
    twin: tuple[str, int] | None = None  # (sheet, row number) of the first row with the same `typed`

    @property
    def codes(self) -> str:
        return ";".join(dict.fromkeys(told.code for told in self.problems))


@dataclass(slots=True)
class Reading:
    """A file while it is read. Everything but `slices` is complete only after the last slice was taken."""

    path: Path
    source: RegisterSource
    on: date  # the day of reading: nobody in the list was born after it
    format: str = ""
    encoding: str = ""
    headers: dict[str, Header] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)  # about the file
    found: Counter[str] = field(default_factory=Counter)  # problems of rows, by code
    examples: dict[str, list[Told]] = field(default_factory=dict)
    read: int = 0
    refused_rows: int = 0
    duplicates: int = 0
    numbers: int = 0  # cells of the number column that hold a number, rounded or not
    skipped: Counter[str] = field(default_factory=Counter)
    size: int = 0

    @property
    def refusals(self) -> list[Told]:
        return [told for told in self.told if FILE_MESSAGES[told.code].refuses]

    @property
    def kept(self) -> int:
        return 0 if self.refusals else self.read - self.refused_rows

    @property
    def refused(self) -> int:
        return self.read - self.kept

    @property
    def problem_count(self) -> int:
        """Problems of rows, notes apart."""
        return sum(number for code, number in self.found.items() if not ROW_MESSAGES[code].note)

    def context(self) -> dict[str, object]:
        """What the sentences of `problems` need to know of the file."""
        return {
            "file": self.path.name,
            "provider": self.source.provider,
            "title": self.source.title,
            "encoding": self.encoding,
            "searched": HEADER_ROWS_SEARCHED,
        }

    def slices(self, advanced: Callable[[int], None] = lambda size: None) -> Iterator[list[Row]]:
        """The rows, at most `SLICE` at a time. `advanced` is called with the bytes read of text, or of the file for
        a workbook."""
        if not self._opens():
            return
        rows = self._rows(advanced)
        with _Seen() as seen:
            while rows_now := list(islice(rows, SLICE)):
                for row in rows_now:
                    seen.tell_twins(row)
                    self._count(row)
                yield rows_now
        self._judge()

    def _opens(self) -> bool:
        """Is there a file with something in it? What is not is told."""
        try:
            self.size = self.path.stat().st_size
            with self.path.open("rb") as file:
                head = file.read(4096)
        except FileNotFoundError:
            self.told.append(Told("file_missing"))
            return False
        except OSError as error:
            self.told.append(Told("file_unreadable", found=error.strerror or type(error).__name__))
            return False
        code = _unfit(head)
        if code:
            self.told.append(Told(code))
        return not code

    def _rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        with self.path.open("rb") as file:
            head = file.read(8)
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return self._workbook_rows(advanced)
        return self._text_rows(advanced)

    def _workbook_rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        try:
            sheets, told = reader_workbook.open_workbook(self.path)
        except reader_workbook.Unreadable as error:
            self.told.append(error.told)
            return
        kind = reader_workbook.kind(self.path)
        self._named(kind, {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls", ".et")}.get(kind, (f".{kind}",)))
        self.told.extend(told)
        without: list[Told] = []
        for sheet in sheets:
            lines = list(sheet.lines)
            header, lacks = self._header(
                sheet.name, [(line.number, _texts(line)) for line in lines[:HEADER_ROWS_SEARCHED]]
            )
            if header is None:
                without.append(lacks)
                continue
            yield from _Table(self, sheet, header).rows(iter(lines[header.last_row :]))
        if not self.headers:
            self.told.extend(without or [Told("file_empty")])
        else:
            self.told.extend(Told("sheet_without_header", one.sheet, found=one.found) for one in without)
        advanced(self.size)

    def _text_rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        text = reader_text.open_text(self.path)
        self.encoding = text.name_of_encoding()
        self._named("CSV", (".csv", ".txt", ".tsv"))
        best: Header | None = None
        lacks: Told | None = None
        delimiter = ","
        for one in reader_text.sniff_delimiters(text):
            first = [(line.number, _texts(line)) for line in islice(text.lines(one), HEADER_ROWS_SEARCHED)]
            if not any(cell.strip() for _, cells in first for cell in cells):
                self.told.append(Told("file_empty"))
                return
            header = find_header(self.source, first)
            if best is None or (header and len(header.at) > len(best.at)):
                best, delimiter, sample = header, one, first
        text.told.clear()
        header, lacks = self._header("", sample)
        if header is None:
            self.told.append(lacks)
            return
        lines = text.lines(delimiter, advanced)
        table = _Table(self, Sheet("", ()), header, ends_in_line=_ends_in_line(self.path, text.encoding))
        yield from table.rows(line for line in lines if line.number > header.last_row)
        self.told.extend(text.told)

    def _named(self, kind: str, endings: tuple[str, ...]) -> None:
        self.format = kind
        if self.path.suffix.lower() not in endings:
            self.told.append(Told("named_otherwise", found=kind))

    def _header(self, sheet: str, first: Sequence[tuple[int, list[str]]]) -> tuple[Header | None, Told | None]:
        """The header of a table and nothing to tell, or none and what it lacks."""
        header = find_header(self.source, first)
        needed = [column for column in self.source.columns if column.required]
        if header is None:
            titles = list(dict.fromkeys(cell for _, cells in first for cell in cells if cell.strip()))
            return None, Told(
                "header_missing",
                sheet,
                found=_listed(filter(None, (self.source.nearest(column, titles) for column in needed))),
                values={"missing": _listed(column.header for column in needed)},
            )
        if missing := header.missing(self.source):
            return None, Told(
                "columns_missing",
                sheet,
                row=header.last_row,
                found=_listed(filter(None, (self.source.nearest(column, header.titles) for column in missing))),
                values={"missing": _listed(column.header for column in missing)},
            )
        self.headers[sheet] = header
        absent = [
            column.header
            for column in self.source.columns
            if column.name in ("sex", "birth", "household_no", "address") and column.name not in header.at
        ]
        if absent:
            self.told.append(Told("columns_absent", sheet, values={"missing": _listed(absent)}))
        unknown = [
            title
            for place, title in enumerate(header.titles)
            if title and place not in header.at.values() and title not in header.twice
        ]
        if unknown:
            self.told.append(Told("columns_unknown", sheet, found=_listed(unknown)))
        self.told.extend(Told("column_twice", sheet, column=title) for title in header.twice)
        return header, None

    def _count(self, row: Row) -> None:
        self.read += 1
        self.refused_rows += row.refused
        self.duplicates += row.twin is not None
        for told in row.problems:
            self.count(told)

    def count(self, told: Told) -> None:
        """Count a problem of a row, and keep the first of its kind."""
        self.found[told.code] += 1
        examples = self.examples.setdefault(told.code, [])
        if len(examples) < EXAMPLES:
            examples.append(told)

    def _judge(self) -> None:
        """What only the whole file shows."""
        rounded = self.found["id_rounded"]
        if self.numbers >= ROUNDED_MINIMUM and rounded >= ROUNDED_SHARE * self.numbers:
            first = self.examples["id_rounded"][0]
            self.told.append(
                Told(
                    "id_column_rounded",
                    first.sheet,
                    first.row,
                    first.column,
                    first.found,
                    {"rounded": rounded, "numbers": self.numbers},
                )
            )
        if not self.read and not self.refusals:
            self.told.append(Told("no_rows"))


class _Table:
    """One table of the file: its lines below the header, told apart and turned into rows."""

    def __init__(self, reading: Reading, sheet: Sheet, header: Header, ends_in_line: bool = False):
        self.reading = reading
        self.sheet = sheet
        self.header = header
        self.ends_in_line = ends_in_line
        self.is_text = not sheet.name  # a sheet of a workbook always has a name
        self.columns = {name: reading.source.column(name) for name in header.at}
        self.width = len(header.titles)
        self.narrowest = self.width

    def rows(self, lines: Iterator[Line]) -> Iterator[Row]:
        line = next(lines, None)
        while line is not None:
            after = next(lines, None)
            texts = _texts(line)
            reason = self._no_person(line, texts)
            if reason:
                self._skip(line, reason)
            elif self._cut(line, texts, after):
                self.reading.told.append(
                    Told("cut_in_row", row=line.number, found=str(len(texts)), values={"width": self.width})
                )
            else:
                self.narrowest = min(self.narrowest, len(texts))
                yield self._row(line, texts)
            line = after

    def _cut(self, line: Line, texts: list[str], after: Line | None) -> bool:
        """Is this the last line, without a line end, and shorter than every other?"""
        ends_short = after is None and self.ends_in_line and len(texts) < self.narrowest
        return ends_short and "quote_not_closed" not in line.told

    def _skip(self, line: Line, reason: str) -> None:
        skipped = self.reading.skipped
        skipped[reason] += 1
        if reason not in ("blank", "header") and skipped[reason] <= EXAMPLES:
            self.reading.told.append(Told(f"skipped_{reason}", self.sheet.name, line.number))

    def _no_person(self, line: Line, texts: list[str]) -> str:
        """Why a line is no row of a person: blank, the header once more, a total, a note, a lone number; empty for a
        person."""
        filled = [place for place, text in enumerate(texts) if text and not text.isspace()]
        if any((line.number, place) in self.sheet.formulas for place in self.header.at.values()):
            return ""
        if not filled:
            return "blank"
        if len(_NO_DIGIT.sub("", self._at(texts, "id"))) >= DIGITS_OF_A_NUMBER:
            return ""
        if len(filled) > 1 and all(header_key(texts[place]) in self.header.keys for place in filled):
            return "header"
        if any(_TOTAL.fullmatch("".join(texts[place].split())) for place in filled):
            return "total"
        if _NOTE.fullmatch(texts[filled[0]].strip()):
            return "note"
        if not {self.header.at[name] for name in ("name", "id", "birth") if name in self.header.at}.intersection(
            filled
        ):
            return (
                "number"
                if {self.header.at.get(name) for name in ("serial", "household_no")}.issuperset(filled)
                else ("note" if len(filled) == 1 else "")
            )
        return ""

    def _at(self, texts: list[str], name: str) -> str:
        place = self.header.at.get(name, -1)
        return texts[place] if 0 <= place < len(texts) else ""

    def _row(self, line: Line, texts: list[str]) -> Row:
        row = Row(self.sheet.name, line.number, ("", "", ""))
        teller = _Teller(row, self.sheet.name, line.number)
        for code in dict.fromkeys(line.told):
            teller.tell(code)
        if self.is_text and len(texts) < self.width:
            teller.tell("fields_missing", found=str(len(texts)), width=self.width)
        elif self.is_text and any(text.strip() for text in texts[self.width :]):
            teller.tell("fields_extra", found=str(len(texts)), width=self.width)
        places = self.header.at.items()
        if self.is_text and not _NEEDS_A_LOOK.search("\n".join(texts)):
            stated = {name: texts[place] if place < len(texts) else "" for name, place in places}
        else:
            stated = {name: self._stated(line, texts, self.columns[name], place, teller) for name, place in places}
        for name, text in stated.items():
            if len(text) > self.columns[name].longest:
                teller.tell("too_long", self.columns[name], text[:20], number=len(text))
                stated[name] = text[: self.columns[name].longest]
        row.typed = (stated.get("household_no", ""), stated.get("name", ""), stated.get("id", ""))
        row.values = {name: clean for name, text in stated.items() if name not in _READ and (clean := _clean(text))}
        self._read_household_no(row, line, stated, teller)
        self._read_name(row, stated, teller)
        number = self._read_id(row, line, stated, teller)
        self._read_sex(row, stated, teller, number)
        self._read_birth(row, line, stated, teller, number)
        if not row.name and not row.typed[2].strip():
            row.refused = True
            teller.tell("row_nobody")
        return row

    def _stated(self, line: Line, texts: list[str], column: Column, place: int, teller: "_Teller") -> str:
        """The text of a cell as stated; what it is besides a plain text is told."""
        text = texts[place] if place < len(texts) else ""
        if column.household and not text.strip() and (line.number, place) in self.sheet.merged:
            return _text(self.sheet.merged[line.number, place])
        formula = self.sheet.formulas.get((line.number, place), "")
        if error := self.sheet.errors.get((line.number, place), ""):
            text = error
        elif formula:
            text = text if text.strip() else formula
            teller.tell("formula", column, formula)
        elif "=" in text and (constant := _TEXT_FORMULA.fullmatch(text.strip())):
            teller.tell("formula_of_text", column, text)
            text = constant[1]
        elif text and text[0] in "=@+-" and _FORMULA.match(text):
            teller.tell("formula", column, text)
        if _CONTROL.search(text):
            teller.tell("control_characters", column)
            text = _CONTROL.sub("", text)
        if text.startswith("#") and _CELL_ERROR.fullmatch(text):
            teller.tell("cell_error", column, text, masked=False)
            text = ""
        return text

    def _read_household_no(self, row: Row, line: Line, stated: dict[str, str], teller: "_Teller") -> None:
        if "household_no" not in self.columns:
            return
        column = self.columns["household_no"]
        row.household_no = "".join(stated["household_no"].split()).lstrip("'")
        place = self.header.at["household_no"]
        cell = self.sheet.merged.get((line.number, place)) or (line.cells[place] if place < len(line.cells) else "")
        if not row.household_no:
            teller.tell("household_no_missing", column)
        elif isinstance(cell, (int, float)):
            teller.tell("household_no_number", column, row.household_no)

    def _read_name(self, row: Row, stated: dict[str, str], teller: "_Teller") -> None:
        column, text = self.columns["name"], stated["name"]
        read = names.read(text)
        row.name, row.former_name = read.value, read.former
        for code in (*read.notes, *read.problems):
            teller.tell(f"name_{code}", column, text)

    def _read_id(self, row: Row, line: Line, stated: dict[str, str], teller: "_Teller") -> IdentityNumber | None:
        """The number where all of it fits. One that was rounded or is none at all leaves the row's empty."""
        column, text = self.columns["id"], stated["id"]
        if not text.strip():
            teller.tell("id_missing", column)
            return None
        read = identity_number.read(text)
        problems = ("rounded",) if _was_a_quantity(line, self.header.at["id"]) else read.problems
        self.reading.numbers += len(_NO_DIGIT.sub("", text)) >= DIGITS_OF_A_NUMBER
        lost = {"rounded", "unreadable"}.intersection(problems)
        for code in problems if lost else (*read.notes, *problems):
            teller.tell(f"id_{code}", column, text)
        if not lost:
            row.id = read.number
        return None if problems else read

    def _read_sex(self, row: Row, stated: dict[str, str], teller: "_Teller", number: IdentityNumber | None) -> None:
        if "sex" not in self.columns:
            return
        column, text = self.columns["sex"], _clean(stated["sex"])
        row.sex = _SEX.get(text)
        if not text:
            teller.tell("sex_missing", column)
        elif row.sex is None:
            teller.tell("sex_unreadable", column, text)
        elif number and number.sex != row.sex:
            teller.tell("sex_differs_from_id", column)

    def _read_birth(
        self, row: Row, line: Line, stated: dict[str, str], teller: "_Teller", number: IdentityNumber | None
    ) -> None:
        column = self.reading.source.column("birth")
        text = _clean(stated.get("birth", ""))
        by_number = number.birth.isoformat() if number and number.birth else ""
        if by_number and not self._possible(by_number):
            by_number = ""
        if not text:
            row.birth = by_number
            teller.tell("birth_from_id" if by_number else "birth_missing", column)
            return
        place = self.header.at["birth"]
        cell = line.cells[place] if place < len(line.cells) else ""
        read = dates.read(cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else text)
        for code in (*read.notes, *read.problems):
            teller.tell(f"birth_{code}", column, text)
        if not read.value:
            return
        if not self._possible(read.value):
            teller.tell("birth_impossible", column, text)
            return
        row.birth = read.value
        if by_number and not by_number.startswith(read.value):
            teller.tell("birth_differs_from_id", column, text)

    def _possible(self, birth: str) -> bool:
        return OLDEST_BIRTH <= birth <= self.reading.on.isoformat()


_MASKS = {"name": "name", "id": "identity_number", "phone": "phone"}
_READ = frozenset({"household_no", "name", "id", "sex", "birth", "serial"})


@dataclass(slots=True)
class _Teller:
    """Adds problems to a row; the values of personal columns are masked on the way in."""

    row: Row
    sheet: str
    number: int

    def tell(
        self, code: str, column: Column | None = None, found: str = "", masked: bool = True, **values: object
    ) -> None:
        found = _CONTROL.sub("", found)
        if masked and found and column and column.personal:
            found = masking.mask(found, _MASKS.get(column.name, ""))
        self.row.problems.append(
            Told(code, self.sheet, self.number, column.header if column else "", found[:60], values)
        )


class _Seen:
    """Rows that were there before, by a temporary file of hashes, so that memory stays flat."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.executescript(
            "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-32768;"
            "create table seen (key blob primary key, sheet text, row integer) without rowid; begin"
        )

    def __enter__(self) -> "_Seen":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def tell_twins(self, row: Row) -> None:
        """Tell a row that repeats an earlier one in full, or its identity number with another household or name."""
        if not any(row.typed[1:]):
            return
        if twin := self._first("row", "\0".join(row.typed), row):
            row.twin = twin
            self._tell(row, "row_twice", twin)
        elif row.id and (twin := self._first("id", row.id, row)):
            self._tell(row, "id_twice", twin)

    def _first(self, kind: str, text: str, row: Row) -> tuple[str, int] | None:
        key = blake2b(f"{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=12).digest()
        done = self._store.execute("insert or ignore into seen values (?, ?, ?)", (key, row.sheet, row.number))
        if done.rowcount:
            return None
        return self._store.execute("select sheet, row from seen where key = ?", (key,)).fetchone()

    @staticmethod
    def _tell(row: Row, code: str, twin: tuple[str, int]) -> None:
        sheet, number = twin
        other = str(number) if sheet == row.sheet else f"{sheet}:{number}"
        found = masking.mask_identity_number(row.id) if row.id else ""
        row.problems.append(Told(code, row.sheet, row.number, "", found, {"other": other}))


def _texts(line: Line) -> list[str]:
    return [_text(cell) for cell in line.cells]


def _text(cell: object) -> str:
    """A cell as text: a whole number without a fraction, a date in ISO form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_BELOW else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _was_a_quantity(line: Line, place: int) -> bool:
    """Does the cell hold a number with more digits than a spreadsheet keeps?"""
    cell = line.cells[place] if place < len(line.cells) else ""
    return isinstance(cell, (int, float)) and abs(cell) >= EXACT_BELOW


def _clean(text: str) -> str:
    return text.strip().strip("\ufeff\u200b")


def _listed(texts) -> str:
    return "、".join(dict.fromkeys(" ".join(_CONTROL.sub("", text).split())[:40] for text in texts)) or "—"


def _unfit(head: bytes) -> str:
    """Why the beginning of a file shows no table at all; empty where it may be one."""
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return "file_empty"
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<head", b"<body", b"<style")):
        return "web_page"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")):
        return "not_a_table"
    return ""


def _ends_in_line(path: Path, encoding: str) -> bool:
    """Does the file end without a line end?"""
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        tail = file.read()
    if encoding.startswith("utf-16"):
        tail = tail.replace(b"\0", b"")
    return not tail.endswith((b"\n", b"\r"))
