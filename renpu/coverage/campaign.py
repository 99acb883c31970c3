"""Items worked by telephone (电话核实): a call sheet with what a caller needs, as a workbook or on paper, and the sheet
taken in again, each filled row a try.

Telephones stand on it in clear: for a purpose, written into the access log; each item keeps a step that says on which
sheet it was. The workbook holds texts alone, never formulas. What comes back is read row by row: good rows are kept,
every problem is told with its row.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import xlsxwriter
from django.db import transaction
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from renpu.concepts.codes import code_list
from renpu.coverage import bulk, evidence, problems, work
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem, WorkStep
from renpu.geography.places import names_of
from renpu.listing.models import Household
from renpu.platform.given import uuid_of
from renpu.platform.language import code_word
from renpu.platform.models import TIME_ZONE, AccessEvent, Census
from renpu.platform.office import author
from renpu.platform.vault import unseal
from renpu.registers.models import RegisterRow
from renpu.registers.reader_workbook import Unreadable, open_workbook

MOST = 300  # calls on a sheet: a caller makes 100 to 300 a day
READ = 1000  # rows of a sheet that comes back
LARGEST = 5_000_000  # bytes of a sheet that comes back
KINDS = ("empty_registered", "register_missing", "unit_member", "residence_omission", "tracing", "birth_missing")
FIELDS = ("id", "outcome", "at", "next", "reason", "note")
MARK = "renpu:"
LINE = 16  # points
OTHERS = 5  # telephones of a household's other rows


class Call(NamedTuple):
    """A line of a call sheet, in clear."""

    item: WorkItem
    kind: str
    who: str
    about: str  # sex, birth, relation
    address: str
    phones: tuple[str, ...]
    known: str  # what the comparison said
    tried: str
    where: str


def waiting(user, census: Census, area_code: str, kind: str, now: datetime):
    """Open items of a kind in the order of calling: appointments that are due, then the fewest tries, then the day,
    then as the list has them, so that a household stays together."""
    found = WorkItem.objects.visible_to(user).of(census).in_area(area_code).open().filter(kind=kind, reason="")
    return found.filter(Q(next_at=None) | Q(next_at__lte=now)).order_by(
        F("next_at").asc(nulls_last=True), "tries", "due_on", F("row_id").asc(nulls_last=True), "id"
    )


def choose(user, census: Census, area_code: str, kind: str, n: int, now: datetime) -> list[Call]:
    """The first n items that have a telephone."""
    found: list[Call] = []
    rows = waiting(user, census, area_code, kind, now)
    start = 0
    while len(found) < n and (some := list(rows[start : start + MOST])):
        found += [call for call in calls_of(user, census, some) if call.phones]
        start += MOST
    return found[:n]


def calls_of(user, census: Census, found: Iterable[WorkItem]) -> list[Call]:
    """What a caller needs to know of each item."""
    found = list(found)
    homes = Household.objects.visible_to(user).filter(census_id=census.pk)
    homes = homes.in_bulk({i.household_id for i in found if i.household_id})
    rows = RegisterRow.objects.in_bulk({i.row_id for i in found if i.row_id})
    others = of_household(rows.values())
    codes = {i.area_code for i in found}
    names = names_of(codes | {code[:12] for code in codes})
    calls = []
    for item in found:
        home, row = homes.get(item.household_id), rows.get(item.row_id)
        sealed = evidence.opened(row) if row else {}
        phones = [sealed.get("phone", "")]
        if home is not None:
            phones.append(unseal(home.phone, home.id.bytes + b"phone"))
        if row is not None:
            phones += others.get((row.delivery_id, row.household_no), ())
        head = unseal(home.head, home.id.bytes + b"head") if home else ""
        about = [code_word("sex", row.sex), row.birth, row.relation] if row else []
        known = [f"{label}{_(': ')}{words}" for label, words in evidence.told(item.evidence)]
        tried = [str(item.tries)] if item.tries else []
        if item.last_outcome:
            tried.append(code_word("visit_outcome", item.last_outcome))
        calls.append(
            Call(
                item,
                str(kinds()[item.kind]),
                sealed.get("name") or head,
                " ".join(word for word in about if word),
                (row.address if row else "") or (home.address if home else ""),
                tuple(dict.fromkeys(phone for phone in phones if phone)),
                "；".join(known),
                " ".join(tried),
                evidence.place_word(item.area_code, names),
            )
        )
    return calls


def of_household(rows: Iterable[RegisterRow]) -> dict[tuple[UUID, str], list[str]]:
    """(delivery, household number) -> telephones of the household's rows in the same list."""
    wanted = {(row.delivery_id, row.household_no) for row in rows if row.household_no}
    found: dict[tuple[UUID, str], list[str]] = {}
    same = RegisterRow.objects.filter(
        delivery_id__in={key for key, _no in wanted}, household_no__in={no for _key, no in wanted}
    )
    for row in same.exclude(phone_sealed=None).order_by("delivery_id", "number") if wanted else ():
        key = (row.delivery_id, row.household_no)
        if key in wanted and len(found.setdefault(key, [])) < OTHERS:
            found[key].append(evidence.opened(row)["phone"])
    return found


