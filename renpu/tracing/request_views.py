"""Pages of requests for help: what one has been asked and what one has asked, answering, forwarding, the letter as
file, and the persons gone from an area for whom many letters are sent at once."""

from uuid import UUID

from django.contrib import messages
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.collection.models import Person
from renpu.concepts import names as name_keys
from renpu.concepts.masking import mask_phone
from renpu.geography.places import STREET, names_below, names_of, place_of
from renpu.listing.models import Household
from renpu.platform.areas import only_partner
from renpu.platform.given import number_of
from renpu.platform.office import author, must, open_to_partners, with_census
from renpu.platform.vault import blind_index
from renpu.tracing import gone, problems, requests
from renpu.tracing.case_views import log_access
from renpu.tracing.cases import TracingRefused
from renpu.tracing.letter_docx import docx
from renpu.tracing.letter_pdf import pdf
from renpu.tracing.letters import letter_text
from renpu.tracing.models import HelpRequest, Letter
from renpu.tracing.persons import parse_record, who, whos
from renpu.tracing.request_form import addressee_words, addressees, default_letter, read_addressee, read_letter
from renpu.tracing.words import REQUEST_STEPS

PAGE = 100
BOXES = ("inbox", "sent", "overdue")
MANY = 200  # persons of one sending


@require_safe
@never_cache
@with_census
def request_list(request, census):
    """The inbox, what was sent, and what is overdue, of an area; with the numbers of the areas below."""
    place = place_of(request, census)
    box = request.GET.get("box", "")
    box = box if box in BOXES else "inbox"
    return boxes(request, census, place, box, of_box(request.user, census, place.code, box))


@require_safe
@open_to_partners
@never_cache
@with_census
def partner_requests(request, census):
    """What a police partner has been asked: nothing else is there for him."""
    rows = HelpRequest.objects.addressed_to(request.user).of(census).filter(letter__to_kind=Letter.Kind.POLICE)
    return boxes(request, census, None, "inbox", rows)


def of_box(user, census, area_code: str, box: str):
    """The requests of a box, in one area."""
    asked_here = HelpRequest.objects.visible_to(user).of(census).in_area(area_code)
    match box:
        case "sent":
            return asked_here
        case "overdue":
            return asked_here.overdue(timezone.localdate())
    codes = Q(letter__to_code__range=(area_code, area_code + "9" * (18 - len(area_code))))
    return HelpRequest.objects.addressed_to(user).of(census).filter(codes, letter__to_kind=Letter.Kind.COMMITTEE)


def boxes(request, census, place, box: str, rows):
    waiting = Q(state=HelpRequest.State.SENT)
    start = number_of(request.GET.get("after", "")) or 0
    order = ("-letter__sent_at", "place", "id") if box == "sent" else ("letter__due_on", "letter__number", "id")
    waits_first = rows.annotate(waits=ExpressionWrapper(waiting, BooleanField())).order_by("-waits", *order)
    found = list(waits_first.select_related("letter", "case")[start : start + PAGE + 1])
    shown = found[:PAGE]
    people = whos([r.case for r in shown])
    codes = {r.letter.from_code for r in shown} | {r.letter.to_code for r in shown if r.letter.to_code}
    names = names_of(codes | {code[:12] for code in codes})
    today = timezone.localdate()
    listed = [
        {
            "of": r,
            "letter": r.letter,
            "who": people[r.case_id].masked(),
            "from": names.get(r.letter.from_code, r.letter.from_code),
            "to": addressee_words(r.letter, names),
            "overdue": r.state == HelpRequest.State.SENT and r.letter.due_on < today,
        }
        for r in shown
    ]
    counts = {}
    if place is not None:
        counts = {b: of_box(request.user, census, place.code, b).filter(waiting).count() for b in BOXES}
    found_rows = {
        "place": place,
        "box": box,
        "rows": listed,
        "counts": counts,
        "next": start + PAGE if len(found) > PAGE else None,
        "below": below(request.user, census, place) if place is not None else [],
        "partner": only_partner(request.user),
    }
    return render(request, "tracing/requests.html", found_rows)


def below(user, census, place) -> list[dict]:
    """How many requests wait in the inbox of each committee below, and how many that it sent are overdue."""
    if place.is_committee or place.is_block:
        return []
    waiting = of_box(user, census, place.code, "inbox").waiting()
    overdue = of_box(user, census, place.code, "overdue")
    inbox = dict(waiting.values_list("letter__to_code").annotate(n=Count("id")).order_by("letter__to_code"))
    late = dict(overdue.values_list("letter__from_code").annotate(n=Count("id")).order_by("letter__from_code"))
    rows = []
    for code, name in names_below(place).items():
        mine = sum(n for key, n in inbox.items() if key.startswith(code))
        theirs = sum(n for key, n in late.items() if key.startswith(code))
        if mine or theirs:
            rows.append({"code": code, "name": name, "inbox": mine, "overdue": theirs})
    return rows


