"""Requests for help between committees (协查函): sent in a letter, answered, forwarded to a third, withdrawn, reminded.

A letter has a code of twelve digits with a check digit, under which a committee outside the system answers on one page
or by telephone. Whether somebody may ask or answer is for the page to check (`must(user, "ask", …)`, `addressed_to`).
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from renpu.concepts.check_digit import check_digit, fits
from renpu.coverage import work
from renpu.listing.models import Household
from renpu.platform.models import local
from renpu.platform.office import author
from renpu.platform.vault import blind_index, seal, unseal
from renpu.tracing import cases, problems
from renpu.tracing.cases import TracingRefused
from renpu.tracing.models import AnswerTry, Case, HelpRequest, Letter, RequestStep

DIGITS = 12
OPEN_AFTER_DUE = timedelta(days=30)
TRIES, TRIES_WITHIN = 10, timedelta(minutes=10)
PHONE_DIGITS = range(5, 21)
CLOSED_SO_WITHDRAWN = "已有结果，不需再查"  # reason in the log of a request, as a clerk would write it


class Addressee(NamedTuple):
    """Who is asked: a committee or police post by its area code, or a committee outside by name and address."""

    kind: str
    code: str = ""
    name: str = ""
    address: str = ""


class Asked(NamedTuple):
    """What a letter says beside the persons."""

    purpose: str
    basis: str
    due_on: date
    wants_phone: bool = True
    contact: str = ""
    contact_phone: str = ""


def send(
    people: Sequence[tuple[Case, str]], to: Addressee, asked: Asked, *, from_code: str, by, at: datetime
) -> Letter:
    """One letter about several persons, each with the address where it is thought to live (or an empty text).

    TracingRefused: nothing is sent where any part of it cannot be.
    """
    check_letter(people, to, asked, from_code, at)
    with transaction.atomic():
        letter = new_letter(to, asked, from_code, people[0][0].census_id, by=by, at=at)
        for place, (case, suspected) in enumerate(people, 1):
            ask(letter, place, case, suspected, asked.wants_phone, by=by, at=at)
    return letter


def check_letter(people, to: Addressee, asked: Asked, from_code: str, at: datetime) -> None:
    if not people:
        raise TracingRefused(problems.NO_CASES)
    outside = to.kind == Letter.Kind.OUTSIDE
    if to.kind not in Letter.Kind.values or not (to.name.strip() if outside else to.code):
        raise TracingRefused(problems.NO_ADDRESSEE)
    if to.kind == Letter.Kind.COMMITTEE and to.code == from_code:
        raise TracingRefused(problems.OWN_ADDRESSEE)
    if not asked.purpose.strip() or not asked.basis.strip():
        raise TracingRefused(problems.NO_PURPOSE)
    if asked.due_on < local(at).date():
        raise TracingRefused(problems.DUE_PASSED)
    for case, _suspected in people:
        if case.outcome is not None:
            raise TracingRefused(problems.CASE_CLOSED)
        twin = HelpRequest.objects.waiting().filter(case=case, letter__to_kind=to.kind, letter__to_code=to.code)
        twin = twin.filter(letter__to_name=to.name.strip()).select_related("letter").order_by("id").first()
        if twin is not None:
            raise TracingRefused(problems.ASKED_BEFORE % {"letter": twin.letter.number, "case": case.case_no})


def new_letter(to: Addressee, asked: Asked, from_code: str, census_id: int, *, by, at: datetime) -> Letter:
    """A letter under the next number of its committee and a code that no other letter has."""
    code = new_code()
    letter = Letter(
        id=uuid4(),
        census_id=census_id,
        from_code=from_code,
        to_kind=to.kind,
        to_code=to.code,
        to_name=to.name.strip()[:80],
        to_address=to.address.strip()[:200],
        purpose=asked.purpose.strip()[:200],
        basis=asked.basis.strip()[:300],
        contact=asked.contact.strip()[:80],
        contact_phone=asked.contact_phone.strip()[:40],
        sent_at=at,
        sent_by=by,
        due_on=asked.due_on,
        expires_at=datetime.combine(asked.due_on, datetime.max.time(), local(at).tzinfo) + OPEN_AFTER_DUE,
        code_hash=blind_index(code, "letter"),
    )
    letter.code = seal(code, letter.id.bytes + b"code")
    sent = Letter.objects.filter(census_id=census_id, from_code=from_code).count()
    for n in range(sent + 1, sent + 100):
        letter.number = f"{from_code[6:12]}-{n:04d}"
        try:
            with transaction.atomic():
                letter.save(force_insert=True)
            return letter
        except IntegrityError:  # somebody of the same committee sent at the same moment
            continue
    raise RuntimeError("no number was free")


def new_code() -> str:
    digits = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return digits + check_digit(digits)


def code_of(letter: Letter) -> str:
    """The code as it is printed: 1234 5678 9012."""
    code = unseal(letter.code, letter.id.bytes + b"code")
    return " ".join(code[n : n + 4] for n in range(0, DIGITS, 4))


def ask(
    letter: Letter, place: int, case: Case, suspected: str, wants_phone: bool, *, by, at, after=None
) -> HelpRequest:
    request = HelpRequest(
        id=uuid4(), letter=letter, case=case, place=place, wants_phone=wants_phone, forwarded_from=after
    )
    request.suspected = sealed(request, "suspected", suspected.strip()[:200])
    request.save(force_insert=True)
    log(request, "sent", by=author(by), at=at)
    with cases.changing(case, None) as held:
        cases.write(held, "asked", by=by, at=at, code=letter.number)
    return request


def sealed(request: HelpRequest, field: str, text: str) -> bytes | None:
    return seal(text, request.id.bytes + field.encode()) if text else None


def opened(request: HelpRequest, field: str) -> str:
    """`suspected`, `phone` or `note` of a request, in clear."""
    return unseal(getattr(request, field), request.id.bytes + field.encode())


def log(request: HelpRequest, did: str, *, by: str, at: datetime, note: str = "") -> None:
    RequestStep.objects.create(request=request, at=at, by=by[:60], did=did, note=note[:200])


@contextmanager
def changing(request: HelpRequest, seen: int | None) -> Iterator[HelpRequest]:
    """The request, locked, in a transaction; TracingRefused where it no longer waits, or changed since `seen`."""
    with transaction.atomic():
        held = HelpRequest.objects.select_for_update(of=("self",)).select_related("letter").get(pk=request.pk)
        if held.state != HelpRequest.State.SENT:
            raise TracingRefused(problems.NOT_WAITING % {"state": held.get_state_display()})
        if seen is not None and held.version != seen:
            raise TracingRefused(problems.CHANGED_MEANWHILE)
        yield held
        held.version += 1
        held.save()


class Said(NamedTuple):
    """An answer: one of `HelpRequest.Answer`, who gave it, how, and what came with it."""

    answer: str
    who: str
    via: str
    phone: str = ""
    note: str = ""


def answer(request: HelpRequest, said: Said, *, by: str, at: datetime, seen: int | None = None) -> None:
    """Record an answer. `by` is the user who writes it down, empty on the page for outsiders."""
    phone = said.phone.strip()
    if said.answer not in HelpRequest.Answer.values or not said.who.strip():
        raise TracingRefused(problems.NO_ANSWER)
    if said.answer == HelpRequest.Answer.CONTACT and not phone:
        raise TracingRefused(problems.NO_PHONE)
    if phone and sum(map(str.isdigit, phone)) not in PHONE_DIGITS:
        raise TracingRefused(problems.PHONE_ODD)
    with changing(request, seen) as held:
        held.state = HelpRequest.State.ANSWERED
        held.answer, held.answered_at, held.answered_by = said.answer, at, said.who.strip()[:60]
        held.answered_via, held.recorded_by = said.via, by[:40]
        held.phone = sealed(held, "phone", phone[:40])
        held.note = sealed(held, "note", said.note.strip()[:500])
        log(held, "answered", by=by or held.answered_by, at=at, note=f"{said.answer} {said.via}")
        note_on_case(held, "answered", said.answer, by=held.answered_by, at=at)


def answer_inside(
    census, request: HelpRequest, said: Said, named: tuple[Household, int] | None, *, by, at: datetime, seen: int | None
) -> None:
    """The answer of a committee of this system or of the police. With a yes goes the household in which the person is
    enumerated (`named`, with the line); without one the committee gets a work item: somebody lives there who is on no
    form."""
    with transaction.atomic():
        answer(request, said, by=author(by), at=at, seen=seen)
        if named is not None:
            cases.name_there(request.case, *named, by=by, at=at)
        elif said.answer == HelpRequest.Answer.YES and request.letter.to_kind == Letter.Kind.COMMITTEE:
            case = request.case
            opening = work.Opening(
                "residence_omission",
                request.letter.to_code,
                case.record,
                other_household_id=case.household_id,
                other_line=case.line,
                row_id=case.row_id,
                evidence={"letter": request.letter.number},
            )
            work.open_items(census, [opening], by=author(by), at=at)


def note_on_case(request: HelpRequest, did: str, code: str, *, by: str, at: datetime) -> None:
    """An answer may come after a case was closed: it is noted all the same."""
    Case.objects.select_for_update().get(pk=request.case_id)
    cases.write(request.case, did, by=by, at=at, code=f"{request.letter.number} {code}"[:40])


def forward(
    request: HelpRequest, to: Addressee, asked: Asked, *, from_code: str, by, at: datetime, seen: int | None
) -> Letter:
    """Send a request on to a third committee, which answers in the place of the one that was asked."""
    check_letter([(request.case, "")], to, asked, from_code, at)
    with changing(request, seen) as held:
        letter = new_letter(to, asked, from_code, held.letter.census_id, by=by, at=at)
        ask(letter, 1, held.case, opened(held, "suspected"), held.wants_phone, by=by, at=at, after=held)
        held.state = HelpRequest.State.FORWARDED
        log(held, "forwarded", by=author(by), at=at, note=letter.number)
    return letter


def withdraw(request: HelpRequest, why: str, *, by, at: datetime, seen: int | None = None) -> None:
    if not why.strip():
        raise TracingRefused(problems.WHY)
    with changing(request, seen) as held:
        held.state = HelpRequest.State.WITHDRAWN
        log(held, "withdrawn", by=author(by), at=at, note=why.strip())
        note_on_case(held, "withdrawn", "", by=author(by), at=at)


def close_case(case: Case, outcome: int, *, by, at: datetime, seen: int | None, ground: str = "") -> None:
    """End a case; what still waits for an answer about it is withdrawn, so that nobody searches any more."""
    with transaction.atomic():
        cases.close(case, outcome, by=by, at=at, seen=seen, ground=ground)
        for request in HelpRequest.objects.waiting().filter(case=case).order_by("id"):
            withdraw(request, CLOSED_SO_WITHDRAWN, by=by, at=at)


def remind(letter: Letter, *, by, at: datetime) -> int:
    """Remind of a letter: how many of its requests still wait. Nothing is written where none does."""
    with transaction.atomic():
        held = Letter.objects.select_for_update().get(pk=letter.pk)
        waiting = list(held.requests.waiting().order_by("place"))
        if waiting:
            held.reminded_at, held.reminders = at, held.reminders + 1
            held.save(update_fields=["reminded_at", "reminders"])
        for request in waiting:
            log(request, "reminded", by=author(by), at=at)
    return len(waiting)


def read_code(text: str) -> str:
    """The digits of a typed code; TracingRefused where the check digit tells that it is mistyped."""
    code = "".join(c for c in text if c.isdecimal() and c.isascii())
    if len(code) != DIGITS or not fits(code):
        raise TracingRefused(problems.CODE_ODD)
    return code


def by_code(text: str, address: str, *, at: datetime) -> UUID:
    """The id of the letter whose code was typed on the page for answers; TracingRefused for any other.

    Wrong codes are counted by address, so that guessing is slow.
    """
    if AnswerTry.objects.filter(address=address[:45], at__gt=at - TRIES_WITHIN).count() >= TRIES:
        raise TracingRefused(problems.TOO_MANY_TRIES)
    code = read_code(text)
    found = open_letters(at).filter(code_hash=blind_index(code, "letter")).values_list("id", flat=True).first()
    if found is None:
        AnswerTry.objects.filter(at__lt=at - TRIES_WITHIN).delete()
        AnswerTry.objects.create(address=address[:45], at=at)
        raise TracingRefused(problems.CODE_UNKNOWN)
    return found


def open_letters(at: datetime):
    """Letters on paper whose page still takes answers."""
    waiting = HelpRequest.objects.waiting().values("letter_id")
    return Letter.objects.filter(to_kind=Letter.Kind.OUTSIDE, expires_at__gt=at, id__in=waiting)
