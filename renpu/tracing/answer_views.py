"""The page on which a committee outside the system answers a letter: opened by the letter's code alone, for that letter
alone. It shows initials of the persons, who stand on the letter in full, and nothing that a form holds."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from renpu.platform.given import number_of
from renpu.platform.models import Census
from renpu.tracing import requests
from renpu.tracing.cases import TracingRefused
from renpu.tracing.letters import office_name
from renpu.tracing.models import HelpRequest, Letter
from renpu.tracing.persons import whos

OPENED = "letter_to_answer"
MINUTES = 30


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def answer_code(request):
    """The code is typed, or comes with the QR code; either way a button is pressed, so that no link opens a letter."""
    typed, status = request.GET.get("code", "")[:20], 200
    if request.method == "POST":
        typed, at = request.POST.get("code", "")[:40], timezone.now()
        try:
            letter = requests.by_code(typed, request.META.get("REMOTE_ADDR", ""), at=at)
        except TracingRefused as refusal:
            messages.error(request, str(refusal))
            status = 429 if str(refusal) == str(requests.problems.TOO_MANY_TRIES) else 404
        else:
            request.session[OPENED] = [str(letter), at.timestamp()]
            return redirect("answer-letter")
    return render(request, "tracing/letter_code.html", {"typed": typed}, status=status)


def opened(request) -> Letter | None:
    """The letter whose code was typed in this browser within the last half hour, if it still takes answers."""
    key, since = request.session.get(OPENED, (None, 0))
    at = timezone.now()
    if not key or at.timestamp() - since > MINUTES * 60:
        return None
    return requests.open_letters(at).filter(pk=key).first()


@require_safe
@login_not_required
@never_cache
def answer_letter(request):
    letter = opened(request)
    if letter is None:
        return render(request, "tracing/letter_done.html", {"thanks": OPENED in request.session})
    rows = list(letter.requests.waiting().select_related("case").order_by("place"))
    people = whos([r.case for r in rows])
    return render(
        request,
        "tracing/letter_answer.html",
        {
            "letter": letter,
            "census": Census.objects.get(pk=letter.census_id),
            "from": office_name(letter.from_code),
            "rows": [{"of": r, "who": people[r.case_id].masked()} for r in rows],
            "answers": HelpRequest.Answer.choices,
        },
    )


@require_POST
@login_not_required
@never_cache
def answer_person(request, place: int):
    """The answer about the person at this place of the opened letter."""
    letter = opened(request)
    asked = letter.requests.waiting().filter(place=place).first() if letter else None
    if asked is None:
        return redirect("answer-letter")
    said = requests.Said(
        request.POST.get("answer", ""),
        request.POST.get("who", ""),
        HelpRequest.Via.PAGE,
        request.POST.get("phone", ""),
        request.POST.get("note", ""),
    )
    try:
        requests.answer(asked, said, by="", at=timezone.now(), seen=number_of(request.POST.get("seen", "")))
    except TracingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you. The answer has been received."))
    return redirect("answer-letter")