def to_answer(request, census, id: UUID) -> HelpRequest:
    """A request that the user has been asked."""
    rows = HelpRequest.objects.addressed_to(request.user).of(census).select_related("letter", "case")
    return get_object_or_404(rows, pk=id)


@require_safe
@open_to_partners
@never_cache
@with_census
def help_request(request, census, id: UUID):
    """A request as who was asked sees it; who asks is led to the case."""
    rows = HelpRequest.objects.of(census)
    if not rows.addressed_to(request.user).filter(pk=id).exists():
        asked = get_object_or_404(rows.visible_to(request.user), pk=id)
        return redirect("case", asked.case_id)
    return show_request(request, census, to_answer(request, census, id), clear=False)


@require_POST
@open_to_partners
@never_cache
@with_census
def open_request(request, census, id: UUID):
    """The name in clear, to search for the person: the purpose is that of the letter, and it is logged."""
    asked = to_answer(request, census, id)
    may_answer(request.user, asked.letter)
    if asked.state != HelpRequest.State.SENT:
        messages.error(request, problems.NOT_WAITING % {"state": asked.get_state_display()})
        return redirect("request", asked.id)
    log_access(request.user, "request.open", asked.letter.to_code, str(asked.id), asked.letter.purpose)
    requests.log(asked, "opened", by=author(request.user), at=timezone.now())
    return show_request(request, census, asked, clear=True)


def may_answer(user, letter: Letter) -> None:
    """A police partner answers what is addressed to his post; of a committee, who may ask may answer."""
    if letter.to_kind == Letter.Kind.COMMITTEE:
        must(user, "ask", letter.to_code)


def show_request(request, census, asked: HelpRequest, *, clear: bool):
    letter, person = asked.letter, who(asked.case)
    partner = only_partner(request.user)
    names = names_of({letter.from_code, letter.from_code[:9], letter.to_code})
    waiting = asked.state == HelpRequest.State.SENT
    committee = letter.to_kind == Letter.Kind.COMMITTEE
    return render(
        request,
        "tracing/request.html",
        {
            "place": None if partner or not committee else place_of(request, census, letter.to_code),
            "partner": partner,
            "of": asked,
            "letter": letter,
            "case": asked.case,
            "clear": clear,
            "who": person if clear else person.masked(),
            "suspected": requests.opened(asked, "suspected"),
            "from": " ".join(filter(None, (names.get(letter.from_code[:9]), names.get(letter.from_code)))),
            "waiting": waiting,
            "overdue": waiting and letter.due_on < timezone.localdate(),
            "phone": mask_phone(requests.opened(asked, "phone")),
            "answers": HelpRequest.Answer.choices,
            "found": enumerated_here(request.user, census, letter, person) if waiting and not partner else [],
            "there": Household.objects.visible_to(request.user).filter(pk=asked.case.there_household_id).first()
            if asked.case.there_household_id and not partner
            else None,
            "forwarded": asked.forwarded_to.select_related("letter").first(),
            "addressees": {} if partner or not waiting else addressees(census, letter.to_code),
            "steps": [(step, REQUEST_STEPS.get(step.did, step.did)) for step in asked.steps.order_by("-id")],
            "my_name": request.user.get_full_name() or request.user.get_username(),
        },
    )


def enumerated_here(user, census, letter: Letter, person) -> list[dict]:
    """Lines of forms in the asked committee that may be the person: the number, or name and month of birth."""
    same = Q(pk__in=[])
    if person.number:
        same |= Q(number_index=blind_index(person.number, "number"))
    if person.name and person.birth:
        key = blind_index(name_keys.key(person.name), "name")
        same |= Q(name_index=key, birth=person.birth.replace("-", ""))
    lines = Person.objects.visible_to(user).in_area(letter.to_code).filter(same)
    lines = list(lines.order_by("block_code", "household_id", "line")[:20])
    homes = Household.objects.filter(census_id=census.pk, removed=False).in_bulk([p.household_id for p in lines])
    names = names_of({p.block_code for p in lines})
    number = blind_index(person.number, "number") if person.number else None
    return [
        {
            "line": p,
            "home": homes[p.household_id],
            "block": names.get(p.block_code, p.block_code),
            "number": bool(number and p.number_index and bytes(p.number_index) == number),
        }
        for p in lines
        if p.household_id in homes
    ]


