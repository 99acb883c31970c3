"""Delimited text as offices send it: which encoding, which delimiter, and its records with the line each begins on.

Memory stays flat: the file is read line by line, and a record may span at most `LINES_OF_A_RECORD` lines.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from renpu.registers.lines import Line, Told

SAMPLE_BYTES = 1 << 20
LINES_OF_A_RECORD = 50  # a quoted field that runs on for longer has lost its closing quote
LENGTH_OF_A_LINE = 1 << 20  # bytes, or characters of UTF-16; the rest is read as the next line
DELIMITERS = (",", "\t", ";", "|", "，")

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HAN = re.compile(r"[\u3400-\u9fff]")
_NOT_ASCII = bytes(range(128, 256))
_TEXT_OF_THE_OTHER = re.compile(r"[\x09\x0a\x0d\x20-\x7e\u00b7\u2010-\u2027\u3000-\u303f\u3400-\u9fff\uff00-\uffef]*")

csv.field_size_limit(LENGTH_OF_A_LINE * 2)


@dataclass(slots=True)
class TextFile:
    """An opened text file. `told` grows while `lines` is read; it is complete after the last line."""

    path: Path
    encoding: str
    bom: int
    told: list[Told] = field(default_factory=list)

    def lines(self, delimiter: str, advanced: Callable[[int], None] = lambda size: None) -> Iterator[Line]:
        """The records, each with the number of the line it begins on (from 1); `advanced` is called with bytes read."""
        return _Records(self, delimiter, self._texts(advanced)).read()

    def name_of_encoding(self) -> str:
        return self.encoding.upper() + (" (BOM)" if self.bom else "")

    def _texts(self, advanced: Callable[[int], None]) -> Iterator[tuple[str, str]]:
        """(one physical line with its end, code of what was wrong with its characters or empty)."""
        with self.path.open("rb") as file:
            file.seek(self.bom)
            advanced(self.bom)
            texts = self._wide(file, advanced) if self.encoding.startswith("utf-16") else self._narrow(file, advanced)
            for text, code in texts:
                body = text.removesuffix("\n").removesuffix("\r")
                if "\r" in body:  # one that ends no line
                    text, code = body.replace("\r", " ") + text[len(body) :], code or "control_characters"
                yield text, code

    def _wide(self, file: io.BufferedReader, advanced: Callable[[int], None]) -> Iterator[tuple[str, str]]:
        odd = (self.path.stat().st_size - self.bom) % 2
        newline = "\n" if _has_newline(self.path, self.encoding) else "\r"
        number = 0
        texts = io.TextIOWrapper(file, self.encoding, errors="replace", newline=newline)
        while text := texts.readline(LENGTH_OF_A_LINE):
            number += 1
            advanced(2 * len(text))
            yield text, "characters_lost" if "\ufffd" in text else ""
        if odd:
            self.told.append(Told("cut_in_character", row=number))

    def _narrow(self, file: io.BufferedReader, advanced: Callable[[int], None]) -> Iterator[tuple[str, str]]:
        other = "utf-8" if self.encoding == "gb18030" else "gb18030"
        number = 0
        for raw in _physical_lines(file):
            number += 1
            advanced(len(raw))
            if raw.isascii():
                yield raw.decode("ascii"), ""
                continue
            if other == "utf-8" and (text := _certainly_utf8(raw)):
                yield text, "other_encoding"
                continue
            try:
                yield raw.decode(self.encoding), ""
                continue
            except UnicodeDecodeError as error:
                if error.end >= len(raw) and not raw.endswith((b"\n", b"\r")):
                    self.told.append(Told("cut_in_character", row=number))
                    yield raw[: error.start].decode(self.encoding, "replace"), "characters_lost"
                    continue
            text = _decoded(raw, other) if other == "gb18030" else ""
            if text and _TEXT_OF_THE_OTHER.fullmatch(text):
                yield text, "other_encoding"
            else:
                yield raw.decode(self.encoding, "replace"), "characters_lost"


def open_text(path: Path) -> TextFile:
    """The file with the encoding its bytes show: a byte order mark, the zero bytes of UTF-16, valid UTF-8, else GB18030
    (which holds GBK and GB 2312)."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return TextFile(path, encoding, len(bom))
    if wide := _zeros_of_utf16(sample):
        return TextFile(path, wide, 0)
    return TextFile(path, "utf-8" if _mostly_utf8(path, sample) else "gb18030", 0)


