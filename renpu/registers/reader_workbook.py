"""Workbooks as offices send them (.xlsx, .xls, .ods by content): visible sheets with their merged ranges and formulas,
and what is hidden in them."""

import errno
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath

import python_calamine as calamine
from lxml import etree

from renpu.registers import reader_apart
from renpu.registers.lines import Line, Sheet, Told
from renpu.registers.reader_biff import Beside

UNPACKED_BYTES = 4 << 30  # of all parts together; more than that is no office's list
CELLS = 120_000_000  # of a sheet, from A1 to its last one; each takes 32 bytes of memory, also an empty one
SPARSE = 20_000_000  # cells from which on a sheet must have a byte for each, or nearly all are empty
LARGE = 200 << 20  # bytes unpacked, from which on a workbook may not shrink to less than 1/150
SHRINKS = 150
LISTED = 1 << 20  # bytes of the list of an .ods' parts
FROM_1904 = 1462  # days from the day from which workbooks count to the one from which those of the first Macs count

# what the libraries throw at a workbook that is damaged or has a part that is locked
DAMAGED = (
    calamine.CalamineError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, OSError, EOFError, ValueError,
    RuntimeError,
)  # fmt: skip

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(rb'<row [^>]{0,40}?\br="(\d{1,7})"')
_FAR = re.compile(rb'<c [^>]{0,40}?\br="([A-Z]{2,3})\d')
_LISTING = "META-INF/manifest.xml"
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


class Unreadable(Exception):
    """The file is no workbook that can be read; `told` says why."""

    def __init__(self, told: Told):
        super().__init__(told.code)
        self.told = told


def kind(path: Path) -> str:
    """What sort of workbook a file is: an ending without its dot. Raises Unreadable where it is none."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return "xls"
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(Told("workbook_damaged")) from error
    if size > UNPACKED_BYTES or size > max(LARGE, SHRINKS * path.stat().st_size):
        raise Unreadable(Told("workbook_too_large"))
    for part, ending in (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "ods")):
        if part in names:
            return ending
    raise Unreadable(Told("not_a_table"))


def open_workbook(path: Path) -> tuple[list[Sheet], list[Told]]:
    """The visible sheets that hold anything, and what is to tell about the others. Raises Unreadable."""
    try:
        sort = kind(path)
        if sort == "ods" and _is_locked(path):
            raise Unreadable(Told("workbook_locked"))
        if sort != "xlsx":
            return _other_sheets(path)
        with path.open("rb") as file:
            return _sheets(calamine.CalamineWorkbook.from_filelike(file), path, FROM_1904 * _is_from_1904(path))
    except reader_apart.Failed as error:
        raise Unreadable(Told(error.code)) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # a place outside the file
            raise
        raise Unreadable(Told("workbook_damaged")) from error


def _is_locked(path: Path) -> bool:
    """Whether a password encrypts the parts of an .ods: its list of parts says how. OpenDocument 1.3, part 2, 4.4."""
    with zipfile.ZipFile(path) as parts:
        return _LISTING in parts.namelist() and b"encryption-data" in parts.open(_LISTING).read(LISTED)


def _other_sheets(path: Path) -> tuple[list[Sheet], list[Told]]:
    sheets: list[Sheet] = []
    told: list[Told] = []
    for grid in reader_apart.grids(path):
        if not grid.rows:
            continue
        last_column = len(grid.rows[0]) - 1
        if not grid.visible:
            told.append(Told("sheet_hidden", sheet=grid.name, values={"rows": len(grid.rows)}))
            continue
        told.extend(_hidden(grid.name, grid.beside, len(grid.rows), last_column))
        lent: dict[tuple[int, int], object] = {}
        formulas = dict.fromkeys(grid.beside.formulas, "=…")
        lines = _lines(iter(grid.rows), len(grid.rows), grid.merged, lent)
        sheets.append(Sheet(grid.name, lines, lent, formulas, days_later=FROM_1904 * grid.beside.is_from_1904))
    return sheets, told


def _sheets(book: calamine.CalamineWorkbook, path: Path, days_later: int) -> tuple[list[Sheet], list[Told]]:
    sheets: list[Sheet] = []
    told: list[Told] = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        beside = _beside(path, meta.name)
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.end is None and not beside.formulas:
            continue
        last_row, last_column = sheet.end or (0, 0)
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            told.append(Told("sheet_hidden", sheet=meta.name, values={"rows": last_row + 1 if sheet.end else 0}))
            continue
        told.extend(_hidden(meta.name, beside, last_row + 1, last_column))
        lent: dict[tuple[int, int], object] = {}
        lines = _lines(_from_column_a(sheet), last_row + 1, sheet.merged_cell_ranges or [], lent)
        sheets.append(Sheet(meta.name, lines, lent, beside.formulas, beside.errors, days_later=days_later))
    return sheets, told


def _hidden(sheet: str, beside: "_Beside | Beside", last_row: int, last_column: int) -> Iterator[Told]:
    """What to tell of the hidden rows and columns of a list that ends at a row (from 1) and a column (from 0)."""
    if rows := [number for number in beside.hidden_rows if number <= last_row]:
        yield Told("rows_hidden", sheet, row=rows[0], values={"number": len(rows)})
    if columns := [position for position in beside.hidden_columns if position <= last_column]:
        yield Told("columns_hidden", sheet, found="、".join(map(_letters, columns[:8])))


def _from_column_a(sheet: calamine.CalamineSheet) -> Iterator[list[object]]:
    """The rows of a sheet from the first on, with the empty columns before its first filled one."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for cells in sheet.iter_rows():
        yield before + cells


