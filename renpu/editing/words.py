"""A form, its edits and the events of a household in words; personal values are masked unless cleared."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from renpu.collection import answers as items
from renpu.collection import journal
from renpu.collection.fold import Held
from renpu.collection.models import Event
from renpu.concepts.masking import mask_identity_number, mask_name, mask_phone
from renpu.editing.questionnaire import Wording, wording
from renpu.editing.rules import rule_set
from renpu.platform.language import code_word, in_language

HIDDEN = "…"
PLACES = ("D7_code", "D8_code")
MONTHS = ("D5", "birth", "died")


class Row(NamedTuple):
    """An item and its answers, one a form shown side by side; `differs` says that they are not the same."""

    label: str
    values: tuple[str, ...]
    differs: bool = False


class Section(NamedTuple):
    """A part of a form: the household, one person, one death. `differs` if any of its items does."""

    title: str
    rows: tuple[Row, ...]
    differs: bool = False


def side_by_side(
    forms: Iterable[items.Answers | None], parameters: Mapping[str, Any], *, clear: bool, names: Mapping[str, str]
) -> list[Section]:
    """The sections of one form, or of several beside each other; persons are matched by uuid, then by line.

    `names` are names of areas by code, for the places that a form gives as codes.
    """
    forms = [form or items.Answers(items.Household()) for form in forms]
    by_table: dict[str, list[Wording]] = {}
    for w in wording(parameters):
        by_table.setdefault(w.table, []).append(w)

    def section(title: str, table: str, parts: list[Any]) -> Section:
        rows = []
        for w in by_table[table]:
            given = [getattr(part, w.name, None) if part is not None else None for part in parts]
            if all(value in (None, "") for value in given):
                continue
            words = tuple(answer(w, value, clear=clear, names=names) for value in given)
            rows.append(Row(in_language(w.zh, w.en), words, len(set(map(str, given))) > 1))
        return Section(title, tuple(rows), any(row.differs for row in rows))

    found = [section(_("Household"), "household", [form.household for form in forms])]
    for n, people in enumerate(matched([form.persons for form in forms]), 1):
        name = next((p.D1 for p in people if p is not None and p.D1), "")
        shown = name if clear else mask_name(name)
        found.append(section(_("Person %(n)s: %(name)s") % {"n": n, "name": shown or "–"}, "person", people))
    deaths = [form.deaths for form in forms]
    for n in range(max(map(len, deaths), default=0)):
        parts = [one[n] if n < len(one) else None for one in deaths]
        found.append(section(_("Death %(n)s") % {"n": n + 1}, "death", parts))
    return found


class People(NamedTuple):
    """The persons or deaths of one form as a table: a column each, a row an item."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def in_columns(title: str, parts: list[Any], table: str, parameters, *, clear: bool, names) -> People:
    """The persons (`table` person) or deaths (`death`) of a form beside each other; unanswered items left out."""
    words = [w for w in wording(parameters) if w.table == table]
    rows = []
    for w in words:
        values = tuple(answer(w, getattr(part, w.name, None), clear=clear, names=names) for part in parts)
        if any(values):
            rows.append(Row(in_language(w.zh, w.en), values))
    return People(title, tuple(str(n) for n in range(1, len(parts) + 1)), tuple(rows))


def matched(persons: list[list[items.Person]]) -> list[list[items.Person | None]]:
    """The same person of each form in one row."""
    keys: dict[str, None] = {}
    by_form = []
    for people in persons:
        known = {p.uuid or f"line {n}": p for n, p in enumerate(people, 1)}
        by_form.append(known)
        keys.update(dict.fromkeys(known))
    return [[known.get(key) for known in by_form] for key in keys]


def answer(w: Wording, value: Any, *, clear: bool, names: Mapping[str, str]) -> str:
    """An answer in words."""
    if value is None or value == "":
        return ""
    if w.name in ("D1", "name"):
        return value if clear else mask_name(value)
    if w.name == "D3":
        return value if clear else mask_identity_number(value)
    if w.name in MONTHS and len(value) == 6:
        return f"{value[:4]}-{value[4:]}"
    if w.name in PLACES:
        return f"{names[value]} {value}" if value in names else value
    return code_word(w.codes, value) if w.codes else str(value)


class Edit(NamedTuple):
    """An edit of a form: the rule in words, the line it is about (0 = the household), and how it stands."""

    rule: str
    line: int
    severity: str
    title: str
    message: str
    open: bool
    reason: str

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.line}"


def edits_in_words(form: Any, settled: Iterable[Any], parameters: Mapping[str, Any]) -> list[Edit]:
    """The outcome of the check of a form (`journal.Held`) in words; the open ones first, hard before queries.

    Of a query confirmed at the door the coded reason is told; what was written beside it may name a person.
    """
    text = form.edits.text
    rules = {rule.id: rule for rule in rule_set(parameters).rules}
    done = {(s.rule, s.line): s for s in settled}
    at_the_door = {(c.rule, c.line): c.reason for c in getattr(form.payload, "confirmed", ())}
    found = []
    for rule_id, line, severity in json.loads(text) if text else ():
        rule, by_office = rules.get(rule_id), done.get((rule_id, line))
        found.append(
            Edit(
                *(rule_id, line, severity),
                in_language(*rule.title) if rule else rule_id,
                in_language(*rule.message) if rule else "",
                severity in ("H", "C") and by_office is None,
                (by_office.text or by_office.reason)
                if by_office
                else code_word("confirmation_reason", at_the_door.get((rule_id, line))),
            )
        )
    return sorted(found, key=lambda e: (not e.open, "HCKO".index(e.severity), e.rule, e.line))


