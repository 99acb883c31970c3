"""Workbooks as offices send them (.xlsx, .xls, .ods by content): visible sheets with their merged ranges and
formulas."""

import re
import zipfile
from pathlib import Path
from posixpath import join, normpath

import python_calamine as calamine
from lxml import etree

from renpu.registers.lines import Line, Sheet, Told

UNPACKED_BYTES = 4 << 30  # of all parts together; more than that is no office's list

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


class Unreadable(Exception):
    """The file is no workbook that can be read; `told` says why."""

    def __init__(self, told: Told):
        super().__init__(told.code)
        self.told = told


def kind(path: Path) -> str:
    """What sort of workbook a file is: an ending without its dot."""
    if not zipfile.is_zipfile(path):
        return "xls"
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
    return "xlsx" if "xl/workbook.xml" in names else "xlsb" if "xl/workbook.bin" in names else "ods"


def open_workbook(path: Path) -> tuple[list[Sheet], list[Told]]:
    """The visible sheets that hold anything, and what is to tell about the others. Raises Unreadable."""
    packed = path.open("rb").read(2) == b"PK"
    try:
        if packed:
            with zipfile.ZipFile(path) as parts:
                if not {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(parts.namelist()):
                    raise Unreadable(Told("not_a_table"))
                if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES:
                    raise Unreadable(Told("workbook_too_large"))
        with path.open("rb") as file:
            return _sheets(calamine.CalamineWorkbook.from_filelike(file), path, packed)
    except calamine.PasswordError as error:
        raise Unreadable(Told("workbook_locked")) from error
    except (calamine.CalamineError, zipfile.BadZipFile, etree.XMLSyntaxError, OSError, EOFError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise Unreadable(Told("workbook_damaged")) from error


def _sheets(book: calamine.CalamineWorkbook, path: Path, packed: bool) -> tuple[list[Sheet], list[Told]]:
    sheets: list[Sheet] = []
    told: list[Told] = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        formulas, errors = _formulas_and_errors(path, meta.name) if packed else ({}, {})
        if sheet.end is None and not formulas:
            continue
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            told.append(Told("sheet_hidden", sheet=meta.name, values={"rows": sheet.end[0] + 1 if sheet.end else 0}))
            continue
        lines = _lines(sheet)
        ranges = sheet.merged_cell_ranges or []
        sheets.append(Sheet(meta.name, lines, _merged(ranges, lines), formulas, errors))
    return sheets, told


def _lines(sheet: calamine.CalamineSheet) -> list[Line]:
    rows = sheet.to_python(skip_empty_area=False)
    return [Line(number, cells) for number, cells in enumerate(rows, 1)]


def _merged(ranges: list[tuple[tuple[int, int], tuple[int, int]]], lines: list[Line]) -> dict[tuple[int, int], object]:
    """By (row from 1, position from 0): the value of a range merged down, for its rows after the first."""
    lent: dict[tuple[int, int], object] = {}
    for (top, left), (bottom, right) in ranges:
        if left != right or top >= len(lines) or left >= len(lines[top].cells):
            continue
        value = lines[top].cells[left]
        lent.update({(row + 1, left): value for row in range(top + 1, min(bottom, len(lines) - 1) + 1)})
    return lent


def _formulas_and_errors(path: Path, sheet: str) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], str]]:
    """By (row from 1, position from 0): the text of each formula with its equals sign, and each error shown (#N/A).
    Empty for other formats than .xlsx."""
    formulas: dict[tuple[int, int], str] = {}
    errors: dict[tuple[int, int], str] = {}
    with zipfile.ZipFile(path) as parts:
        part = _part_of(parts, sheet)
        if part is None or not _holds(parts, part, (b"<f", b't="e"')):
            return formulas, errors
        with parts.open(part) as file:
            events = etree.iterparse(file, tag=f"{_SPREADSHEET}c", resolve_entities=False, no_network=True)
            for _, cell in events:
                if place := _REFERENCE.fullmatch(cell.get("r", "")):
                    at = int(place[2]), _position(place[1])
                    formula = cell.find(f"{_SPREADSHEET}f")
                    if formula is not None:
                        formulas[at] = "=" + (formula.text or "")
                    if cell.get("t") == "e":
                        errors[at] = cell.findtext(f"{_SPREADSHEET}v") or "#"
                cell.clear()
                while cell.getprevious() is not None:
                    del cell.getparent()[0]
    return formulas, errors


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


def _holds(parts: zipfile.ZipFile, part: str, needles: tuple[bytes, ...]) -> bool:
    with parts.open(part) as file:
        before = b""
        while block := file.read(1 << 20):
            if any(needle in before + block for needle in needles):
                return True
            before = block[-8:]
    return False


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - 64
    return position - 1
