"""Pages of the desk for unsure pairs: what waits, one pair after the other by keyboard, and how often clerks agree with
the comparison."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from renpu.geography.places import Place, names_below, names_of, place_of
from renpu.linkage import clerical, problems, wording
from renpu.linkage.models import Link
from renpu.linkage.pair import pair_of, records
from renpu.platform.given import uuid_of
from renpu.platform.models import AccessEvent, Census
from renpu.platform.office import author, must, with_census
from renpu.platform.roles import may

LIST = 50
CLEAR_MINUTES = 60
CLEAR = "pairs_in_clear"


def links_of(request: HttpRequest, census: Census, place: Place) -> Link.QuerySet:
    return Link.objects.visible_to(request.user).of(census).in_area(place.code)


def queue_named(name: str) -> str:
    return name if name in clerical.QUEUES else "waiting"


@require_safe
@with_census
def clerical_list(request, census):
    """What waits in an area, by the areas below it, and the first pairs of a queue."""
    place = place_of(request, census)
    links = links_of(request, census, place)
    name = queue_named(request.GET.get("queue", ""))
    mine = clerical.queue(links, name, request.user)
    rows = list(mine[: LIST + 1])
    shown = rows[:LIST]
    found = records({key for link in shown for key in (link.left, link.right)}, request.user)
    names = names_of({link.area_code for link in shown})
    for link in shown:
        link.where = names.get(link.area_code, link.area_code)
        link.people = [found.get(key) and found[key].shown("name", clear=False) for key in (link.left, link.right)]
        link.sources = [found.get(key) and found[key].source for key in (link.left, link.right)]
        link.words = wording.sentence(link.reason)
    below = names_below(place)
    waiting = clerical.waiting_by_area(links, place.child_length or len(place.code))
    figures = {one: clerical.queue(links, one, request.user).count() for one in ("aside", "contested", "second")}
    return render(
        request,
        "linkage/clerical.html",
        {
            "place": place,
            "queue": name,
            "rows": shown,
            "more": len(rows) > LIST,
            "waiting": sum(waiting.values()),
            "figures": figures,
            "areas": [(code, below.get(code, code), n) for code, n in waiting.items()] if not place.is_block else [],
        },
    )


@require_safe
@never_cache
@with_census
def pair(request, census, id: UUID):
    link = get_object_or_404(Link.objects.visible_to(request.user).of(census), pk=id)
    place = place_of(request, census, request.GET.get("area", "") or link.area_code)
    return show(request, census, place, queue_named(request.GET.get("queue", "")), link)


@require_safe
@never_cache
@with_census
def work(request, census):
    """The first pair of a queue."""
    place = place_of(request, census)
    name = queue_named(request.GET.get("queue", ""))
    link = clerical.next_after(clerical.queue(links_of(request, census, place), name, request.user), None)
    return show(request, census, place, name, link)


@require_POST
@never_cache
@with_census
def decide(request, census, id: UUID):
    """A clerk's word on a pair; the next one of the queue is the answer."""
    link = get_object_or_404(Link.objects.visible_to(request.user).of(census), pk=id)
    must(request.user, "close", link.area_code)
    place = place_of(request, census, request.POST.get("area", ""))
    name = queue_named(request.POST.get("queue", ""))
    word = request.POST.get("word", "")
    if word not in clerical.WORDS:
        messages.error(request, problems.SAY_WHICH)
        return go_to(request, place, name, link)
    link = clerical.decide(link, word, by=request.user, at=timezone.now())
    following = clerical.next_after(clerical.queue(links_of(request, census, place), name, request.user), link)
    return go_to(request, place, name, following, said=link)


@require_POST
@never_cache
@with_census
def undo(request, census):
    """The clerk's last word is taken back, and its pair shown again."""
    place = place_of(request, census, request.POST.get("area", ""))
    name = queue_named(request.POST.get("queue", ""))
    now = timezone.now()
    word = clerical.last_word(links_of(request, census, place), by=request.user, at=now)
    if word is None:
        messages.warning(request, problems.NOTHING_TO_TAKE_BACK)
        queued = clerical.queue(links_of(request, census, place), name, request.user)
        return go_to(request, place, name, clerical.next_after(queued, None))
    must(request.user, "close", word.link.area_code)
    try:
        link = clerical.take_back(word.link, by=request.user, at=now)
    except clerical.NothingToTakeBack:  # a second press, while the first was being answered
        link = word.link
    return go_to(request, place, name, link)


