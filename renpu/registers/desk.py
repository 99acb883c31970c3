"""How the office looks into a delivery: which rows to show, what stands in them masked, and a file on its way in."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from renpu.concepts.codes import code_list
from renpu.concepts.masking import mask_identity_number, mask_name
from renpu.platform.given import uuid_of
from renpu.platform.vault import unseal
from renpu.registers import quality
from renpu.registers.actions import difference, seal_place
from renpu.registers.lines import Told
from renpu.registers.models import Delivery, OpenAddress, RegisterMapping, RegisterRow
from renpu.registers.problems import MESSAGES, sentence
from renpu.registers.source import HEADER_ROWS_SEARCHED
from renpu.registers.sources import find

PAGE = 100
LARGEST = 200_000_000  # bytes of an upload; a larger file is loaded with `renpu load`, which shows its progress
VIEWS = ("problems", "refused", "duplicates", "new", "gone", "changed", "all")
PLACED_AS = "placed-"  # a view of rows by the code of `address_placing` that follows
FAILS = "fails-"  # a view of rows that fail the measure of quality that follows


def view_of(delivery: Delivery, asked: str) -> str:
    """The view that is asked for, where there is one; else rows with problems."""
    known = asked in VIEWS or asked in delivery.problems
    known = known or asked.removeprefix(PLACED_AS) in code_list("address_placing")
    return asked if known or asked.removeprefix(FAILS) in {one.code for one in quality.measures()} else "problems"


def rows_of(delivery: Delivery, view: str, after: int) -> tuple[list[dict[str, Any]], int]:
    """One page of rows, masked, with their problems as sentences; and the key of the next page (0 = none).

    `view` is what `view_of` gives: one of VIEWS, the code of a problem, or how rows were placed or fail a measure.
    """
    rows = RegisterRow.objects.filter(delivery=delivery)
    match view:
        case "problems":
            rows = rows.with_codes([code for code in delivery.problems if not MESSAGES[code].note])
        case "refused":
            rows = rows.filter(refused=True)
        case "duplicates":
            rows = rows.exclude(duplicate_of=None)
        case "new" | "gone" | "changed":
            rows = getattr(difference(delivery), view)
        case code if code.startswith(PLACED_AS):
            rows = rows.filter(placed=code.removeprefix(PLACED_AS))
        case code if code.startswith(FAILS):
            rows = quality.failing(delivery, code.removeprefix(FAILS))
        case code if code in delivery.problems:
            rows = rows.with_codes([code])
    found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    shown = found[:PAGE]
    return [masked(row, delivery) for row in shown], shown[-1].pk if len(found) > PAGE else 0


def masked(row: RegisterRow, delivery: Delivery) -> dict[str, Any]:
    """A row as a page may show it."""
    place = (str(row.delivery_id), row.sheet, row.number)
    name = unseal(row.name_sealed, seal_place(*place, "name"))
    number = unseal(row.id_sealed, seal_place(*place, "id"))
    told = [Told(code, "", row.number, column, found, values) for code, column, found, values in row.problems]
    return {
        "of": row,
        "name": mask_name(name),
        "number": mask_identity_number(number),
        "birth": row.birth[:7],
        "problems": [sentence(one, **context(delivery)) for one in told],
    }


def newest(rows: QuerySet, moment: str, before: str, limit: int) -> tuple[list, str]:
    """The newest rows of a query by `moment`, of those older than the row whose key is `before` where it is given; and
    the key to go on with (empty = none)."""
    last = rows.filter(pk=before).values_list(moment, "pk").first() if uuid_of(before) else None
    if last:
        rows = rows.filter(Q(**{f"{moment}__lt": last[0]}) | Q(**{moment: last[0], "pk__lt": last[1]}))
    found = list(rows.order_by(f"-{moment}", "-pk")[: limit + 1])
    return found[:limit], str(found[limit - 1].pk) if len(found) > limit else ""


def rows_with_address(address: OpenAddress, limit: int) -> list[dict[str, Any]]:
    """The first rows that have an address that waits, masked, with the titles of their registers."""
    rows = RegisterRow.objects.filter(
        delivery=address.delivery, placed=address.placed, area_code=address.row_area, address=address.address
    )
    return [
        {**masked(row, address.delivery), "title": title_of(address.delivery)} for row in rows.order_by("pk")[:limit]
    ]


def title_of(one: Delivery | RegisterMapping):
    """The title of its register in the reader's language."""
    source = find(one.source)
    return source.title if source else one.source


def context(delivery: Delivery) -> dict[str, Any]:
    """What the sentences about a file may name beside what was found."""
    source = find(delivery.source)
    width = max((len(of.get("at", {})) for of in delivery.columns.values()), default=0)
    return {
        "file": delivery.file_name,
        "encoding": delivery.encoding,
        "provider": source.provider if source else delivery.source,
        "title": source.title if source else delivery.source,
        "width": width,
        "searched": HEADER_ROWS_SEARCHED,
    }


def told_of(delivery: Delivery) -> list[tuple[str, bool]]:
    """What there is to tell about the file: (sentence, does it refuse the file), refusals first."""
    told = [(sentence(as_told(one), **context(delivery)), MESSAGES[one["code"]].refuses) for one in delivery.told]
    return sorted(told, key=lambda one: not one[1])


def problems_of(delivery: Delivery) -> list[dict[str, Any]]:
    """By code, the most frequent first: how many rows, and the first of them as sentences."""
    return [
        {
            "code": code,
            "rows": of["rows"],
            "note": MESSAGES[code].note,
            "first": [sentence(as_told(one), **context(delivery)) for one in of["first"][:1]],
        }
        for code, of in sorted(delivery.problems.items(), key=lambda item: -item[1]["rows"])
    ]


def as_told(one: dict[str, Any]) -> Told:
    return Told(one["code"], one["sheet"], one["row"], one["column"], one["found"], one.get("values", {}))


@contextmanager
def uploaded(upload) -> Iterator[Path]:
    """An uploaded file under its own name, for as long as the block runs."""
    folder = settings.HOME / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="upload-") as place:
        path = Path(place) / Path(upload.name).name
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file, 1 << 20)
        yield path