@require_POST
@open_to_partners
@with_census
def answer(request, census, id: UUID):
    """The answer of the committee or the police partner who was asked; with the household where the person is
    enumerated, where there is one."""
    asked = to_answer(request, census, id)
    may_answer(request.user, asked.letter)
    said = requests.Said(
        request.POST.get("answer", ""),
        request.POST.get("who", ""),
        HelpRequest.Via.SYSTEM,
        request.POST.get("phone", ""),
        request.POST.get("note", ""),
    )
    seen, at = number_of(request.POST.get("seen", "")), timezone.now()
    try:
        named = named_line(request, census, asked, said)
        requests.answer_inside(census, asked, said, named, by=request.user, at=at, seen=seen)
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", asked.id)
    messages.success(request, _("Answered. Whoever asked sees it now."))
    return redirect("request", asked.id)


def named_line(request, census, asked: HelpRequest, said: requests.Said) -> tuple[Household, int] | None:
    """The household and line that were chosen with a yes: only among those of the committee that was asked."""
    chosen = request.POST.get("line", "")
    if not chosen or said.answer != HelpRequest.Answer.YES or only_partner(request.user):
        return None
    key = parse_record(chosen) if chosen.startswith("line:") else None
    if not isinstance(key, tuple):
        raise TracingRefused(problems.NO_SUCH_HOUSEHOLD)
    home = Household.objects.visible_to(request.user).in_area(asked.letter.to_code)
    found = home.filter(pk=key[0], census_id=census.pk, removed=False).first()
    if found is None:
        raise TracingRefused(problems.NO_SUCH_HOUSEHOLD)
    return found, key[1]


@require_POST
@with_census
def forward(request, census, id: UUID):
    asked = to_answer(request, census, id)
    may_answer(request.user, asked.letter)
    from_code = asked.letter.to_code
    must(request.user, "ask", from_code)
    try:
        to, letter = read_addressee(request.POST, census), read_letter(request.POST)
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", asked.id)
    try:
        sent = requests.forward(
            asked,
            to,
            letter,
            from_code=from_code,
            by=request.user,
            at=timezone.now(),
            seen=number_of(request.POST.get("seen", "")),
        )
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", asked.id)
    messages.success(request, _("Forwarded as %(number)s.") % {"number": sent.number})
    return redirect("letter", sent.id)


def asked_by(request, census, id: UUID) -> HelpRequest:
    """A request that the user's area has sent."""
    rows = HelpRequest.objects.visible_to(request.user).of(census).select_related("letter", "case")
    return get_object_or_404(rows, pk=id)


@require_POST
@with_census
def record_answer(request, census, id: UUID):
    """An answer that came by telephone or on paper is written down by who asked."""
    asked = asked_by(request, census, id)
    must(request.user, "ask", asked.letter.from_code)
    via = request.POST.get("via", "")
    said = requests.Said(
        request.POST.get("answer", ""),
        request.POST.get("who", ""),
        via if via in (HelpRequest.Via.TELEPHONE, HelpRequest.Via.PAPER) else HelpRequest.Via.TELEPHONE,
        request.POST.get("phone", ""),
        request.POST.get("note", ""),
    )

    def act(how):
        requests.answer(asked, said, by=author(request.user), **how)

    return done(request, asked, act, _("The answer is written down."))


@require_POST
@with_census
def withdraw(request, census, id: UUID):
    asked = asked_by(request, census, id)
    must(request.user, "ask", asked.letter.from_code)

    def act(how):
        requests.withdraw(asked, request.POST.get("why", ""), by=request.user, **how)

    return done(request, asked, act, _("Withdrawn."))


def done(request, asked: HelpRequest, act, told: str):
    try:
        act({"at": timezone.now(), "seen": number_of(request.POST.get("seen", ""))})
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect("letter", asked.letter_id)


def letter_of(request, census, id: UUID) -> Letter:
    return get_object_or_404(Letter.objects.visible_to(request.user).of(census), pk=id)


@require_safe
@never_cache
@with_census
def letter(request, census, id: UUID):
    """A letter that was sent: its persons, the answers, reminding, withdrawing, the files."""
    of = letter_of(request, census, id)
    rows = list(of.requests.select_related("case").order_by("place"))
    people = whos([r.case for r in rows])
    names = names_of({of.from_code, of.to_code} - {""})
    waiting = [r for r in rows if r.state == HelpRequest.State.SENT]
    return render(
        request,
        "tracing/letter.html",
        {
            "place": place_of(request, census, of.from_code),
            "letter": of,
            "to": addressee_words(of, names),
            "outside": of.to_kind == Letter.Kind.OUTSIDE,
            "code": requests.code_of(of) if of.to_kind == Letter.Kind.OUTSIDE else "",
            "page": request.build_absolute_uri(reverse("answer-code")),
            "rows": [
                {"of": r, "who": people[r.case_id].masked(), "phone": mask_phone(requests.opened(r, "phone"))}
                for r in rows
            ],
            "waiting": len(waiting),
            "overdue": bool(waiting) and of.due_on < timezone.localdate(),
            "answers": HelpRequest.Answer.choices,
            "vias": [(v.value, v.label) for v in (HelpRequest.Via.TELEPHONE, HelpRequest.Via.PAPER)],
        },
    )