class Told(NamedTuple):
    """An event as the timeline tells it: (label, value) pairs under a title."""

    event: Event
    title: str
    facts: list[tuple[str, str]]
    personal: bool  # something in it is masked


def event_in_words(event: Event, *, clear: bool) -> Told:
    """One event of the journal, opened."""
    kind, payload = journal.opened(event.id, bytes(event.payload))
    title, facts, personal = TELL[kind](payload, clear)
    return Told(event, title, [(label, value) for label, value in facts if value not in ("", None)], personal)


def held_in_words(held: Held, *, clear: bool) -> tuple[str, list[tuple[str, str]]]:
    """What an event says that is no form: its title and facts."""
    title, facts, _personal = TELL[held.kind](held.payload, clear)
    return title, [(label, value) for label, value in facts if value not in ("", None)]


def _moment(moment) -> str:
    from renpu.platform.models import local

    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _line(p, clear):
    facts = [
        (_("Number wanted"), p.household_no),
        (_("Type"), code_word("household_type", p.household_type)),
        (_("Address"), p.address),
        (_("Head"), p.head if clear else mask_name(p.head)),
        (_("Reason"), p.reason),
    ]
    return _("Roster line opened"), facts, bool(p.head)


def _visit(p, clear):
    people = [
        (_("living here"), p.n_here),
        (_("away"), p.n_away),
        (_("with hukou"), p.n_hukou),
        (_("residents"), p.n_resident),
    ]
    facts = [
        (_("Outcome"), code_word("visit_outcome", p.outcome)),
        (_("Status after"), code_word("household_status", p.status_after)),
        (_("Persons"), _(", ").join(f"{label} {n}" for label, n in people if n is not None)),
        (_("Slip"), p.slip_no),
        (_("Appointment"), _moment(p.appointment_at)),
        (_("With the police"), _("yes") if p.with_police else ""),
        (_("Self-enumeration code"), _("issued") if p.self_code else ""),
        (_("Head"), p.head if clear else mask_name(p.head)),
        (_("Telephone"), p.phone if clear else mask_phone(p.phone) if p.phone else ""),
        (_("Note"), p.note if clear or not p.note else HIDDEN),
    ]
    title = code_word("collection_mode", p.mode) if p.mode else _("Desk check")
    return title, facts, bool(p.head or p.phone or p.note)


def _form(p, clear):
    facts = [
        (_("Method"), code_word("collection_mode", p.method)),
        (_("Status on the form"), code_word("household_status", p.household_status)),
        (_("Persons"), str(len(p.answers.persons))),
        (_("Deaths"), str(len(p.answers.deaths)) if p.answers.deaths else ""),
        (_("Queries confirmed at the door"), str(len(p.confirmed)) if p.confirmed else ""),
        (_("Read back"), _("yes") if p.read_back else ""),
        (_("Signature"), _("present") if p.signature else ""),
    ]
    return _("Short form"), facts, False


def _foreign(p, clear):
    facts = [
        (
            str(n),
            _(", ").join(
                filter(
                    None,
                    (
                        one.name if clear else mask_name(one.name),
                        code_word("sex", one.sex),
                        one.nationality,
                        (one.document if clear else mask_identity_number(one.document)) if one.document else "",
                    ),
                )
            ),
        )
        for n, one in enumerate(p.persons, 1)
    ]
    return _("Residents of Hong Kong, Macao, Taiwan and foreigners"), facts, bool(p.persons)


def _tracing(p, clear):
    facts = [
        (_("Case"), p.case_no),
        (_("Person"), str(p.line or "")),
        (_("Lives in"), " ".join(filter(None, (code_word("residence_place", p.to_place), p.to_code)))),
        (_("Opened"), p.opened_on),
        (_("Channel"), p.channel),
        (_("Outcome"), code_word("tracing_outcome", p.outcome)),
        (_("Closed"), p.closed_on),
    ]
    return _("Separated person traced"), facts, False


def _settle(p, clear):
    facts = [(f"{s.rule}" + (f" · {s.line}" if s.line else ""), s.text or s.reason) for s in p.edits]
    return _("Edits settled"), facts, False


def _merge(p, clear):
    kept = _("the current one kept") if p.keep == "current" else _("the other one taken")
    return _("Merge task decided"), [(_("Decision"), kept), (_("Reason"), p.reason)], False


def _lock(p, clear):
    title = _("Locked") if p.locked else _("Unlocked")
    return title, [(_("Reason"), p.reason)], False


def _remove(p, clear):
    title = _("Removed from the roster") if p.removed else _("Put back on the roster")
    return title, [(_("Reason"), p.reason)], False


TELL = {
    "line": _line,
    "visit": _visit,
    "form": _form,
    "foreign": _foreign,
    "tracing": _tracing,
    "settle": _settle,
    "merge": _merge,
    "lock": _lock,
    "remove": _remove,
}
