"""One table of a file: its lines below the header, told apart, and turned into rows as the source's columns say.

What a value means (an identity number, a date, a name) is decided in `renpu.concepts` and `quantities`; here is where
it stood and what is told about it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Protocol

from renpu.concepts import address, dates, identity_number, names
from renpu.concepts.identity_number import IdentityNumber
from renpu.registers import quantities
from renpu.registers.lines import Line, Sheet, Told
from renpu.registers.rows import Row
from renpu.registers.source import Column, Header, RegisterSource, header_key

EXAMPLES = 5  # rows named with each kind of problem; the others are counted
EXACT_BELOW = 1e15  # a spreadsheet keeps 15 digits of a number
ROOM = "room"  # the column of rooms, where an address is put together
OLDEST_BIRTH = "1880"
OLDEST_EVENT = "1949"
DIGITS_OF_A_NUMBER = {"id": 10, "key": 7}  # a cell of such a column with as many belongs to a row, not to a total

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEEDS_A_LOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|^[=@+\-#]", re.MULTILINE)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"[=@].|[+\-][^\d\s]")
_CELL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_TOTAL = re.compile(
    r"(?:(?:本页|本户|全户|本组|本居委|本网格|本楼)?(?:小计|合计|总计|共计|累计|总数|总人数|总户数)"
    r"|[\u3400-\u9fffA-Za-z0-9]{1,15}(?:小计|合计|总计))"  # of a committee, a building, a page
    r"(?:$|[^\u3400-\u9fff]|[户人口度]).*",
    re.DOTALL,
)
_NOTE = re.compile(
    r"(?:填表|填报|制表|审核|复核|负责|经办|单位负责|统计负责|联系|打印|导出|报送|盖章|签名|签字|备注|说明|注|附注|第\s*\d+\s*页)"
    r"(?:人|单位|日期|时间|电话|\(签章\)|（签章）)?\s*(?:[:：].*|$|,?共\s*\d+\s*页.*)",
    re.DOTALL,
)
_NO_DIGIT = re.compile(r"[^0-9０-９]+")
_SEX = {"男": 1, "女": 2, "男性": 1, "女性": 2, "男孩": 1, "女孩": 2, "男婴": 1, "女婴": 2, "1": 1, "2": 2}
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_NO_PHONE = frozenset({"无", "没有", "无电话", "暂无", "不详", "-", "—", "/"})
_PHONE_SIGNS = re.compile(r"[^\d*＊Xx]")
_ORDER = {"key": 0, "name": 1, "holder": 1, "id": 2, "month": 2}  # the others are compared with them, or belong to them


class File(Protocol):
    """The file that a table belongs to: where it is noted what the table tells (`reading.Reading`)."""

    source: RegisterSource
    on: date
    told: list[Told]
    skipped: Counter[str]
    numbers: Counter[str]
    rounded: Counter[str]


class Table:
    """Turns the lines of a table into rows."""

    def __init__(self, file: File, sheet: Sheet, header: Header, month: str = "", ends_in_line: bool = False):
        """`month` is the one that the table's title or name gives, for electricity without a column of months."""
        self.file = file
        self.sheet = sheet
        self.header = header
        self.month = month
        self.ends_in_line = ends_in_line
        self.width = len(header.titles)
        self.narrowest = self.width
        self.source = source = file.source
        by_month = {column.name: column for column in header.months}
        self.columns = {name: by_month.get(name) or source.column(name) for name in header.at}
        self.longest = {name: column.longest for name, column in self.columns.items()}
        self.shortest = min(self.longest.values())
        self.names = list(header.at)
        self.pick = itemgetter(*header.at.values())  # of two columns or more, or it is no header
        self.text_columns = [column for column in self.columns.values() if column.kind == "text"]
        self.readers = self._readers()
        self.months = {column.name: column.month.iso(file.on) for column in header.months if column.month}
        self.known_at = {header.at[name] for name in source.known_by if name in header.at} | {
            header.at[name] for name, column in self.columns.items() if column.kind == "date"
        }
        self.lone_at = {
            header.at[name]
            for name, column in self.columns.items()
            if column.kind in ("key", "unkept") and name not in source.known_by
        }
        self.number_at = [
            (header.at[name], DIGITS_OF_A_NUMBER[column.kind])
            for name, column in self.columns.items()
            if column.kind == "id" or (column.kind == "key" and name in source.known_by)
        ]
        self.filled_from = [column for column in source.columns if column.parts]
        self.same_columns = [(name, source.column(name).kind in ("name", "holder")) for name in source.same]
        self.number: IdentityNumber | None = None  # of the row being read, where it can be trusted

    def _readers(self) -> list[tuple[Column, Callable[[Row, Column, str, object], None], int]]:
        """Each column whose values are more than text: the column, what reads it, and its position (-1 for none)."""
        by_kind = {
            "name": self._read_name,
            "holder": self._read_holder,
            "id": self._read_id,
            "sex": self._read_sex,
            "date": self._read_date,
            "key": self._read_key,
            "count": self._read_count,
            "phone": self._read_phone,
            "kwh": self._read_kwh,
            "month": self._read_month,
        }
        columns = [column for column in self.columns.values() if column.kind in by_kind]
        if "birth" not in self.columns and "id" in self.columns and self.source.has("birth"):
            columns.append(self.source.column("birth"))  # read from the number
        columns.sort(key=lambda column: _ORDER.get(column.kind, 3))
        return [(column, by_kind[column.kind], self.header.at.get(column.name, -1)) for column in columns]

    def rows(self, lines: Iterator[Line]) -> Iterator[Row]:
        is_text = self.sheet.is_text
        line = next(lines, None)
        while line is not None:
            after = next(lines, None)
            texts = line.cells if is_text else texts_of(line)
            reason = self._no_row(line, texts)
            if reason:
                self._skip(line, reason)
            elif self._cut(line, texts, after):
                self.file.told.append(
                    Told(
                        "cut_in_row",
                        self.sheet.name,
                        row=line.number,
                        found=str(len(texts)),
                        values={"width": self.width},
                    )
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
        skipped = self.file.skipped
        skipped[reason] += 1
        if reason not in ("blank", "header") and skipped[reason] <= EXAMPLES:
            self.file.told.append(Told(f"skipped_{reason}", self.sheet.name, line.number))

    def _no_row(self, line: Line, texts: list[str]) -> str:
        """Why a line is no row: blank, the header once more, a total, a note, a lone number; empty for a row."""
        filled = [place for place, text in enumerate(texts) if text and not text.isspace()]
        formulas = self.sheet.formulas
        if formulas and any((line.number, place) in formulas for place in self.header.at.values()):
            return ""
        if not filled:
            return "blank"
        for place, digits in self.number_at:
            if place < len(texts) and len(_NO_DIGIT.sub("", texts[place])) >= digits:
                return ""
        if len(filled) > 1 and all(header_key(texts[place]) in self.header.keys for place in filled):
            return "header"
        if any(_TOTAL.fullmatch("".join(texts[place].split())) for place in filled):
            return "total"
        if _NOTE.fullmatch(texts[filled[0]].strip()):
            return "note"
        if not self.known_at.intersection(filled):
            if self.lone_at.issuperset(filled):
                return "number"
            return "note" if len(filled) == 1 else ""
        return ""

    def _row(self, line: Line, texts: list[str]) -> Row:
        row = Row(self.sheet.name, line.number)
        if line.told:
            for code in dict.fromkeys(line.told):
                row.tell(code)
        is_text = self.sheet.is_text
        if is_text and len(texts) < self.width:
            row.tell("fields_missing", found=str(len(texts)), width=self.width)
        elif is_text and any(text.strip() for text in texts[self.width :]):
            row.tell("fields_extra", found=str(len(texts)), width=self.width)
        if is_text and len(texts) >= self.width and not _NEEDS_A_LOOK.search("\n".join(texts)):
            stated = dict(zip(self.names, self.pick(texts), strict=True))
        else:
            places = self.header.at.items()
            stated = {name: self._stated(line, texts, self.columns[name], place, row) for name, place in places}
        longest, shortest = self.longest, self.shortest
        for name, text in stated.items():
            if len(text) > shortest and len(text) > longest[name]:
                row.tell("too_long", self.columns[name], text[:20], number=len(text))
                stated[name] = text[: longest[name]]
        row.typed = tuple([stated.get(name, "") for name in self.source.twin])
        for column in self.text_columns:
            if not (text := clean(stated[column.name])):
                if column.filled and not column.parts:
                    row.tell("value_missing", column)
            elif column.words is None:
                row.values[column.name] = text
            else:
                self._read_word(row, column, text)
        self.number = None
        merged, cells = self.sheet.merged, line.cells
        for column, read, place in self.readers:
            cell = cells[place] if 0 <= place < len(cells) else ""
            if merged and column.merged:
                cell = merged.get((line.number, place)) or cell
            read(row, column, stated.get(column.name, ""), cell)
        self._finish(row)
        return row

    def _stated(self, line: Line, texts: list[str], column: Column, place: int, row: Row) -> str:
        """The text of a cell as stated; what it is besides a plain text is told."""
        text = texts[place] if place < len(texts) else ""
        if column.merged and not text.strip() and (line.number, place) in self.sheet.merged:
            text = text_of(self.sheet.merged[line.number, place])
        elif not text and self.sheet.merged.get((line.number, place)) and column.kind != "unkept":
            row.tell("cell_merged", column)
        formula = self.sheet.formulas.get((line.number, place), "")
        if error := self.sheet.errors.get((line.number, place), ""):
            text = error
        elif formula:
            text = text if text.strip() else formula
            row.tell("formula", column, formula)
        elif "=" in text and (constant := _TEXT_FORMULA.fullmatch(text.strip())):
            row.tell("formula_of_text", column, text)
            text = constant[1]
        elif text and text[0] in "=@+-" and _FORMULA.match(text) and not (column.kind == "kwh" and text[0] in "+-"):
            row.tell("formula", column, text)
        if _CONTROL.search(text):
            row.tell("control_characters", column)
            text = _CONTROL.sub("", text)
        if text.startswith("#") and _CELL_ERROR.fullmatch(text):
            row.tell("cell_error", column, text, masked=False)
            text = ""
        return text

    def _finish(self, row: Row) -> None:
        """What needs the whole row: columns put together from others, the day of the event, whether it is a row."""
        source = self.source
        for column in self.filled_from:
            if not row.stated(column.name):
                row.put(column.name, "".join(row.stated(part) for part in column.parts)[: column.longest])
                if column.filled and not row.stated(column.name) and column.name not in row.unread:
                    row.tell("household_no_missing" if column.kind == "key" else "value_missing", column)
            elif ROOM in column.parts and (room := row.stated(ROOM)):
                self._complete(row, column, room)
        if source.happened:
            row.happened_on = row.stated(source.happened)
        if not (source.found_by_id and row.id):
            row.same = tuple(
                names.key(row.stated(name)) if is_name else "".join(row.stated(name).split())
                for name, is_name in self.same_columns
            )
        for name in source.known_by:
            if row.stated(name) or name in row.unread:
                break
        else:
            row.refused = True
            needed = "、".join(source.column(name).header for name in source.known_by)
            row.tell("row_nobody", needed=needed)

    def _complete(self, row: Row, column: Column, room: str) -> None:
        """An address that ends at the house number gets the room of the column beside it."""
        written = row.stated(column.name)
        at = address.read(written)
        if not at.readable or at.room_key:
            return
        whole = written + room
        if address.read(whole).room_key:
            row.put(column.name, whole[: column.longest])
            row.tell("address_room_added", column, room)

    def _read_word(self, row: Row, column: Column, text: str) -> None:
        """What is stored for one of the words that the column may state; another one is told and left out."""
        assert column.words is not None
        word = column.words.get(text) if text in column.words else column.words.get(unicodedata.normalize("NFKC", text))
        if word is None:
            allowed = "、".join(list(column.words)[:6])
            row.tell("word_unknown", column, text, allowed=allowed)
        elif word:
            row.values[column.name] = word

    def _read_key(self, row: Row, column: Column, text: str, cell: object) -> None:
        """The number of a household, an account or a certificate; a rounded one is told and left out."""
        number = "".join(text.split()).lstrip("'")
        if not number.isascii():
            tidy = unicodedata.normalize("NFKC", number)
            if tidy != number:
                number = tidy
                row.tell("household_no_tidied", column, text)
        self.file.numbers[column.name] += bool(number)
        if not number:
            if column.filled and not column.parts:
                row.tell("household_no_missing", column)
        elif _SCIENTIFIC.fullmatch(number) or (isinstance(cell, (int, float)) and abs(cell) >= EXACT_BELOW):
            row.tell("number_rounded", column, number)
            self.file.rounded[column.name] += 1
            row.unread[column.name] = number
            number = ""
        elif isinstance(cell, (int, float)):
            row.tell("household_no_number", column, number)
        row.put(column.name, number[: column.longest])  # full-width letters may stand for several

    def _read_name(self, row: Row, column: Column, text: str, cell: object) -> None:
        read = names.read(text)
        row.put(column.name, read.value)
        for code in (*read.notes, *read.problems):
            if code != "missing" or column.filled:
                row.tell(f"name_{code}", column, text)

    def _read_holder(self, row: Row, column: Column, text: str, cell: object) -> None:
        """The name of a person or a firm: signs and digits may belong to it, lost characters do not."""
        read = names.read(text)
        row.put(column.name, read.value)
        for code in read.notes:
            row.tell(f"name_{code}", column, text)
        if "\ufffd" in text or "?" in text or "*" in text:
            row.tell("name_odd_characters", column, text)
        elif column.filled and not read.value:
            row.tell("name_missing", column, text)

    def _read_id(self, row: Row, column: Column, text: str, cell: object) -> None:
        """The number where all of it fits. One that was rounded or is none at all leaves the row's empty."""
        if not text.strip():
            if column.filled:
                row.tell("id_missing", column)
            return
        read = identity_number.read(text)
        quantity = isinstance(cell, (int, float)) and abs(cell) >= EXACT_BELOW
        problems = ("rounded",) if quantity else read.problems
        rounded = "rounded" in problems
        self.file.numbers[column.name] += rounded or len(_NO_DIGIT.sub("", text)) >= DIGITS_OF_A_NUMBER["id"]
        self.file.rounded[column.name] += rounded
        lost = {"rounded", "unreadable"}.intersection(problems)
        for code in problems if lost else (*read.notes, *problems):
            row.tell(f"id_{code}", column, text)
        if lost:
            row.unread[column.name] = text.strip()
        else:
            row.put(column.name, read.number)
        if column.name == "id" and not problems:
            self.number = read

    def _read_sex(self, row: Row, column: Column, text: str, cell: object) -> None:
        text = clean(text)
        row.sex = _SEX.get(text) or _SEX.get(unicodedata.normalize("NFKC", text))
        if not text:
            if column.filled:
                row.tell("sex_missing", column)
        elif row.sex is None:
            row.tell("sex_unreadable", column, text)
        elif self.number and self.number.sex != row.sex:
            row.tell("sex_differs_from_id", column)

    def _read_date(self, row: Row, column: Column, text: str, cell: object) -> None:
        of_birth = column.name == "birth"
        kind = "birth" if of_birth else "date"
        text = clean(text)
        by_number = self.number.birth.isoformat() if of_birth and self.number and self.number.birth else ""
        if by_number and not self._possible(by_number, of_birth):
            by_number = ""
        if not text:
            row.put(column.name, by_number)
            if by_number:
                row.tell("birth_from_id", column)
            elif column.filled:
                row.tell(f"{kind}_missing", column)
            return
        is_serial = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        read = dates.read(cell + self.sheet.days_later if is_serial else text)
        for code in (*read.notes, *read.problems):
            row.tell(f"{kind}_{code}", column, text)
        if not read.value:
            return
        if not self._possible(read.value, of_birth):
            row.tell(f"{kind}_impossible", column, text)
            return
        row.put(column.name, read.value)
        if by_number and not by_number.startswith(read.value):
            row.tell("birth_differs_from_id", column, text)

    def _possible(self, day: str, of_birth: bool) -> bool:
        return (OLDEST_BIRTH if of_birth else OLDEST_EVENT) <= day <= self.file.on.isoformat()

    def _read_count(self, row: Row, column: Column, text: str, cell: object) -> None:
        text = clean(text)
        row.persons = quantities.read_count(text)
        if text and row.persons is None:
            row.tell("count_unreadable", column, text)

    def _read_phone(self, row: Row, column: Column, text: str, cell: object) -> None:
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        text = clean(text)
        if not text or text in _NO_PHONE:
            return
        row.put(column.name, text)
        if len(text) == 11 and text.isdigit():
            return
        signs = _PHONE_SIGNS.sub("", text)
        if not signs.isdigit() and signs:
            row.tell("phone_masked", column, text)
        elif len(signs) < 7 or _SCIENTIFIC.fullmatch(text):
            row.tell("phone_unreadable", column, text)

    def _read_month(self, row: Row, column: Column, text: str, cell: object) -> None:
        row.is_part = True
        month = quantities.read_month(text_of(cell) if isinstance(cell, float) else clean(text))
        row.values["month"] = month
        if not month:
            row.tell("month_unreadable", column, text)

    def _read_kwh(self, row: Row, column: Column, text: str, cell: object) -> None:
        month = self.months.get(column.name) or (row.values.get("month", "") if "month" in self.columns else self.month)
        if column.name == "kwh":
            row.is_part = True
            row.values.pop("month", None)
        read = quantities.read_kwh(text)
        for code in (*read.notes, *read.problems):
            row.tell(f"kwh_{code}", column, text, month=month)
        if read.value is None or not month:
            return
        row.kwh[month] = read.value
        if "estimated" in read.notes:
            row.estimated.append(month)


def texts_of(line: Line) -> list[str]:
    return [text_of(cell) for cell in line.cells]


def text_of(cell: object) -> str:
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


def clean(text: str) -> str:
    """A text without the layout around it."""
    text = text.strip()
    return text if text.isascii() else text.strip("\ufeff\u200b")


def listed(texts) -> str:
    """Texts of a file in one line, as a message may show them."""
    return "、".join(dict.fromkeys(" ".join(_CONTROL.sub("", text).split())[:40] for text in texts)) or "—"
