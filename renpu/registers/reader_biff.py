"""What a workbook of the old kind (.xls, BIFF8 in a compound file) holds besides its values: which cells are formulas,
which rows and columns are hidden; and whether a password encrypts it. Source: [MS-CFB] 2 and [MS-XLS] 2.4.

Whatever does not fit the format ends the look: what was found until then is given.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIZES = (9, 12)  # of sectors: 512 or 4,096 bytes

_BOUND_SHEET, _DAYS, _LOCK, _ROW, _COLUMNS, _END = 0x0085, 0x0022, 0x002F, 0x0208, 0x007D, 0x000A
_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x1
_BOOK = ("Workbook", "Book")
_BROKEN = (struct.error, IndexError, ValueError)


@dataclass(slots=True)
class Beside:
    """Of one sheet: formulas by (row from 1, position from 0), hidden rows (from 1) and columns (from 0); and whether
    its workbook counts days from 1904."""

    formulas: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_from_1904: bool = False


def beside(content: bytes) -> list[Beside]:
    """For each sheet in the order of the workbook; empty where the file is no such workbook."""
    try:
        book = _stream(content, _BOOK)
        of_book = list(_records(book, 0))
        starts = [struct.unpack_from("<I", data)[0] for code, data in of_book if code == _BOUND_SHEET]
        is_from_1904 = any(code == _DAYS and data[:1] == b"\1" for code, data in of_book)
        return [_of_sheet(book, start, is_from_1904) for start in starts]
    except _BROKEN:
        return []


def is_locked(content: bytes) -> bool:
    """Whether a password encrypts the workbook: one of the old kind, or an .xlsx, which then lies in a compound file.
    [MS-XLS] 2.4.117, [MS-OFFCRYPTO] 2.3.4."""
    with suppress(*_BROKEN):
        return any(code == _LOCK for code, _ in _records(_stream(content, _BOOK), 0))
    with suppress(*_BROKEN):
        _stream(content, ("EncryptedPackage",))
        return True
    return False


def _of_sheet(book: bytes, start: int, is_from_1904: bool) -> Beside:
    found = Beside(is_from_1904=is_from_1904)
    for code, data in _records(book, start):
        if code in _FORMULAS:
            row, column = struct.unpack_from("<HH", data)
            found.formulas.append((row + 1, column))
        elif code == _ROW and struct.unpack_from("<H", data, 12)[0] & _HIDDEN_ROW:
            found.hidden_rows.append(struct.unpack_from("<H", data)[0] + 1)
        elif code == _COLUMNS and struct.unpack_from("<H", data, 8)[0] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<HH", data)
            found.hidden_columns.extend(range(first, min(last, 255) + 1))
    return found


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(code, data) of each record from a place to the end of its part."""
    while at + 4 <= len(book):
        code, size = struct.unpack_from("<HH", book, at)
        if code == _END:
            return
        yield code, book[at + 4 : at + 4 + size]
        at += 4 + size


def _stream(content: bytes, names: tuple[str, ...]) -> bytes:
    """A stream of a compound file. Raises ValueError where there is none of these names."""
    if not content.startswith(SIGNATURE):
        raise ValueError("no compound file")
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    directory, _, cutoff, mini_table = struct.unpack_from("<4I", content, 48)
    if shift not in SIZES:
        raise ValueError("sectors of no size there is")
    size = 1 << shift
    table = _table(content, size)

    def chain(start: int) -> bytes:
        return b"".join(content[(n + 1) * size : (n + 2) * size] for n in _chain(table, start))

    entries = chain(directory)
    root = entries[:128]
    for at in range(0, len(entries), 128):
        entry = entries[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        if name in names:
            start, length = struct.unpack_from("<II", entry, 116)
            if length >= cutoff:
                return chain(start)[:length]
            minis, mini = chain(struct.unpack_from("<I", root, 116)[0]), 1 << mini_shift
            of_minis = _numbers(chain(mini_table))
            return b"".join(minis[n * mini : (n + 1) * mini] for n in _chain(of_minis, start))[:length]
    raise ValueError("no such stream")


def _table(content: bytes, size: int) -> tuple[int, ...]:
    """Which sector follows each one."""
    places = list(struct.unpack_from("<109I", content, 76))
    further, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        sector = _numbers(content[(further + 1) * size : (further + 2) * size])
        places.extend(sector[:-1])
        further = sector[-1]
    parts = (content[(place + 1) * size : (place + 2) * size] for place in places if place < 0xFFFFFFFA)
    return _numbers(b"".join(parts))


def _chain(table: tuple[int, ...], start: int) -> Iterator[int]:
    for _ in range(len(table) + 1):  # no sector comes twice
        if start >= 0xFFFFFFFA:
            return
        yield start
        start = table[start]
    raise ValueError("a chain without end")


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])