def sniff_delimiters(text: TextFile) -> list[str]:
    """The delimiters that occur in the first lines, most frequent first; a comma where there is none."""
    counts = dict.fromkeys(DELIMITERS, 0)
    for number, (line, _) in enumerate(text._texts(lambda size: None)):
        for delimiter in DELIMITERS:
            counts[delimiter] += line.count(delimiter)
        if number > LINES_OF_A_RECORD:
            break
    text.told.clear()
    return sorted((one for one in DELIMITERS if counts[one]), key=lambda one: -counts[one]) or [","]


def _zeros_of_utf16(sample: bytes) -> str:
    """UTF-16 without a mark: digits, delimiters and line ends leave zero bytes on one side of each pair."""
    head = sample[: len(sample) // 2 * 2]
    high, low = head[1::2].count(0), head[0::2].count(0)
    if high + low < max(2, len(head) // 50) or max(high, low) < 9 * min(high, low):
        return ""
    return "utf-16-le" if high > low else "utf-16-be"


def _mostly_utf8(path: Path, sample: bytes) -> bool:
    """Is the whole file UTF-8, or at least half of what its beginning holds beside ASCII? A line counts by its bytes:
    one that holds 弄 alone in GB18030 reads as UTF-8, too."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(SAMPLE_BYTES):
                decoder.decode(block)
        return True  # an unfinished last character is told when the lines are read
    except UnicodeDecodeError:
        pass
    lines = [(len(line) - len(line.translate(None, _NOT_ASCII)), line) for line in sample.splitlines()]
    whole = sum(n for n, _ in lines)
    return whole > 0 and 2 * sum(n for n, line in lines if n and _decoded(line, "utf-8")) >= whole


def _certainly_utf8(raw: bytes) -> str:
    """The line as UTF-8 where that cannot be chance: no other characters than Chinese text has, four of them or
    more."""
    text = _decoded(raw, "utf-8")
    return text if len(_HAN.findall(text)) >= 4 and _TEXT_OF_THE_OTHER.fullmatch(text) else ""


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _has_newline(path: Path, encoding: str) -> bool:
    with path.open("rb") as file:
        return "\n" in file.read(SAMPLE_BYTES).decode(encoding, "replace")


def _physical_lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Lines ended by LF or CR LF, or by CR alone in a file without any LF; a longer line is given in pieces."""
    at = file.tell()
    first = file.read(SAMPLE_BYTES)
    file.seek(at)
    if b"\n" in first or b"\r" not in first:
        while raw := file.readline(LENGTH_OF_A_LINE):
            yield raw
        return
    rest = b""
    while block := file.read(SAMPLE_BYTES):
        *whole, rest = (rest + block).split(b"\r")
        yield from (line + b"\r" for line in whole)
    if rest:
        yield rest


class _Records:
    """Records of delimited text, as the csv module reads them, with their line numbers and a lost quote found."""

    def __init__(self, text: TextFile, delimiter: str, texts: Iterator[tuple[str, str]]):
        self.text = text
        self.delimiter = delimiter
        self.texts = texts
        self.again: list[tuple[str, str]] = []  # lines given back after a lost quote, the next one last
        self.taken: list[tuple[str, str]] = []  # lines of the record being read
        self.width = 0

    def _next_line(self) -> Iterator[str]:
        while len(self.taken) < LINES_OF_A_RECORD:
            line = self.again.pop() if self.again else next(self.texts, None)
            if line is None:
                return
            self.taken.append(line)
            yield line[0]

    def read(self) -> Iterator[Line]:
        number = 1
        while True:
            reader = csv.reader(self._next_line(), delimiter=self.delimiter)
            self.taken = []
            try:
                for cells in reader:
                    if self._broken():
                        break
                    yield Line(number, cells, tuple(code for _, code in self.taken if code))
                    self.width = max(self.width, len(cells))
                    number += len(self.taken)
                    self.taken = []
                else:
                    return
            except csv.Error:
                pass  # a field without end
            # A quote opened in the first line never closes: it is read as a character, the other lines by themselves.
            (first, code), *others = self.taken
            cells = next(csv.reader([first], delimiter=self.delimiter, quoting=csv.QUOTE_NONE))
            yield Line(number, cells, tuple(filter(None, (code, "quote_not_closed"))))
            at_end = len(self.taken) < LINES_OF_A_RECORD
            if at_end and (len(cells) < self.width or not first.endswith(("\n", "\r"))):
                self.text.told.append(Told("cut_in_quotes", row=number))
                return
            self.again.extend(reversed(others))
            number += 1

    def _broken(self) -> bool:
        """Did the record end because the lines ended inside quotes, or run on into a quote of another line?"""
        if not any('"' in line for line, _ in self.taken):
            return False
        try:
            list(csv.reader([line for line, _ in self.taken], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return len(self.taken) > 1 or "unexpected end of data" in str(error)
        return False
