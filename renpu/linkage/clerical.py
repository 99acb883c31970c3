"""What clerks say of pairs that the comparison is unsure of, and what stands when they do not agree.

A clerk's word never changes a weight or a probability: the comparison learns nothing from it.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Substr

from renpu.linkage.models import Link, LinkDecision
from renpu.platform.office import author

WORDS = (Link.Status.LINKED, Link.Status.APART, Link.Status.UNSURE)
UNDO_HOURS = 12
SECOND_LOOK = 10  # one decided pair in so many is shown to another clerk, who does not see what was decided
QUEUES = ("waiting", "aside", "contested", "second", "decided")


class NothingToTakeBack(Exception):
    """The clerk has said nothing that could be undone."""


def verdict(words: Iterable[tuple[str, str, bool]]) -> tuple[str, bool]:
    """What stands after all that was said, (clerk, status, took back) in order: (status, contested).

    Each clerk's last word counts once. Where as many say the one as the other it is contested, and unsure until one
    more clerk decides or one of them changes his mind.
    """
    said: dict[str, list[str]] = {}
    for clerk, status, took_back in words:
        mine = said.setdefault(clerk, [])
        if not took_back:
            mine.append(status)
        elif mine:
            mine.pop()
    votes = Counter(mine[-1] for mine in said.values() if mine and mine[-1] != Link.Status.UNSURE)
    if not votes:
        return Link.Status.UNSURE, False
    (best, most), *rest = votes.most_common()
    if rest and rest[0][1] == most:
        return Link.Status.UNSURE, True
    return best, False


def decide(link: Link, status: str, *, by, at: datetime, note: str = "") -> Link:
    """Say of a pair that it is one person, two, or (unsure) that it is set aside. The same word of the same clerk again
    changes nothing."""
    if status not in WORDS:
        raise ValueError(status)
    with transaction.atomic():
        found = Link.objects.select_for_update().get(pk=link.pk)
        words = list(found.decisions.order_by("id"))
        if words and (words[-1].by, words[-1].status, words[-1].took_back) == (author(by), status, False):
            return found
        word = LinkDecision(link=found, at=at, by=author(by), status=status, note=note[:200], before=found.status)
        return _apply(found, [*words, word])


def take_back(link: Link, *, by, at: datetime) -> Link:
    """Undo the clerk's last word on a pair; NothingToTakeBack where there is none."""
    with transaction.atomic():
        found = Link.objects.select_for_update().get(pk=link.pk)
        words = list(found.decisions.order_by("id"))
        mine = [word for word in words if word.by == author(by)]
        if sum(-1 if word.took_back else 1 for word in mine) < 1:
            raise NothingToTakeBack
        word = LinkDecision(
            link=found, at=at, by=author(by), status=Link.Status.UNSURE, took_back=True, before=found.status
        )
        return _apply(found, [*words, word])


def _apply(link: Link, words: list[LinkDecision]) -> Link:
    """Keep the last of the words, and what stands after all of them."""
    word = words[-1]
    word.save()
    link.status, link.contested = verdict((w.by, w.status, w.took_back) for w in words)
    if link.status == Link.Status.UNSURE and not link.contested:
        link.status, link.decided_at, link.decided_by = words[0].before or Link.Status.UNSURE, None, ""
    else:
        link.decided_at, link.decided_by = word.at, word.by
    link.save(update_fields=["status", "contested", "decided_at", "decided_by"])
    return link