@require_POST
@with_census
def clear(request, census):
    """Names and numbers in clear for an hour of work, for a purpose; or masked again."""
    place = place_of(request, census, request.POST.get("area", ""))
    back = uuid_of(request.POST.get("pair", ""))
    link = Link.objects.visible_to(request.user).of(census).filter(pk=back).first() if back else None
    name = queue_named(request.POST.get("queue", ""))
    if request.POST.get("masked"):
        request.session.pop(CLEAR, None)
        return go_to(request, place, name, link)
    must(request.user, "reveal", place.code)
    purpose = request.POST.get("purpose", "").strip()[:200]
    if len(purpose) < 2:
        messages.error(request, problems.PURPOSE_NEEDED)
        return go_to(request, place, name, link)
    until = timezone.now() + timedelta(minutes=CLEAR_MINUTES)
    request.session[CLEAR] = {"purpose": purpose, "until": until.isoformat()}
    return go_to(request, place, name, link)


@require_safe
@with_census
def agreement(request, census):
    """How often clerks found what the comparison had thought, by its stated probability."""
    place = place_of(request, census)
    links = links_of(request, census, place)
    found = {"place": place, "bands": clerical.bands(links), "second": clerical.SecondLooks(links)}
    return render(request, "linkage/agreement.html", found)


def purpose_in_hand(request: HttpRequest, area_code: str) -> tuple[str, datetime] | None:
    """For what purpose, and until when, this session sees the area's pairs in clear."""
    granted = request.session.get(CLEAR)
    if not granted or not may(request.user, "reveal", area_code):
        return None
    until = datetime.fromisoformat(granted["until"])
    return (granted["purpose"], until) if until > timezone.now() else None


def show(request, census, place: Place, name: str, link: Link | None, said: Link | None = None) -> HttpResponse:
    links = links_of(request, census, place)
    queued = clerical.queue(links, name, request.user)
    shown = {"place": place, "queue": name, "link": link, "said": said, "left": queued.count()}
    if link is not None:
        granted = purpose_in_hand(request, link.area_code)
        shown["pair"] = pair_of(link, request.user, clear=granted is not None)
        shown["clear"] = granted
        if granted:
            AccessEvent.objects.create(
                at=timezone.now(),
                by=request.user,
                action="link.clear",
                area_code=link.area_code,
                about=str(link.id),
                purpose=granted[0],
            )
        others = {"before": clerical.next_after(queued, link, back=True), "after": clerical.next_after(queued, link)}
        shown |= {key: one for key, one in others.items() if one is not None and one.pk != link.pk}
        words = list(link.decisions.order_by("id"))
        shown["blind"] = name == "second" and not any(word.by == author(request.user) for word in words)
        shown["words"] = [] if shown["blind"] else words
    elif name == "waiting":
        shown["aside"] = clerical.queue(links, "aside", request.user).count()
    template = "linkage/_pair.html" if request.htmx and request.htmx.target == "pair" else "linkage/pair.html"
    answer = render(request, template, shown)
    if request.htmx:
        answer["HX-Push-Url"] = address(place, name, link)
    return answer


def go_to(request, place: Place, name: str, link: Link | None, said: Link | None = None) -> HttpResponse:
    """To a pair of the queue: at once for HTMX, else by way of its address."""
    if request.htmx and request.htmx.target == "pair":
        return show(request, request.census, place, name, link, said)
    return redirect(address(place, name, link))


def address(place: Place, name: str, link: Link | None) -> str:
    at = reverse("pair", args=[link.pk]) if link is not None else reverse("pairs-work")
    return f"{at}?{urlencode({'area': place.code, 'queue': name})}"
