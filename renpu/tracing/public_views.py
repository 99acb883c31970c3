"""Two pages without sign-in: the unit's contact sends the list of people and sees how many have answered; a person of
the list answers for themselves. Neither shows an answer, a full name or a number that the office holds."""

from uuid import UUID, uuid4, uuid5

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from renpu.collection.answers import Person
from renpu.concepts.masking import mask_name
from renpu.editing.checks import parameters_of
from renpu.editing.questionnaire import wording
from renpu.editing.words import answer as in_words
from renpu.geography.places import names_of
from renpu.platform.models import Census, local
from renpu.platform.vault import unseal
from renpu.registers import desk
from renpu.tracing import answering, asking, members, units
from renpu.tracing import call_problems as problems
from renpu.tracing.models import HukouUnit, Member

STAYS = 2 * 3600  # seconds for which a code opens the form
PROBLEMS = 200  # rows with problems that are shown


def in_chinese(view):
    """These pages are read by people of the unit: they are Chinese, whatever the browser asks for."""

    def inner(request, *args, **kwargs):
        with override("zh-hans"):
            response = view(request, *args, **kwargs)
            response.headers["X-Robots-Tag"] = "noindex"
            return response

    return inner


def census_of(unit: HukouUnit) -> Census:
    return Census.objects.get(pk=unit.census_id)


def too_many(request):
    return render(request, "tracing/public_end.html", {"told": problems.TOO_MANY_TRIES}, status=429)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@in_chinese
def contact(request, token: str):
    """The contact's page. An unknown, ended or withdrawn address tells nothing about the unit."""
    now = timezone.now()
    try:
        link = units.by_token(token, address=request.META.get("REMOTE_ADDR", ""), at=now)
    except members.TooManyTries:
        return too_many(request)
    if link is None:
        return render(request, "tracing/public_end.html", {"told": problems.LINK_ENDED}, status=404)
    unit = link.unit
    told, good = "", False
    if request.method == "POST":
        try:
            delivery, again = units.take_roster(unit, request.FILES.get("file"), by=None, at=now, by_contact=True)
        except units.UnitRefused as refusal:
            told = str(refusal)
        else:
            good = delivery.state != "refused"
            told = problems.ROSTER_SAME if again else problems.ROSTER_TAKEN if good else problems.ROSTER_REFUSED
    newest = unit.rosters.select_related("delivery").order_by("-at").first()
    shown = {
        "unit": unit,
        "census": census_of(unit),
        "link": link,
        "told": told,
        "good": good,
        "standing": units.standing(unit),
        "reminder": reminder(request, unit),
    }
    if newest is not None:
        delivery = newest.delivery
        rows, more = desk.rows_of(delivery, "problems", 0)
        shown |= {
            "roster": newest,
            "delivery": delivery,
            "about": desk.told_of(delivery),
            "problems": rows[:PROBLEMS],
            "more": bool(more),
        }
    return render(request, "tracing/contact.html", shown)


def reminder(request, unit: HukouUnit) -> str:
    from renpu.tracing.unit_views import reminder_text

    return reminder_text(request, unit, units.standing(unit))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@in_chinese
def enter(request):
    """The code, as it stands on the slip."""
    told = ""
    if request.method == "POST":
        now = timezone.now()
        try:
            member = members.by_code(request.POST.get("code", ""), address=request.META.get("REMOTE_ADDR", ""), at=now)
        except members.TooManyTries:
            return too_many(request)
        if member is not None:
            request.session["member"] = [str(member.pk), bytes(member.code_hash).hex(), now.timestamp() + STAYS]
            return redirect("answer-form")
        told = problems.CODE_SLIP if members.slipped(request.POST.get("code", "")) else problems.CODE_WRONG
    return render(request, "tracing/answer_code.html", {"told": told}, status=404 if told else 200)


def member_of(request) -> Member | None:
    """The member whose code was entered in this browser, while the code is valid and not too long ago."""
    key, code, until = request.session.get("member", ("", "", 0))
    now = timezone.now()
    if not key or until < now.timestamp():
        return None
    there = Member.objects.select_related("unit").filter(pk=UUID(key), code_until__gt=now)
    member = there.first()
    return member if member and member.code_hash and bytes(member.code_hash).hex() == code else None


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@in_chinese
def form(request):
    """The questions, then what was answered to be confirmed, then sent. Works without a script."""
    member = member_of(request)
    if member is None:
        request.session.pop("member", None)
        return redirect("answer")
    census = census_of(member.unit)
    post = request.POST
    if request.method != "POST":
        return ask(request, census, member, {}, [])
    if post.get("step") == "left":
        members.has_left(member, at=timezone.now())
        return done(request, member, left=True)
    blank = Person(uuid=member.person)
    person, told = asking.read(post, "me", members.PAGE, blank)
    found = members.draft(census, member, person, answering.SELF)[1]
    if not told:
        told = [message for _rule, _line, message in found.hard]
    if told or post.get("step") == "change":
        return ask(request, census, member, post, told)
    if post.get("step") != "send":
        return summary(request, census, member, person, found)
    try:
        key = uuid5(member.id, post.get("key", ""))
        sender = answering.respondent(member.id, census.pk)
        members.answer(member, person, method=answering.SELF, sender=sender, at=timezone.now(), key=key, census=census)
    except members.MemberRefused as refusal:
        return ask(request, census, member, post, [str(refusal)])
    return done(request, member, left=False)


def ask(request, census: Census, member: Member, values, told: list[str]):
    committee = names_of({member.unit.block_code[:12]}).get(member.unit.block_code[:12], "")
    shown = {
        "unit": member.unit,
        "census": census,
        "who": mask_name(unseal(member.name, member.id.bytes + b"name")),
        "member": member,
        "questions": asking.asked("me", members.PAGE, values),
        "counties": asking.counties(),
        "committee": committee,
        "told": told,
        "t0": local(census.t0),
        "draft": f"renpu-{member.id}",
    }
    return render(request, "tracing/answer_form.html", shown)


def summary(request, census: Census, member: Member, person: Person, found: answering.Found):
    """What will be sent, in words; the answers travel along as hidden fields."""
    parameters = parameters_of(census)
    rows = []
    names = dict(asking.counties())
    for w in wording(parameters):
        if w.table == "person" and w.name not in ("D2", "D8", "D8_code"):
            value = in_words(w, getattr(person, w.name, None), clear=True, names=names)
            if value:
                words = asking.QUESTIONS[w.name].words if w.name in asking.QUESTIONS else w.zh
                rows.append((words, value))
    shown = {
        "unit": member.unit,
        "census": census,
        "member": member,
        "rows": rows,
        "queries": [message for _rule, _line, message in found.queries],
        "hidden": [(f"me-{item}", request.POST.get(f"me-{item}", "")) for item in members.PAGE],
        "key": uuid4(),
    }
    return render(request, "tracing/answer_summary.html", shown)


def done(request, member: Member, *, left: bool):
    request.session.pop("member", None)
    return render(
        request, "tracing/answer_done.html", {"left": left, "draft": f"renpu-{member.id}", "unit": member.unit}
    )