def queue(links: Link.QuerySet, name: str, by) -> Link.QuerySet:
    """The pairs of a queue for a clerk, in the order of working through them.

    waiting    nobody has decided, and the clerk has not set it aside
    aside      nobody has decided, the clerk set it aside
    contested  clerks disagree
    second     decided by one other clerk, one in SECOND_LOOK: to be decided again without seeing how
    decided    decided
    """
    mine = LinkDecision.objects.filter(link=OuterRef("pk"), by=author(by))
    if name in ("waiting", "aside"):
        last_is_aside = ExpressionWrapper(Q(status=Link.Status.UNSURE, took_back=False), BooleanField())
        aside = Subquery(mine.order_by("-id").annotate(aside=last_is_aside).values("aside")[:1])
        links = links.waiting().annotate(aside=Coalesce(aside, False)).filter(aside=name == "aside")
    elif name == "contested":
        links = links.filter(contested=True)
    elif name == "second":
        other = LinkDecision.objects.filter(link=OuterRef("pk")).exclude(by=F("link__decided_by"))
        sample = Q(id__lt=UUID(int=(1 << 128) // SECOND_LOOK))
        links = links.filter(sample, contested=False).exclude(decided_at=None).exclude(Exists(mine))
        links = links.exclude(Exists(other))
    else:
        links = links.exclude(decided_at=None).filter(contested=False)
    return links.order_by("area_code", "id")


def next_after(links: Link.QuerySet, link: Link | None, *, back: bool = False) -> Link | None:
    """The pair after (or before) one in a queue, round and round; None in an empty queue."""
    ordered = links.reverse() if back else links
    if link is not None:
        side = "lt" if back else "gt"
        beyond = Q(**{f"area_code__{side}": link.area_code}) | Q(area_code=link.area_code, **{f"id__{side}": link.id})
        if found := ordered.filter(beyond).first():
            return found
    return ordered.first()


def last_word(links: Link.QuerySet, *, by, at: datetime) -> LinkDecision | None:
    """What the clerk said last, in the last hours, and has not taken back."""
    words = LinkDecision.objects.filter(by=author(by), at__gte=at - timedelta(hours=UNDO_HOURS), link__in=links)
    undone: Counter[UUID] = Counter()
    for word in words.order_by("-id").select_related("link")[:200]:
        if word.took_back:
            undone[word.link_id] += 1
        elif undone[word.link_id]:
            undone[word.link_id] -= 1
        else:
            return word
    return None


def waiting_by_area(links: Link.QuerySet, digits: int) -> dict[str, int]:
    """How many pairs wait, by the first digits of their area code."""
    parts = links.waiting().annotate(part=Substr("area_code", 1, digits)).values("part").annotate(n=Count("id"))
    return dict(parts.order_by("part").values_list("part", "n"))


BANDS = ((0.0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9))
BANDS += ((0.9, 1.01),)


class Band:
    """Pairs whose stated probability lies from `low` to below `high`, and what clerks found them to be."""

    def __init__(self, low: float, high: float):
        self.low, self.high = low, high
        self.same = self.apart = self.contested = 0
        self.stated = 0.0  # how many of the decided the comparison would have thought the same

    @property
    def decided(self) -> int:
        return self.same + self.apart


def bands(links: Link.QuerySet) -> list[Band]:
    """Decided pairs by stated probability; bands without one are left out."""
    found = [Band(low, high) for low, high in BANDS]
    judged = links.exclude(decided_at=None).values_list("probability", "status", "contested")
    for probability, status, contested in judged.iterator():
        band = next(b for b in reversed(found) if probability >= b.low or b is found[0])
        if contested:
            band.contested += 1
        elif status == Link.Status.LINKED:
            band.same += 1
            band.stated += probability
        elif status == Link.Status.APART:
            band.apart += 1
            band.stated += probability
    return [b for b in found if b.decided or b.contested]


class SecondLooks:
    """Pairs that two or more clerks judged: how many, and how many of them all judged alike."""

    def __init__(self, links: Link.QuerySet):
        several = links.exclude(decided_at=None).annotate(clerks=Count("decisions__by", distinct=True))
        words = LinkDecision.objects.filter(link__in=several.filter(clerks__gt=1))
        by_link: dict[UUID, list[tuple[str, str, bool]]] = {}
        for link, by, status, took_back in words.order_by("id").values_list("link_id", "by", "status", "took_back"):
            by_link.setdefault(link, []).append((by, status, took_back))
        judged = [votes for said in by_link.values() if len(votes := _last_words(said)) > 1]
        self.pairs, self.alike = len(judged), sum(len(set(votes)) == 1 for votes in judged)


def _last_words(said: list[tuple[str, str, bool]]) -> list[str]:
    """The first word of each clerk, before anybody's view was known to the others; set aside does not count."""
    first: dict[str, str] = {}
    for by, status, took_back in said:
        if took_back:
            first.pop(by, None)
        elif status != Link.Status.UNSURE:
            first.setdefault(by, status)
    return list(first.values())
