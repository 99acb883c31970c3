"""An unknown file mapped by a clerk: kept sealed while it waits, taken in as the clerk says, and known again by its
header the next time."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from renpu.platform import vault
from renpu.platform.office import author
from renpu.registers import guessing, problems
from renpu.registers.actions import stage
from renpu.registers.models import Delivery, RegisterMapping, WaitingFile
from renpu.registers.places import scope
from renpu.registers.problems import RegisterRefused, sentence
from renpu.registers.reading import Reading
from renpu.registers.recognise import first_rows, recognise, the_one
from renpu.registers.rows import Row
from renpu.registers.source import RegisterSource
from renpu.registers.sources import SOURCES, find

WAITS = timedelta(days=1)
LARGEST = 50_000_000  # bytes of a file that is kept sealed in one piece
PREVIEW = 20  # rows
OF_THE_REGISTER = ("header_missing", "columns_missing", "no_rows")  # why a file is refused as one register only
IN_CLEAR = ("upload-", "mapping-")  # folders of a file in clear, for as long as one request lasts


def applied(mapping: RegisterMapping) -> RegisterSource | None:
    """The register as its mapping calls its columns; what is not mapped is not read. None where the register or a
    column is no longer declared."""
    source = find(mapping.source)
    if source is None:
        return None
    named = {title: name for name, title in mapping.columns.items()}
    try:
        return source.called({**dict.fromkeys(mapping.titles, ""), **named})
    except KeyError:
        return None


def known(path: Path, area: str) -> RegisterMapping | None:
    """The mapping by which a file of an area is known again, or None."""
    seen = guessing.fingerprints(first_rows(path))
    found = RegisterMapping.objects.filter(area_code=scope(area), fingerprint__in=seen)
    return found.order_by("-made_at").first()


def known_source(path: Path, area: str, named: RegisterSource | None, at: datetime | None = None):
    """The register as a mapping calls its columns, for a file of an area that is known again by its header, and for no
    other register than the one named; None where there is none."""
    found = known(path, area)
    if found is None or (named and found.source != named.name):
        return None
    source = applied(found)
    if source:
        RegisterMapping.objects.filter(pk=found.pk).update(used=F("used") + 1, used_at=at or timezone.now())
    return source


def source_of(path: Path, area: str, named: RegisterSource | None = None) -> tuple[RegisterSource | None, str]:
    """(the register a file is read as, how it was found: named, known, recognised); None where a clerk must map it.

    A register that was named is taken where the file fits it, or where nothing in the file can be seen."""
    fits = recognise(path, [named] if named else SOURCES)
    if named and (fits or not first_rows(path)):
        return named, "named"
    if source := known_source(path, area, named):
        return source, "known"
    if named is None and (source := the_one(fits)):
        return source, "recognised"
    return None, ""


def unread(path: Path) -> str:
    """Why nothing of a file can be seen whichever register it is: locked, cut off, damaged. Empty where that is not the
    reason."""
    if first_rows(path):
        return ""
    reading = Reading(path, SOURCES[0], timezone.localdate())
    for _rows in reading.slices():
        pass
    why = next((told for told in reading.refusals if told.code not in OF_THE_REGISTER), None)
    return sentence(why, **{**reading.context(), "provider": _("office that sent it")}) if why else ""


def wait(path: Path, *, area: str, at: datetime, by, source: RegisterSource | None) -> WaitingFile:
    """Keep a file sealed until its columns are mapped; RegisterRefused for one that is too large, or without a
    table."""
    size = path.stat().st_size
    if size > LARGEST:
        raise RegisterRefused(problems.TOO_LARGE_TO_MAP % {"file": path.name})
    if guessing.sketch(path) is None:
        raise RegisterRefused(unread(path) or problems.NO_TABLE % {"file": path.name})
    waiting = WaitingFile.objects.create(
        area_code=area,
        file_name=path.name,
        size=size,
        source=source.name if source else "",
        received_at=at,
        received_by=by,
    )
    place = _place(waiting.pk)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_bytes(vault.seal_bytes(path.read_bytes(), waiting.pk.bytes))
    place.chmod(0o600)
    return waiting


@contextmanager
def opened(waiting: WaitingFile) -> Iterator[Path]:
    """The file in clear under its own name, for as long as the block runs; RegisterRefused where it is gone, or has
    waited for longer than a day."""
    drop_old(timezone.now())
    try:
        sealed = _place(waiting.pk).read_bytes()
    except FileNotFoundError:
        raise RegisterRefused(problems.FILE_GONE % {"file": waiting.file_name}) from None
    with tempfile.TemporaryDirectory(dir=settings.HOME / "files", prefix="mapping-") as folder:
        path = Path(folder) / waiting.file_name
        path.write_bytes(vault.unseal_bytes(sealed, waiting.pk.bytes))
        yield path


def drop(waiting: WaitingFile) -> None:
    """A file that waits is forgotten."""
    _place(waiting.pk).unlink(missing_ok=True)
    WaitingFile.objects.filter(pk=waiting.pk).delete()


def drop_old(at: datetime) -> None:
    """Forget the files that have waited for longer than a day, and what a server that was killed has left of an upload;
    asked whenever a file comes or deliveries are destroyed."""
    for one in WaitingFile.objects.filter(received_at__lt=at - WAITS):
        drop(one)
    for folder in (settings.HOME / "files").glob("*-*"):
        if folder.name.startswith(IN_CLEAR) and folder.stat().st_mtime < (at - WAITS).timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def preview(path: Path, source: RegisterSource, at: datetime) -> tuple[list[Row], Reading]:
    """The first rows as they would be read, and the reading up to there with what it tells."""
    reading = Reading(path, source, at.date())
    rows: list[Row] = []
    for some in reading.slices():
        rows = some[:PREVIEW]
        break
    return rows, reading


def problems_of(source: RegisterSource, columns: Mapping[str, str]) -> list[str]:
    """What is wrong with a mapping (title -> column), each as a sentence."""
    told = [
        problems.COLUMN_NEEDED % {"column": column.header, "title": source.title}
        for column in guessing.missing(source, columns)
    ]
    names = list(columns.values())
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        titles = "、".join(title for title, one in columns.items() if one == name)
        told.append(problems.COLUMN_NAMED_TWICE % {"column": source.column(name).header, "found": titles})
    if len(set(names)) < 2:
        told.append(problems.TWO_COLUMNS)
    return [str(one) for one in told]


def save(
    *, area: str, name: str, source: RegisterSource, columns: Mapping[str, str], titles: list[str], at: datetime, by
) -> RegisterMapping:
    """Remember a mapping (title -> column) for files with these titles; RegisterRefused where it has a problem."""
    if told := problems_of(source, columns):
        raise RegisterRefused(" ".join(told))
    mapping, _ = RegisterMapping.objects.update_or_create(
        area_code=scope(area),
        fingerprint=guessing.fingerprint(titles),
        defaults={
            "name": name.strip()[:80] or str(source.title)[:80],
            "source": source.name,
            "columns": {column: title for title, column in columns.items()},
            "titles": titles,
            "made_at": at,
            "made_by": author(by),
        },
    )
    return mapping


def take_in(waiting: WaitingFile, mapping: RegisterMapping, *, at: datetime, by, census_id: int) -> Delivery:
    """The waiting file staged as its mapping says; then it waits no longer."""
    source = applied(mapping)
    if source is None:
        raise RegisterRefused(problems.MAPPING_OUTDATED % {"name": mapping.name})
    with opened(waiting) as path:
        delivery = stage(path, source, area=waiting.area_code, at=at, by=by, census_id=census_id)
    with transaction.atomic():
        RegisterMapping.objects.filter(pk=mapping.pk).update(used=F("used") + 1, used_at=at)
    drop(waiting)
    return delivery


def _place(key: UUID) -> Path:
    return settings.HOME / "files" / "waiting" / key.hex