def hand_out(calls: list[Call], area_code: str, purpose: str, *, by: Any, at: datetime) -> UUID:
    """Write into the access log that these telephones are handed out in clear, and on each item that it is on this
    sheet; gives the sheet's key. WorkRefused without a purpose or without an item."""
    if len(purpose.strip()) < 2:
        raise work.WorkRefused(problems.PURPOSE_NEEDED)
    if not calls:
        raise work.WorkRefused(problems.NOBODY_TO_CALL)
    sheet = uuid4()
    with transaction.atomic():
        AccessEvent.objects.create(
            at=at,
            by=by,
            action="call_sheet",
            area_code=area_code,
            about=f"{sheet} · {len(calls)}",
            purpose=purpose.strip()[:200],
        )
        ids = sorted(call.item.pk for call in calls)
        bulk.hold_of(ids)
        held = list(WorkItem.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        for item in held:
            item.version += 1
        WorkItem.objects.bulk_update(held, ["version"])
        WorkStep.objects.bulk_create(
            WorkStep(item=item, at=at, by=author(by), did="sheet", version=item.version, facts={"sheet": str(sheet)})
            for item in held
        )
    return sheet


WIDTHS = (5, 14, 9, 16, 24, 14, 24, 12, 15, 17, 17, 20, 18, 12)  # in characters, as a workbook counts them
PLACES = {"outcome": 8, "at": 9, "next": 10, "reason": 11, "note": 12, "id": 13}


def heads() -> list[str]:
    return [
        _("No."), _("Block"), _("Name"), _("About"), _("Address"), _("Telephone"), _("What is to be found out"),
        _("Tried"), _("What came of it"), _("When"), _("Appointment"), _("It turned out"), _("Note (no names)"), "",
    ]  # fmt: skip


def workbook(calls: list[Call], sheet: UUID, title: str, purpose: str) -> bytes:
    """The call sheet as a workbook: what to know on the left, what to fill in on the right, with lists to choose
    from."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(_("Calls"))
    text = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BBBBBB", "quote_prefix": True}
    known, open_cell = book.add_format(text), book.add_format({**text, "bg_color": "#FFF8E1"})
    head = book.add_format({**text, "bold": True, "bg_color": "#E8F0FD", "quote_prefix": False})
    moment = book.add_format({**text, "bg_color": "#FFF8E1", "num_format": "yyyy-mm-dd hh:mm", "quote_prefix": False})
    for n, width in enumerate(WIDTHS):
        page.set_column(n, n, width, None, {"hidden": n == PLACES["id"]})
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, _("Purpose: %(purpose)s. Destroy the sheet when it was taken in.") % {"purpose": purpose})
    for name, n in PLACES.items():
        page.write_string(2, n, f"{MARK}{name}")
    page.write_string(2, 0, f"{MARK}sheet:{sheet}")
    page.set_row(2, None, None, {"hidden": True})
    for n, word in enumerate(heads()):
        page.write_string(3, n, word, head)
    lists = book.add_worksheet(_("Lists"))
    lists.hide()
    ranges = {"": column(lists, 0, [code_word("visit_outcome", code) for code in code_list("visit_outcome").codes])}
    for n, kind in enumerate(sorted({call.item.kind for call in calls}), 1):
        ranges[kind] = column(lists, n, [code_word(*reason) for reason in kinds()[kind].reasons])
    for n, call in enumerate(calls, 1):
        row = n + 3
        cells = (
            str(n), call.where, call.who, call.about, call.address, "\n".join(call.phones),
            f"{call.kind}\n{call.known}".strip(), call.tried,
        )  # fmt: skip
        for place, word in enumerate(cells):
            page.write_string(row, place, word, known)
        page.set_row(row, LINE * max(lines_of(word, width) for word, width in zip(cells, WIDTHS, strict=False)))
        for name in ("outcome", "reason", "note"):
            page.write_blank(row, PLACES[name], None, open_cell)
        for name in ("at", "next"):
            page.write_blank(row, PLACES[name], None, moment)
        page.write_string(row, PLACES["id"], str(call.item.pk), known)
        page.data_validation(row, PLACES["outcome"], row, PLACES["outcome"], {"validate": "list", "source": ranges[""]})
        page.data_validation(
            row, PLACES["reason"], row, PLACES["reason"], {"validate": "list", "source": ranges[call.item.kind]}
        )
    page.freeze_panes(4, 3)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(3)
    book.close()
    return out.getvalue()


def column(page, place: int, words: list[str]) -> str:
    """Write a list of choices; gives its range as a validation names it."""
    for n, word in enumerate(words):
        page.write_string(n, place, word)
    letter = xlsxwriter.utility.xl_col_to_name(place)
    return f"='{page.get_name()}'!${letter}$1:${letter}${len(words)}"


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a column; a Chinese character is as wide as two others."""
    return sum(1 + max(0, sum(1 + (char > "\u2e80") for char in line) - 1) // width for line in text.split("\n"))


class Problem(NamedTuple):
    row: int
    text: str


class TakenIn(NamedTuple):
    """What a sheet that came back held: tries written, results reported back, rows that were in before, rows left
    empty, and every problem."""

    tries: int
    proposed: int
    before: int
    empty: int
    problems: list[Problem]


class Filled(NamedTuple):
    """A filled row as read."""

    row: int
    item: WorkItem
    tried: work.Try
    reason: work.Reason | None


def take_in(path: Path, user, census: Census, *, at: datetime) -> TakenIn:
    """Take a filled sheet in. WorkRefused where the file is no call sheet at all; else good rows become tries, once,
    and problems are told by row."""
    sheet, rows = read(path)
    told: list[Problem] = []
    numbered = [(number, id) for number, values in rows if (id := uuid_of(values["id"]))]
    held = {i.pk: i for i in WorkItem.objects.visible_to(user).of(census).filter(pk__in=[id for _n, id in numbered])}
    on_sheet = set(
        WorkStep.objects.filter(did="sheet", item__in=held, facts__sheet=str(sheet)).values_list("item_id", flat=True)
    )
    known = set(WorkStep.objects.filter(did="try", batch=sheet).values_list("item_id", flat=True))
    counts: Counter[str] = Counter()
    seen: dict[UUID, int] = {}
    for number, values in rows:
        if not any(values[name] not in ("", None) for name in FIELDS[1:]):
            counts["empty"] += 1
            continue
        key = uuid_of(values["id"])
        item = held.get(key) if key in on_sheet else None
        if item is None:
            told.append(Problem(number, str(problems.NOT_ON_SHEET)))
        elif item.pk in seen:
            told.append(Problem(number, problems.ROW_TWICE % {"row": seen[item.pk]}))
        elif item.pk in known:
            counts["before"] += 1
        else:
            seen[item.pk] = number
            write_row(number, item, values, sheet, counts, told, by=author(user), at=at)
    return TakenIn(counts["tries"], counts["proposed"], counts["before"], counts["empty"], told)


def write_row(number, item, values, sheet, counts, told, *, by: str, at: datetime) -> None:
    """One filled row: a try and, where it says what it turned out to be, the report back; else its problems."""
    filled, wrong = parse(number, item, values, at)
    if wrong:
        told += wrong
        return
    try:
        with transaction.atomic():
            work.attempt(item, filled.tried, by=by, at=at, seen=None, batch=sheet)
            if filled.reason:
                work.propose(item, filled.reason, by=by, at=at, seen=None)
    except work.WorkRefused as refusal:
        told.append(Problem(number, str(refusal)))
        return
    counts["tries"] += 1
    counts["proposed"] += filled.reason is not None


def parse(number: int, item: WorkItem, values: dict[str, Any], at: datetime) -> tuple[Filled | None, list[Problem]]:
    """A filled row, or everything that is wrong with it."""
    wrong = []

    def tell(message, found):
        wrong.append(Problem(number, message % {"found": str(found)[:40]}))

    outcome = choice(values["outcome"], [("visit_outcome", code) for code in code_list("visit_outcome").codes])
    if outcome is None:
        tell(problems.OUTCOME_UNKNOWN, values["outcome"] or "–")
    reason = None
    if values["reason"]:
        reason = choice(values["reason"], kinds()[item.kind].reasons)
        if reason is None:
            tell(problems.RESULT_UNKNOWN, values["reason"])
    moments = {}
    for name in ("at", "next"):
        moments[name] = moment(values[name])
        if values[name] and moments[name] is None:
            tell(problems.TIME_UNREADABLE, values[name])
    if moments["at"] and moments["at"] > at:
        tell(problems.CALL_AHEAD, values["at"])
    if moments["next"] and moments["next"] <= (moments["at"] or at):
        tell(problems.NEXT_PAST, values["next"])
    if wrong:
        return None, wrong
    tried = work.Try("phone", int(outcome[1]), moments["at"], moments["next"], str(values["note"] or "").strip()[:400])
    return Filled(number, item, tried, reason), []


def choice(word: Any, of: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The code whose label, in either language, or whose number was written."""
    text = str(word or "").strip()
    if text.endswith(".0"):
        text = text[:-2]
    for name, code in of:
        if text and text in (code, *code_list(name)[code]):
            return name, code
    return None


def moment(value: Any) -> datetime | None:
    """A moment on the clock of the census, from a cell that holds one or a text such as 2020-11-12 18:30."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or TIME_ZONE)
    try:
        found = parse_datetime(str(value or "").strip().replace("/", "-").replace("：", ":"))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or TIME_ZONE) if found else None


def read(path: Path) -> tuple[UUID, list[tuple[int, dict[str, Any]]]]:
    """(key of the sheet, rows as (number as the sheet shows it, values by FIELDS)). WorkRefused for any other file."""
    if path.stat().st_size > LARGEST:
        raise work.WorkRefused(problems.NO_CALL_SHEET)
    try:
        sheets, _told = open_workbook(path)
    except Unreadable:
        raise work.WorkRefused(problems.NO_CALL_SHEET) from None
    for sheet in sheets:
        lines = iter(sheet.lines)
        for line in lines:
            places, key = marks(line.cells)
            if key and set(FIELDS) <= places.keys():
                next(lines, None)  # the words above the columns
                return key, list(islice(rows_of(lines, places), READ))
    raise work.WorkRefused(problems.NO_CALL_SHEET)


def marks(cells: list[object]) -> tuple[dict[str, int], UUID | None]:
    """Which column holds which field, and the sheet's key, of the hidden row of marks."""
    places, key = {}, None
    for n, cell in enumerate(cells):
        if isinstance(cell, str) and cell.startswith(MARK):
            word = cell.removeprefix(MARK)
            if word.startswith("sheet:"):
                key = uuid_of(word.removeprefix("sheet:"))
            else:
                places[word] = n
    return places, key


def rows_of(lines: Iterator, places: dict[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in lines:
        cells = line.cells
        values = {name: cells[n] if n < len(cells) and cells[n] is not None else "" for name, n in places.items()}
        values["id"] = str(values["id"]).strip()
        if any(values[name] for name in FIELDS):
            yield line.number, values
