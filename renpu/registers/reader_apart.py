"""Workbooks of other kinds than .xlsx (.xls, .xlsb, .ods), opened in a process of its own with bounded memory and time.

A damaged one may name a cell a billion columns away, and no library asks before it makes room for them. Here only that
process ends, and the file is told to be damaged. `python -m renpu.registers.reader_apart FILE OUT` is the process.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import python_calamine as calamine

from renpu.registers.reader_biff import Beside, beside, is_locked

MEMORY = 2 << 30  # bytes of address space
SECONDS = 180
WHY = {3: "workbook_locked", 4: "workbook_damaged", 5: "workbook_too_large"}  # how the process says why it ended
LOCKED, DAMAGED, TOO_LARGE = WHY


class Failed(Exception):
    """The workbook could not be read; `code` of what is to be told."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its name, whether it is shown, its rows of cells from the first row and column on, and its merged ranges
    as ((top, left), (bottom, right)) from 0; of .xls also its formulas and what is hidden."""

    name: str
    visible: bool
    rows: list[list[object]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    beside: Beside


def grids(path: Path) -> list[Grid]:
    """The sheets of a workbook. Raises Failed."""
    here = Path(__file__).parents[2]
    paths = os.pathsep.join(filter(None, (str(here), os.environ.get("PYTHONPATH", ""))))
    with tempfile.TemporaryDirectory(prefix="renpu-") as folder:
        out = Path(folder) / "grids"
        command = [sys.executable, "-m", "renpu.registers.reader_apart", str(path.resolve()), str(out)]
        try:
            done = subprocess.run(
                command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise Failed(WHY[TOO_LARGE]) from late
        if done.returncode:
            raise Failed(WHY.get(done.returncode, WHY[DAMAGED]))
        with out.open("rb") as file:
            return pickle.load(file)


def _read(content: bytes) -> list[Grid]:
    book = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
    of_sheets = iter(beside(content))
    found = []
    for meta in book.sheets_metadata:
        of_sheet = next(of_sheets, Beside())
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = sheet.to_python(skip_empty_area=False) if sheet.end else []
        visible = meta.visible == calamine.SheetVisibleEnum.Visible
        found.append(Grid(meta.name, visible, rows, sheet.merged_cell_ranges or [], of_sheet))
    return found


def _bound() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def main(path: str, out: str) -> int:
    _bound()
    try:
        content = Path(path).read_bytes()
        if is_locked(content):  # the library tries one kind after the other, and says that it is none
            return LOCKED
        found = _read(content)
    except MemoryError:
        return TOO_LARGE
    except Exception:
        return DAMAGED
    try:
        Path(out).write_bytes(pickle.dumps(found, 5))
    except MemoryError:
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    from renpu.registers import reader_apart  # so that what is written down is not called __main__

    sys.exit(reader_apart.main(*sys.argv[1:]))