def _lines(
    rows: Iterator[list[object]],
    last: int,
    ranges: list[tuple[tuple[int, int], tuple[int, int]]],
    lent: dict[tuple[int, int], object],
) -> Iterator[Line]:
    """The lines one by one, `last` of them. What a range merged down lends to the rows below its first is put into
    `lent`, by (row from 1, position from 0), before they come."""
    starts: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in ranges:
        if bottom > top:
            starts.setdefault(top + 1, []).append((left, bottom + 1))
    for number, cells in enumerate(rows, 1):
        for left, bottom in starts.get(number, ()):
            if left < len(cells):
                lent.update({(row, left): cells[left] for row in range(number + 1, min(bottom, last) + 1)})
        yield Line(number, cells)


@dataclass(slots=True)
class _Beside:
    """What a part holds besides values: by (row from 1, position from 0) the text of each formula with its equals sign
    and each error shown (#N/A); rows (from 1) and columns (from 0) that are hidden."""

    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def _beside(path: Path, sheet: str) -> _Beside:
    """Empty for other formats than .xlsx."""
    found = _Beside()
    with zipfile.ZipFile(path) as parts:
        part = _part_of(parts, sheet)
        if part is None or not _looked_over(parts, part, sheet):
            return found
        with parts.open(part) as file:
            tags = [f"{_SPREADSHEET}{name}" for name in ("c", "row", "col")]
            for _, element in etree.iterparse(file, tag=tags, resolve_entities=False, no_network=True):
                if element.tag == tags[0]:
                    _note_cell(element, found)
                elif element.get("hidden") in ("1", "true"):
                    _note_hidden(element, found, is_row=element.tag == tags[1])
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    return found


def _note_cell(cell: etree._Element, found: _Beside) -> None:
    if place := _REFERENCE.fullmatch(cell.get("r", "")):
        at = int(place[2]), _position(place[1])
        formula = cell.find(f"{_SPREADSHEET}f")
        if formula is not None:
            found.formulas[at] = "=" + (formula.text or "")
        if cell.get("t") == "e":
            found.errors[at] = cell.findtext(f"{_SPREADSHEET}v") or "#"


def _note_hidden(element: etree._Element, found: _Beside, is_row: bool) -> None:
    if is_row:
        found.hidden_rows.append(int(element.get("r", "0")))
        return
    first, last = int(element.get("min", "1")), int(element.get("max", "1"))
    found.hidden_columns.extend(range(first - 1, min(last, first + 99)))


def _is_from_1904(path: Path) -> bool:
    """Does a workbook count its days from 1904? A cell shown as a date is right as it comes; a plain number is not."""
    with zipfile.ZipFile(path) as parts:
        book = etree.fromstring(parts.read("xl/workbook.xml"), etree.XMLParser(resolve_entities=False, no_network=True))
    properties = book.find(f"{_SPREADSHEET}workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true")


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part that holds a sheet, by the workbook's relations."""
    names = set(parts.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    safe = etree.XMLParser(resolve_entities=False, no_network=True)
    relations = etree.fromstring(parts.read("xl/_rels/workbook.xml.rels"), safe)
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    for element in etree.fromstring(parts.read("xl/workbook.xml"), safe).iter(f"{_SPREADSHEET}sheet"):
        target = targets.get(element.get(_RELATION))
        if element.get("name") == sheet and target:
            part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            return part if part in names else None
    return None


def _looked_over(parts: zipfile.ZipFile, part: str, sheet: str) -> bool:
    """Does a sheet hold formulas, errors or anything hidden? Raises Unreadable where a cell stands so far away that
    there is no room for all the empty ones before it."""
    special = False
    last_row, widest = 1, b"Z"
    with parts.open(part) as file:
        before = b""
        while block := file.read(1 << 20):
            text = before + block
            special = special or any(needle in text for needle in (b"<f", b't="e"', b'hidden="'))
            last_row = max(last_row, *map(int, _ROW.findall(text)), 1)
            widest = max((widest, *_FAR.findall(text)), key=lambda letters: (len(letters), letters))
            before = block[-64:]
    cells = last_row * (_position(widest.decode()) + 1)
    if cells > CELLS or cells > max(SPARSE, parts.getinfo(part).file_size):
        raise Unreadable(Told("workbook_stray_cell", sheet, found=f"{widest.decode()}{last_row}"))
    return special


def _letters(position: int) -> str:
    """The name of a column as a sheet shows it: 0 is A, 27 is AB."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - 64
    return position - 1
