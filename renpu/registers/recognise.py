"""Which register a file is: the source whose columns its header names best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from renpu.registers import reader_page, reader_text, reader_workbook, reader_zip
from renpu.registers.lines import Line
from renpu.registers.reading import is_workbook, unfit
from renpu.registers.source import HEADER_ROWS_SEARCHED, RegisterSource, find_header
from renpu.registers.table import texts_of

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the header of a file fits a source: how many columns it names, and how many of its titles it does not
    know."""

    source: RegisterSource
    known: int
    unknown: int


def recognise(path: Path, sources: Sequence[RegisterSource]) -> list[Fit]:
    """The sources that the file can be, the one that fits best first; those that fit as well as it stand beside it.

    Empty where the file cannot be read or has every needed column of no source."""
    tables = first_rows(path)
    found = [fit for source in sources if (fit := _best(source, tables))]
    return sorted(found, key=lambda fit: (fit.unknown - fit.known, fit.unknown, fit.source.name))


def the_one(fits: Sequence[Fit]) -> RegisterSource | None:
    """The source that fits better than every other, or None."""
    if not fits:
        return None
    rank = [fit.unknown - fit.known for fit in fits[:2]]
    return fits[0].source if len(rank) == 1 or rank[0] < rank[1] else None


def first_rows(path: Path) -> list[Rows]:
    """The first rows of each table of a file, as far as a header is looked for: of text once for each delimiter that
    occurs. Empty where the file cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if unfit(head):
            return []
        if is_workbook(head) and reader_zip.is_archive(path):
            return [rows for member in reader_zip.members_of(path)[0] for rows in _of_member(path, member)]
        if is_workbook(head):
            return [_first(sheet.lines) for sheet in reader_workbook.open_workbook(path)[0]]
        if reader_page.is_page(head):
            return [_first(sheet.lines) for sheet in reader_page.open_page(path)[2]]
    except (OSError, reader_workbook.Unreadable):
        return []
    text = reader_text.open_text(path)
    return [_first(text.lines(one)) for one in reader_text.sniff_delimiters(text)]


def _of_member(path: Path, member: reader_zip.Member) -> list[Rows]:
    with reader_zip.unpacked(path, member) as unpacked:
        return [] if reader_zip.is_archive(unpacked) else first_rows(unpacked)


def _first(lines: Iterable[Line]) -> Rows:
    return [(line.number, texts_of(line)) for line in islice(lines, HEADER_ROWS_SEARCHED)]


def _best(source: RegisterSource, tables: Sequence[Rows]) -> Fit | None:
    best: Fit | None = None
    for rows in tables:
        header = find_header(source, rows)
        if header is None or header.missing(source) or (source.readings and not header.has_readings):
            continue
        titles = sum(1 for title in header.titles if title)
        fit = Fit(source, len(header.at), titles - len(header.at))
        if best is None or fit.unknown - fit.known < best.unknown - best.known:
            best = fit
    return best
