"""Pages of the telephone work: choosing whom to call, the call sheet in clear, and the sheet taken in again."""

import tempfile
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.coverage import campaign, problems, words, work
from renpu.coverage.kinds import kinds
from renpu.geography.places import place_of
from renpu.platform.models import local
from renpu.platform.office import must, with_census

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USUAL = 50


@require_safe
@with_census
def calls(request, census):
    """How many wait for a call, by kind; the form for a sheet and for the sheet that comes back."""
    place = place_of(request, census)
    must(request.user, "look_up", place.code)
    now = timezone.now()
    waiting = [
        (kinds()[kind], campaign.waiting(request.user, census, place.code, kind, now).order_by().count())
        for kind in campaign.KINDS
    ]
    wanted = request.GET.get("kind", "")
    shown = {"place": place, "waiting": waiting, "kind": wanted, "usual": USUAL, "most": campaign.MOST}
    return render(request, "coverage/calls.html", shown)


@require_POST
@never_cache
@with_census
def call_sheet(request, census):
    """The sheet in clear, as a workbook or to be printed, for a purpose that is written into the access log."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "look_up", place.code)
    back = f"{reverse('work-calls')}?area={place.code}"
    kind, text = request.POST.get("kind", ""), request.POST.get("n", "")
    if kind not in campaign.KINDS or not text.isdecimal() or not 0 < int(text[:6]) <= campaign.MOST:
        messages.error(request, problems.CHOOSE_CALLS % {"most": campaign.MOST})
        return redirect(back)
    now, purpose = timezone.now(), request.POST.get("purpose", "").strip()[:200]
    chosen = campaign.choose(request.user, census, place.code, kind, int(text), now)
    try:
        sheet = campaign.hand_out(chosen, place.code, purpose, by=request.user, at=now)
    except work.WorkRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    title = f"{place.name} {kinds()[kind]} {_('Call sheet')} {local(now):%Y-%m-%d %H:%M}"
    if request.POST.get("as") == "print":
        shown = {
            "place": place,
            "title": title,
            "purpose": purpose,
            "calls": chosen,
            "reasons": words.reasons(kinds()[kind].reasons),
        }
        return render(request, "coverage/call_sheet.html", shown)
    name = f"{title.replace(' ', '-').replace(':', '')}.xlsx"
    headers = {"Content-Disposition": "attachment; " + urlencode({"filename*": f"UTF-8''{name}"}, safe="*'")}
    return HttpResponse(campaign.workbook(chosen, sheet, title, purpose), content_type=XLSX, headers=headers)


@require_POST
@with_census
def calls_back(request, census):
    """A filled sheet: what was taken from it, and every problem by row."""
    place = place_of(request, census, request.POST.get("area", ""))
    must(request.user, "look_up", place.code)
    back, upload = f"{reverse('work-calls')}?area={place.code}", request.FILES.get("file")
    if upload is None:
        messages.error(request, problems.CHOOSE_SHEET)
        return redirect(back)
    folder = settings.HOME / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="calls-") as kept:
        path = Path(kept) / "sheet.xlsx"
        with path.open("wb") as file:
            for part in upload.chunks():
                file.write(part)
        try:
            done = campaign.take_in(path, request.user, census, at=timezone.now())
        except work.WorkRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(back)
    return render(request, "coverage/calls_back.html", {"place": place, "done": done, "file": upload.name})
