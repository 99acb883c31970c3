"""Two records beside each other with their households, and how far they agree, as the comparison sees it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple
from uuid import UUID

import polars as pl
from django.db.models import Q
from django.urls import reverse

from renpu.collection.models import Person
from renpu.concepts import dates
from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.linkage import agreement, wording
from renpu.linkage.fields import prepare, standard
from renpu.linkage.models import Link, line_key, row_key
from renpu.linkage.wording import Agreement
from renpu.listing.models import Household
from renpu.platform.language import code_word, in_language
from renpu.platform.vault import unseal
from renpu.registers.actions import seal_place
from renpu.registers.models import RegisterRow
from renpu.registers.sources import find

COMPARED = ("name", "sex", "birth", "id_number", "phone", "address")
MEMBERS = 30  # of a household, shown
WORTH = {"same": 3, "near": 2, "differ": 0, "missing": 0}


@dataclass(slots=True)
class Record:
    """One person as a register row or a form line says; `values` are opened, by the names of COMPARED."""

    key: str
    area_code: str
    source: str
    values: dict[str, str | None]
    relation: str = ""
    household_no: str = ""
    more: tuple[tuple[str, str], ...] = ()
    url: str = ""
    visible: bool = True
    household: Any = None

    def shown(self, name: str, *, clear: bool) -> str:
        """A value as a page shows it; nothing of a record that lies outside the reader's area."""
        text = self.values.get(name) or ""
        if not self.visible or not text:
            return ""
        if name == "sex":
            return code_word("sex", text)
        if name == "birth":
            read = dates.read(text).value or text
            return read if clear else read[:7]
        return text if clear or name == "address" else MASKS[name](text)


Levels = dict[tuple[int, int], dict[str, Agreement]]
MASKS: dict[str, Callable[[str], str]] = {"name": mask_name, "id_number": mask_identity_number, "phone": mask_phone}


def records(keys: Iterable[str], user: Any) -> dict[str, Record]:
    """The records of these keys that exist; those outside the user's area bear no values on a page. Without a user all
    of them do."""
    rows, lines = [], []
    for key in keys:
        kind, _colon, rest = key.partition(":")
        if kind == "row" and rest.isdecimal():
            rows.append(int(rest))
        elif kind == "line" and len(parts := rest.split(":")) == 2 and parts[1].isdecimal():
            lines.append((UUID(parts[0]), int(parts[1])))
    found = {}
    if rows:
        visible = RegisterRow.objects.visible_to(user) if user is not None else RegisterRow.objects.all()
        seen = set(visible.filter(pk__in=rows).values_list("pk", flat=True))
        for row in RegisterRow.objects.filter(pk__in=rows).select_related("delivery"):
            found[row_key(row.pk)] = of_row(row, visible=row.pk in seen)
    if lines:
        wanted = reduce(Q.__or__, (Q(household_id=household, line=line) for household, line in lines))
        people = list(Person.objects.filter(wanted))
        homes = Household.objects.in_bulk({p.household_id for p in people})
        visible = Household.objects.visible_to(user) if user is not None else Household.objects.all()
        seen = set(visible.filter(removed=False, pk__in=homes).values_list("pk", flat=True))
        for p in people:
            if p.household_id in homes:
                record = of_line(p, homes[p.household_id], visible=p.household_id in seen)
                found[record.key] = record
    return found


def of_row(row: RegisterRow, *, visible: bool = True) -> Record:
    place = (str(row.delivery_id), row.sheet, row.number)

    def opened(name: str) -> str | None:
        return unseal(getattr(row, f"{name}_sealed"), seal_place(*place, name)) or None

    source = find(row.delivery.source)
    facts = (
        (in_language("户别", "Kind of household"), row.household_kind),
        (in_language("户号", "No."), row.household_no),
    )
    return Record(
        row_key(row.pk),
        row.block_code or row.area_code,
        str(source.title) if source else row.delivery.source,
        {
            "name": opened("name"),
            "sex": str(row.sex) if row.sex else None,
            "birth": row.birth or None,
            "id_number": opened("id"),
            "phone": opened("phone"),
            "address": row.address or None,
        },
        relation=row.relation,
        household_no=row.household_no,
        more=tuple(fact for fact in facts if fact[1]),
        url=f"{reverse('delivery', args=[row.delivery_id])}?show=all&after={row.pk - 1}",
        visible=visible,
        household=row,
    )


def of_line(p: Person, h: Household, *, visible: bool = True) -> Record:
    where = p.household_id.bytes + bytes((p.line & 255,))
    facts = (
        (in_language("居住地", "Lives"), code_word("residence_place", p.residence_place)),
        (in_language("户口登记地", "Hukou"), code_word("hukou_place", p.hukou_place)),
    )
    return Record(
        line_key(p.household_id, p.line),
        h.block_code,
        in_language("普查短表", "Census form"),
        {
            "name": unseal(p.name, where + b"name") or None,
            "sex": str(p.sex) if p.sex else None,
            "birth": p.birth or None,
            "id_number": unseal(p.number, where + b"number") or None,
            "phone": unseal(h.phone, h.id.bytes + b"phone") or None,
            "address": h.address or None,
        },
        relation=code_word("relationship", p.relationship),
        household_no=h.household_no,
        more=tuple(fact for fact in facts if fact[1]),
        url=reverse("household", args=[h.id]),
        visible=visible,
        household=h,
    )


