"""Files of records: Parquet, or CSV in UTF-8 or GB18030, every value as text."""

import codecs
import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from renpu.linkage.linking import LinkageRefused


def columns(path: Path) -> list[str]:
    """The names of a file's columns. Raises LinkageRefused."""
    try:
        if _is_parquet(path):
            return list(pl.read_parquet_schema(path))
        with path.open("rb") as file:
            return pl.read_csv(_utf8(file.readline(), path), infer_schema=False).columns
    except pl.exceptions.PolarsError as error:
        raise _unreadable(path) from error


def read(path: Path, used: Sequence[str]) -> pl.DataFrame:
    """The named columns of a file. Raises LinkageRefused."""
    missing = [c for c in used if c not in columns(path)]
    if missing:
        raise LinkageRefused(f"{path.name} has no column {missing[0]}. It has: {', '.join(columns(path))}.")
    used = list(dict.fromkeys(used))
    try:
        if _is_parquet(path):
            return pl.read_parquet(path, columns=used)
        if _begins_as_utf8(path):
            with contextlib.suppress(pl.exceptions.ComputeError):  # what follows is not
                return pl.read_csv(path, columns=used, infer_schema=False)
        return pl.read_csv(_utf8(path.read_bytes(), path), columns=used, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> LinkageRefused:
    """Polars would show the line at which it stopped, with the names in it."""
    if _is_parquet(path):
        return LinkageRefused(f"{path.name} is no Parquet file, or damaged.")
    return LinkageRefused(f"{path.name} is empty, or no CSV: look for a quotation mark that is never closed.")


def write(pairs: pl.DataFrame, path: Path) -> None:
    """Pairs as Parquet or CSV, by the ending of the name; readable by their owner alone."""
    path.touch(mode=0o600)
    path.chmod(0o600)  # one that was there
    if _is_parquet(path):
        pairs.write_parquet(path)
    else:
        pairs.write_csv(path)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _begins_as_utf8(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(1 << 16)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(begin)
    except UnicodeDecodeError:
        return False
    return True


def _utf8(content: bytes, path: Path) -> io.BytesIO:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            content = content.decode("gb18030").encode()
        except UnicodeDecodeError as error:
            raise LinkageRefused(f"{path.name} is neither UTF-8 nor GB18030 from byte {error.start} on.") from error
    return io.BytesIO(content)
