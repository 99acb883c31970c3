"""A register file read into typed rows, each with its problems: bad data are collected, good rows are kept.

`Reading` is pure: it needs no database and no settings, and holds one slice of rows at a time. What a value means
(an identity number, a date, a name) is decided in `renpu.concepts`; here is where it stood and what is told about it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path

from renpu.registers import reader_page, reader_text, reader_workbook, reader_zip
from renpu.registers.lines import Sheet, Told
from renpu.registers.problems import FILE_MESSAGES, ROW_MESSAGES
from renpu.registers.quantities import month_within
from renpu.registers.rows import Row
from renpu.registers.seen import Gathered, Seen
from renpu.registers.source import HEADER_ROWS_SEARCHED, Header, RegisterSource, find_header
from renpu.registers.table import EXAMPLES, Table, listed, texts_of

SLICE = 10_000
LONGEST_NAME = 255  # characters of a sheet's name with that of its file in an archive
ROUNDED_SHARE = 0.5  # of the numbers of a column: a file with as many of them rounded is refused
_NO_LIST = frozenset({"header_missing", "columns_missing", "file_empty", "not_a_table", "web_page", "readings_missing"})
_BY_SPACES = re.compile(r"[ \u3000]{2,}|\u3000")
ROUNDED_MINIMUM = 20  # numbers; below that each row is told by itself


@dataclass(slots=True)
class Reading:
    """A file while it is read. Everything but `slices` is complete only after the last slice was taken."""

    path: Path
    source: RegisterSource
    on: date  # the day of reading: nobody in the list was born after it
    within: str = ""  # name of the member, where the file was in an archive
    format: str = ""
    encoding: str = ""
    headers: dict[str, Header] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)  # about the file
    found: Counter[str] = field(default_factory=Counter)  # problems of rows, by code
    examples: dict[str, list[Told]] = field(default_factory=dict)
    read: int = 0
    refused_rows: int = 0
    duplicates: int = 0
    numbers: Counter[str] = field(default_factory=Counter)  # cells that hold a number, rounded or not, by column
    rounded: Counter[str] = field(default_factory=Counter)  # those that were rounded
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
        gathered = Gathered()
        rows = self._rows(advanced)
        if self.source.readings:
            rows = gathered.whole(rows)
        with Seen(self.source) as seen:
            while rows_now := list(islice(rows, SLICE)):
                for row in rows_now:
                    seen.tell_twins(row)
                    self._count(row)
                yield rows_now
        if gathered.joined:
            lines = gathered.rows + gathered.joined
            self.told.append(Told("months_gathered", values={"lines": lines, "rows": gathered.rows}))
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
        code = unfit(head)
        if code:
            self.told.append(Told(code))
        return not code

    def _rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        with self.path.open("rb") as file:
            head = file.read(4096)
        try:
            if is_workbook(head) and not reader_zip.is_archive(self.path):
                kind = reader_workbook.kind(self.path)
                sheets, told = reader_workbook.open_workbook(self.path)
                self._named(kind, {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls", ".et")}.get(kind, (f".{kind}",)))
                yield from self._sheet_rows(sheets, told)
            elif is_workbook(head):
                if self.within:  # by whatever name: one that holds itself would never end
                    raise reader_workbook.Unreadable(Told("archive_nested", found=self.within))
                self._named("ZIP", (".zip",))
                yield from self._member_rows(advanced)
                return
            elif reader_page.is_page(head):
                kind, self.encoding, sheets, told = reader_page.open_page(self.path)
                self._named(kind, (".html", ".htm") if kind == "HTML" else (".xml",))
                yield from self._sheet_rows(sheets, told)
            else:
                yield from self._text_rows(advanced)
                return
        except reader_workbook.Unreadable as error:
            self.told.append(replace(error.told, sheet=self._within(error.told.sheet)))
            return
        advanced(self.size)

    def _member_rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        """The rows of each file in an archive. One that is no list of this register is told; one that cannot be trusted
        refuses the whole delivery, because nobody would miss its rows."""
        members, told = reader_zip.members_of(self.path)
        self.told.extend(told)
        read = 0
        for member in members:
            with reader_zip.unpacked(self.path, member) as path:
                part = Reading(path, self.source, self.on, within=self._within(member.name))
                if part._opens():
                    yield from part._rows(lambda size: None)
            advanced(member.info.compress_size)
            self.encoding = self.encoding or part.encoding
            self.headers.update(part.headers)
            for counted in ("skipped", "numbers", "rounded"):
                getattr(self, counted).update(getattr(part, counted))
            if not part.headers and {told.code for told in part.refusals} <= _NO_LIST:
                missing = next((one.values["missing"] for one in part.refusals if "missing" in one.values), "—")
                self.told.append(Told("member_not_read", found=member.name, values={"missing": missing}))
                continue
            read += 1
            self.told.extend(
                told if told.sheet else replace(told, sheet=member.name)
                for told in part.told
                if told.code != "named_otherwise"
            )
        if not read and not self.refusals:
            self.told.append(Told("archive_without_list"))

    def _within(self, sheet: str) -> str:
        """How a sheet is called in messages and rows: by the archive's member and its own name; of a longer one, its
        end."""
        named = "".join(filter(str.isprintable, ": ".join(filter(None, (self.within, sheet)))))
        return named[-LONGEST_NAME:]

    def _sheet_rows(self, sheets: Sequence[Sheet], told: Sequence[Told]) -> Iterator[Row]:
        self.told.extend(replace(one, sheet=self._within(one.sheet)) for one in told)
        without: list[Told] = []
        for sheet in sheets:
            lines = iter(sheet.lines)
            start = list(islice(lines, HEADER_ROWS_SEARCHED))
            first = [(line.number, texts_of(line)) for line in start]
            named = replace(sheet, name=self._within(sheet.name))
            header, lacks = self._header(named.name, first)
            if header is None:
                without.append(lacks)
                continue
            table = Table(self, named, header, self._month(sheet.name, first, header))
            below = (line for line in start if line.number > header.last_row)
            yield from table.rows(chain(below, lines))
        if not self.headers:
            self.told.extend(without or [Told("file_empty")])
        else:
            self.told.extend(Told("sheet_without_header", one.sheet, found=one.found) for one in without)

    def _text_rows(self, advanced: Callable[[int], None]) -> Iterator[Row]:
        text = reader_text.open_text(self.path)
        self.encoding = text.name_of_encoding()
        self._named("CSV", (".csv", ".txt", ".tsv"))
        best: Header | None = None
        lacks: Told | None = None
        delimiter = ","
        for one in reader_text.sniff_delimiters(text):
            first = [(line.number, texts_of(line)) for line in islice(text.lines(one), HEADER_ROWS_SEARCHED)]
            if not any(cell.strip() for _, cells in first for cell in cells):
                self.told.append(Told("file_empty"))
                return
            header = find_header(self.source, first)
            if best is None or (header and len(header.at) > len(best.at)):
                best, delimiter, sample = header, one, first
        text.told.clear()
        header, lacks = self._header(self.within, sample)
        if header is None:
            aligned = [(number, _BY_SPACES.split(" ".join(cells))) for number, cells in sample]
            by_spaces = find_header(self.source, aligned)
            if by_spaces and not by_spaces.missing(self.source):
                lacks = Told("columns_by_spaces", self.within, row=by_spaces.last_row)
            self.told.append(lacks)
            return
        lines = text.lines(delimiter, advanced)
        table = Table(
            self,
            Sheet(self.within, (), is_text=True),
            header,
            self._month("", sample, header),
            ends_in_line=_ends_in_line(self.path, text.encoding),
        )
        yield from table.rows(line for line in lines if line.number > header.last_row)
        self.told.extend(text.told)

    def _named(self, kind: str, endings: tuple[str, ...]) -> None:
        self.format = kind
        if self.path.suffix.lower() not in endings:
            self.told.append(Told("named_otherwise", found=kind))

    def _header(self, sheet: str, first: Sequence[tuple[int, list[str]]]) -> tuple[Header | None, Told | None]:
        """The header of a table and nothing to tell, or none and what it lacks."""
        header = find_header(self.source, first)
        if header is None:
            needed = Header(0, 0, {}, (), frozenset()).missing(self.source)
            titles = list(dict.fromkeys(cell for _, cells in first for cell in cells if cell.strip()))
            return None, Told(
                "header_missing",
                sheet,
                found=listed(filter(None, (self.source.nearest(column, titles) for column in needed))),
                values={"missing": listed(column.header for column in needed)},
            )
        if missing := header.missing(self.source):
            return None, Told(
                "columns_missing",
                sheet,
                row=header.last_row,
                found=listed(filter(None, (self.source.nearest(column, header.titles) for column in missing))),
                values={"missing": listed(column.header for column in missing)},
            )
        if self.source.readings and (lacks := self._lacks_readings(sheet, first, header)):
            return None, lacks
        self.headers[sheet] = header
        absent = [
            column.header
            for column in self.source.columns
            if (column.expected or column.filled) and not {column.name, *column.parts}.intersection(header.at)
        ]
        if absent:
            self.told.append(Told("columns_absent", sheet, values={"missing": listed(absent)}))
        without_year = [column for column in header.months if column.month and column.month.year is None]
        if without_year:
            months = listed(f"{column.header} {column.month.iso(self.on)}" for column in without_year if column.month)
            self.told.append(Told("year_taken", sheet, row=header.last_row, found=months))
        unknown = [
            title
            for place, title in enumerate(header.titles)
            if title and place not in header.at.values() and title not in header.twice
        ]
        if unknown:
            self.told.append(Told("columns_unknown", sheet, found=listed(unknown)))
        self.told.extend(Told("column_twice", sheet, column=title) for title in header.twice)
        return header, None

    def _lacks_readings(self, sheet: str, first: Sequence[tuple[int, list[str]]], header: Header) -> Told | None:
        """What to tell of a list of electricity that gives none, or does not say of which month."""
        if not header.has_readings:
            return Told("readings_missing", sheet, row=header.last_row, found=listed(filter(None, header.titles)))
        if not header.months and "month" not in header.at and not self._month(sheet, first, header):
            return Told("month_unsaid", sheet, row=header.last_row, column=self.source.column("kwh").header)
        return None

    def _month(self, sheet: str, first: Sequence[tuple[int, list[str]]], header: Header) -> str:
        """The month that the titles above the header, the sheet's name or the file's name give; empty without one."""
        if not self.source.readings or header.months or "month" in header.at:
            return ""
        titles = [cell for number, cells in first if number < header.first_row for cell in cells]
        return next(filter(None, map(month_within, (*titles, sheet, self.path.stem))), "")

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
        for name, rounded in self.rounded.items():
            if self.numbers[name] < ROUNDED_MINIMUM or rounded < ROUNDED_SHARE * self.numbers[name]:
                continue
            column = self.source.column(name).header
            told = [*self.examples.get("id_rounded", ()), *self.examples.get("number_rounded", ())]
            first = next((one for one in told if one.column == column), Told("id_rounded", column=column))
            values = {"rounded": rounded, "numbers": self.numbers[name]}
            self.told.append(Told("id_column_rounded", first.sheet, first.row, column, first.found, values))
        if not self.read and not self.refusals:
            self.told.append(Told("no_rows"))


def is_workbook(head: bytes) -> bool:
    """Does a file begin as workbooks and archives do?"""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def unfit(head: bytes) -> str:
    """Why the beginning of a file shows no table at all; empty where it may be one."""
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return "file_empty"
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
