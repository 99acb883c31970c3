"""Archives as offices send them: the files in a .zip, one after the other, under their Chinese names.

A member is unpacked by itself into a folder that only this user can read, and deleted when it was read. What an archive
may hold is bounded, so that a small file cannot fill the disk.
"""

import errno
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from renpu.registers.lines import Told
from renpu.registers.reader_workbook import Unreadable

MEMBERS = 500
UNPACKED_BYTES = 2 << 30  # of all members together
SHRINKS = 200  # a member of more than a megabyte that shrinks to less than 1/200 is no list
UTF8_NAME = 0x800  # flag of a member whose name is UTF-8
ENCRYPTED = 0x1

_OF_THE_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini", "~$")
_OF_A_DOCUMENT = (b"[Content_Types].xml", b"docProps/", b"_rels/", b"xl/", b"word/", b"ppt/", b"mimetype")
_PACKED = (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, under the name as its sender wrote it."""

    name: str
    info: zipfile.ZipInfo


def is_archive(path: Path) -> bool:
    """Is the file a .zip that is no workbook and no document?"""
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        with path.open("rb") as file:
            head = file.read(4096)
        return head.startswith(b"PK") and not any(part in head for part in _OF_A_DOCUMENT)
    office = {"[Content_Types].xml", "content.xml", "mimetype", "xl/workbook.xml", "xl/workbook.bin"}
    return not names & office and not any(name.startswith(("word/", "xl/", "ppt/")) for name in names)


def members_of(path: Path) -> tuple[list[Member], list[Told]]:
    """The files in an archive in the order of their names, and what is to tell. Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(Told("archive_damaged")) from error
    members = [Member(name_of(info), info) for info in infos]
    mine = [member for member in members if not _is_of_the_system(member.name)]
    for member in mine:
        if member.info.flag_bits & ENCRYPTED:
            raise Unreadable(Told("archive_locked", found=member.name))
        if member.name.lower().endswith(_PACKED):
            raise Unreadable(Told("archive_nested", found=member.name))
        if member.info.file_size > max(1 << 20, SHRINKS * member.info.compress_size):
            raise Unreadable(Told("archive_too_large", found=member.name))
    if len(mine) > MEMBERS or sum(member.info.file_size for member in mine) > UNPACKED_BYTES:
        raise Unreadable(Told("archive_too_large", found=path.name))
    told = [Told("member_of_system", found=str(len(members) - len(mine)))] if len(mine) < len(members) else []
    return sorted(mine, key=lambda member: member.name), told


def name_of(info: zipfile.ZipInfo) -> str:
    """A member's name: UTF-8 where the archive says so or the bytes are that, else GB18030, as Windows writes it."""
    if info.flag_bits & UTF8_NAME:
        return unicodedata.normalize("NFC", info.filename)
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return info.filename


@contextmanager
def unpacked(path: Path, member: Member) -> Iterator[Path]:
    """The member as a file of its own while the block runs. Raises Unreadable where it is damaged or longer than it
    says."""
    with tempfile.TemporaryDirectory(prefix="renpu-") as folder:
        last = PurePosixPath(member.name.replace("\\", "/").replace("\0", "")).name
        out = Path(folder) / (last[-60:] or "member")
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member.info) as packed, out.open("wb") as file:
                left = member.info.file_size
                while block := packed.read(1 << 20):
                    left -= len(block)
                    if left < 0:
                        raise Unreadable(Told("archive_too_large", found=member.name))
                    file.write(block)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # which a place outside the file gives
                raise
            raise Unreadable(Told("member_damaged", found=member.name)) from error
        yield out


def _is_of_the_system(name: str) -> bool:
    last = PurePosixPath(name).name
    return name.startswith(_OF_THE_SYSTEM[0]) or last.startswith(("._", *_OF_THE_SYSTEM[1:]))
