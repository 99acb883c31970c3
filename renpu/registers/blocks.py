"""A delivery cut to blocks: what the enumerator of a block may see of it, masked unless a purpose is given."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.geography.matching import PLACED
from renpu.geography.models import Unit
from renpu.platform.language import code_word
from renpu.platform.models import AccessEvent
from renpu.platform.office import author
from renpu.platform.vault import unseal
from renpu.registers import places, problems
from renpu.registers.actions import seal_place
from renpu.registers.models import Delivery, DeliveryStep, PlacedCount, RegisterRow
from renpu.registers.problems import RegisterRefused

BLOCK = 15
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Cut:
    """One row as it is handed out. `dwelling` is the unit of the frame, empty where none was found."""

    number: int
    dwelling: str
    address: str
    placed: str
    household_no: str
    relation: str
    name: str
    sex: str
    birth: str
    identity: str
    phone: str
    said: str


def blocks_of(delivery: Delivery, user) -> list[tuple[str, int, int]]:
    """(block, rows, rows placed in a dwelling) of the blocks of a delivery that the user sees."""
    counts = PlacedCount.objects.visible_to(user).filter(delivery=delivery).order_by("area_code")
    found: dict[str, list[int]] = {}
    for area, placed, rows in counts.values_list("area_code", "placed").annotate(n=Sum("rows")):
        if len(area) == BLOCK:
            both = found.setdefault(area, [0, 0])
            both[0] += rows
            both[1] += rows if placed in PLACED else 0
    return [(block, *both) for block, both in found.items()]


def cut(delivery: Delivery, block: str, *, clear: bool = False) -> list[Cut]:
    """The rows of a delivery that lie in a block, by dwelling; personal values masked unless `clear`."""
    rows = list(RegisterRow.objects.filter(delivery=delivery, block_code=block, refused=False).order_by("pk"))
    in_order = Unit.objects.filter(block_code=block).order_by("building_id", "number", "address", "pk")
    units = dict(in_order.values_list("pk", "address"))
    order = {pk: n for n, pk in enumerate(units)}
    rows.sort(key=lambda row: (order.get(row.unit_id, len(order)), row.address, row.pk))
    return [_cut(row, units.get(row.unit_id, ""), clear) for row in rows]


def hand_out(delivery: Delivery, block: str, *, at: datetime, by, clear: bool = False, purpose: str = "") -> list[Cut]:
    """The rows for a block's enumerator, and the log of handing them out. In clear a purpose is needed:
    RegisterRefused without one."""
    if clear and not purpose.strip():
        raise RegisterRefused(problems.PURPOSE_MISSING)
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=delivery.pk).must_have_rows()
        rows = cut(delivery, block, clear=clear)
        note = purpose.strip() if clear else gettext("masked")
        did = DeliveryStep.Did.EXPORTED
        places.step(delivery, did, at=at, by=author(by), area=block, rows=len(rows), note=note)
        if clear:
            AccessEvent.objects.create(
                at=at, by=by, action="register_block", area_code=block, about=f"delivery {delivery.pk}",
                purpose=purpose.strip()[:200],
            )  # fmt: skip
    return rows


def as_csv(rows: list[Cut]) -> str:
    """The rows as CSV that a spreadsheet opens as text: a value that looks like a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["行号", "户室", "地址", "落址", "户号", "与户主关系", "姓名", "性别", "出生日期", "证件号码",
                     "电话", "其他", "核查结果"])  # fmt: skip
    writer.writerows([*map(_safe, _values(row)), ""] for row in rows)
    return "\ufeff" + out.getvalue()


def _values(row: Cut) -> Iterator[str]:
    yield str(row.number)
    yield from (row.dwelling, row.address, code_word("address_placing", row.placed), row.household_no, row.relation)
    yield from (row.name, row.sex, row.birth, row.identity, row.phone, row.said)


def _safe(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _cut(row: RegisterRow, dwelling: str, clear: bool) -> Cut:
    place = (str(row.delivery_id), row.sheet, row.number)
    name, identity, phone = (
        unseal(sealed, seal_place(*place, field))
        for field, sealed in (("name", row.name_sealed), ("id", row.id_sealed), ("phone", row.phone_sealed))
    )
    said = [row.use, gettext("%(n)d persons") % {"n": row.persons} if row.persons is not None else "", row.happened_on]
    return Cut(
        row.number,
        dwelling,
        row.address,
        row.placed,
        row.household_no,
        row.relation,
        name if clear else mask_name(name),
        str(code_word("sex", row.sex)) if row.sex else "",
        row.birth if clear else row.birth[:7],
        identity if clear else mask_identity_number(identity),
        phone if clear else mask_phone(phone),
        " ".join(filter(None, said)),
    )