def household_of(record: Record) -> list[Record]:
    """The others of the record's household, in the order of their list; nobody where it lies outside the area."""
    if not record.visible:
        return []
    if isinstance(record.household, Household):
        people = Person.objects.filter(household_id=record.household.id).order_by("line")[:MEMBERS]
        found = [of_line(p, record.household) for p in people]
    else:
        row = record.household
        together = {"household_no": row.household_no} if row.household_no else {"unit_id": row.unit_id}
        if not any(together.values()):
            return []
        rows = RegisterRow.objects.filter(delivery=row.delivery_id, refused=False, area_code=row.area_code, **together)
        found = [of_row(r) for r in rows.select_related("delivery").order_by("number", "id")[:MEMBERS]]
    return [one for one in found if one.key != record.key]


class Compared(NamedTuple):
    """A field of both records as shown, and how far it agrees."""

    field: str
    left: str
    right: str
    agreement: Agreement


class Beside(NamedTuple):
    """Two members of the households who are most likely one person; one of them may be missing."""

    left: str
    right: str
    agreement: Agreement
    words: str


@dataclass(slots=True)
class Pair:
    """All that a clerk sees of a link."""

    link: Link
    left: Record | None
    right: Record | None
    fields: list[Compared] = field(default_factory=list)
    members: list[Beside] = field(default_factory=list)

    @property
    def reason(self) -> list[tuple[str, str]]:
        """The comparison's own reason: (mark, words) each."""
        return [(wording.SIGNS[sign], words) for sign, words in wording.in_words(self.link.reason)]

    @property
    def outside(self) -> bool:
        return any(side is not None and not side.visible for side in (self.left, self.right))


def pair_of(link: Link, user: Any, *, clear: bool) -> Pair:
    """The link's two records with their households. A record that is no longer there, since a newer form or delivery
    took its place, is None."""
    found = records((link.left, link.right), user)
    pair = Pair(link, found.get(link.left), found.get(link.right))
    if pair.left is None or pair.right is None:
        return pair
    sides = [[one, *household_of(one)] for one in (pair.left, pair.right)]
    levels = _levels(*sides)
    for name in COMPARED:
        left, right = (one.shown(name, clear=clear) for one in (pair.left, pair.right))
        pair.fields.append(Compared(wording.field_name(name), left, right, levels[0, 0][name]))
    for a, b in _beside(levels, len(sides[0]), len(sides[1])):
        left = _member(sides[0][a], clear=clear) if a is not None else ""
        right = _member(sides[1][b], clear=clear) if b is not None else ""
        pair.members.append(Beside(left, right, *_how(levels, a, b)))
    return pair


def _how(levels: Levels, a: int | None, b: int | None) -> tuple[Agreement, str]:
    """How far two members agree: by their names, and in words."""
    if a is None or b is None:
        return wording.MISSING, in_language("对方户中没有", "not in the other household")
    of = levels[a, b]
    said = [wording.of_field(n, of[n]) for n in ("name", "birth", "id_number") if of[n] is not wording.MISSING]
    return of["name"], in_language("，", ", ").join(said)


def _member(record: Record, *, clear: bool) -> str:
    name, sex, birth = (record.shown(n, clear=clear) for n in ("name", "sex", "birth"))
    return " ".join(text for text in (name, record.relation, sex, birth) if text)


def _levels(left: list[Record], right: list[Record]) -> Levels:
    """How far each of the left agrees with each of the right, field by field, by the comparison's own measure."""
    schema = dict.fromkeys(COMPARED, pl.String)
    frames = [pl.DataFrame([one.values for one in side], schema=schema) for side in (left, right)]
    fields = standard(COMPARED)
    columns = prepare(frames[0], frames[1], fields)
    across = [(a, b) for a in range(len(left)) for b in range(len(right))]
    rows = [pl.Series([pair[side] for pair in across], dtype=pl.UInt32) for side in (0, 1)]
    found: Levels = {pair: {} for pair in across}
    for one, column in zip(fields, columns, strict=True):
        names = agreement.LEVELS[one.kind]
        for pair, level in zip(across, agreement.compare(column, *rows), strict=True):
            known = level is not None and level != agreement.MISSING
            found[pair][one.name] = wording.agreements()[one.kind, names[level]] if known else wording.MISSING
    return found


def _beside(levels: Levels, n: int, m: int) -> list[tuple[int | None, int | None]]:
    """Who stands beside whom among the others of both households: the most alike first, each once."""

    def worth(pair: tuple[int, int]) -> int:
        of = levels[pair]
        return sum(weight * WORTH[of[name].sign] for name, weight in (("name", 3), ("id_number", 3), ("birth", 2)))

    free_left, free_right = set(range(1, n)), set(range(1, m))
    found: list[tuple[int | None, int | None]] = []
    for pair in sorted(((a, b) for a in free_left for b in free_right), key=lambda p: (-worth(p), p)):
        if worth(pair) >= 6 and pair[0] in free_left and pair[1] in free_right:
            found.append(pair)
            free_left.discard(pair[0])
            free_right.discard(pair[1])
    found += [(a, None) for a in sorted(free_left)] + [(None, b) for b in sorted(free_right)]
    return found