@require_POST
@with_census
def remind(request, census, id: UUID):
    of = letter_of(request, census, id)
    must(request.user, "ask", of.from_code)
    if requests.remind(of, by=request.user, at=timezone.now()):
        messages.success(request, _("Reminded. The letter can be printed again and sent, or telephoned."))
    else:
        messages.error(request, problems.NOT_WAITING % {"state": HelpRequest.State.ANSWERED.label})
    return redirect("letter", of.id)


FILES = {
    "docx": (docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (pdf, "application/pdf"),
}


@require_POST
@never_cache
@with_census
def letter_file(request, census, id: UUID, kind: str):
    """The letter as a file: names stand in it in clear, so that it is logged."""
    of = letter_of(request, census, id)
    must(request.user, "ask", of.from_code)
    if kind not in FILES:
        raise Http404
    log_access(request.user, f"letter.{kind}", of.from_code, f"letter {of.number}", of.purpose)
    for asked in of.requests.exclude(state=HelpRequest.State.WITHDRAWN).order_by("place"):
        requests.log(asked, "printed", by=author(request.user), at=timezone.now(), note=kind)
    make, content_type = FILES[kind]
    answer = HttpResponse(
        make(letter_text(of, census, request.build_absolute_uri(reverse("answer-code")))), content_type=content_type
    )
    answer["Content-Disposition"] = f'attachment; filename="letter-{of.number}.{kind}"'
    return answer


@require_safe
@never_cache
@with_census
def gone_from_here(request, census):
    """Persons with the hukou here who live elsewhere and are not found there yet: asked for in bulk."""
    place = place_of(request, census)
    to_place = number_of(request.GET.get("to", ""))
    show = request.GET.get("found", "0")
    wanted = gone.Wanted({"0": False, "1": True}.get(show), to_place, gone.read_after(request.GET.get("after", "")))
    narrow = len(place.code) >= STREET
    rows, after = gone.page(request.user, census, place.code, wanted) if narrow else ([], "")
    destinations = gone.counts(request.user, census, place.code) if narrow else []
    names = names_of({code for _place, code, _n, _found in destinations if code})
    return render(
        request,
        "tracing/gone.html",
        {
            "place": place,
            "rows": [{"of": row, "who": row.who.masked()} for row in rows],
            "after": after,
            "narrow": narrow,
            "parts": {} if narrow else names_below(place),
            "to": to_place,
            "found": show,
            "destinations": [
                {"place": p, "code": code, "name": names.get(code, ""), "gone": n, "found": found, "left": n - found}
                for p, code, n, found in destinations
            ],
            "addressees": addressees(census, place.code if place.is_committee else ""),
            "letter": default_letter(census, place.code, request.user),
        },
    )


@require_POST
@with_census
def ask_in_bulk(request, census):
    """Letters for many persons: one to each committee that the registers name, or all to one addressee."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "ask", place.code)
    back = f"{reverse('gone')}?area={place.code}"
    records = request.POST.getlist("record")[:MANY]
    try:
        asked = read_letter(request.POST)
        chosen = list(lines_of(request.user, census, place.code, records))
        if not chosen:
            raise TracingRefused(problems.NO_CASES)
        one = None if request.POST.get("to") == "known" else read_addressee(request.POST, census)
        result = gone.ask_all(request.user, census, chosen, one, asked, at=timezone.now())
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if result.letters:
        told = {"letters": len(result.letters), "persons": result.asked}
        messages.success(request, _("%(letters)s letters sent about %(persons)s persons.") % told)
    if result.unknown:
        told = {"n": result.unknown}
        messages.warning(
            request, _("%(n)s persons were not asked for: no register names a committee. Choose one for them.") % told
        )
    if result.refused:
        messages.warning(request, " ".join(dict.fromkeys(result.refused)))
    return redirect(f"{reverse('requests')}?area={place.code}&box=sent")


def lines_of(user, census, area_code: str, records: list[str]):
    """(record, household) of the chosen lines that lie in the area."""
    keys = {}
    for record in records:
        try:
            found = parse_record(record)
        except ValueError:
            continue
        if isinstance(found, tuple):
            keys[record] = found
    homes = Household.objects.visible_to(user).in_area(area_code).filter(census_id=census.pk)
    known = homes.in_bulk([household for household, _line in keys.values()])
    return [(record, known[household]) for record, (household, _line) in keys.items() if household in known]
