"""Running a comparison from a page: one at a time over an area, in a thread of its own, its step told while it runs.

A row of `Comparison` without `finished_at` says that one runs, and `figures` which step it is at. It gives way to the
row of the finished comparison; where a process ended in the middle it stays, and after an hour it is told as broken
off.
"""

import logging
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from renpu.coverage import problems
from renpu.coverage.models import Comparison
from renpu.coverage.reconcile import STEPS, reconcile
from renpu.coverage.work import WorkRefused, hold
from renpu.platform.models import Census

log = logging.getLogger("renpu.comparison")
GIVEN_UP = timedelta(hours=1)
NAMES = {
    "read": _("reading lists and forms"),
    "link": _("finding the same persons"),
    "compare": _("setting records against each other"),
    "write": _("writing what was found"),
}


def start(census: Census, area_code: str, *, by: Any, at: datetime) -> Comparison:
    """Begin a comparison of an area. WorkRefused while one runs over it, over a part of it or over what it is in."""
    with transaction.atomic():
        hold(census)
        if any(overlap(run.area_code, area_code) for run in running(census, at)):
            raise WorkRefused(problems.RUNS_ALREADY)
        mark = Comparison.objects.create(
            census_id=census.pk, area_code=area_code, started_at=at, by=by, figures={"step": STEPS[0]}
        )
    in_background(census, mark, at)
    return mark


def in_background(census: Census, mark: Comparison, at: datetime) -> None:
    Thread(target=run, args=(census.pk, mark.pk, at), name="comparison", daemon=True).start()


def run(census_id: int, mark_id: UUID, at: datetime) -> None:
    """Compare; in the end the mark is gone, whatever happened. What went wrong stands in the log and on the page."""
    mark = Comparison.objects.select_related("by").get(pk=mark_id)

    def step(name: str) -> None:
        Comparison.objects.filter(pk=mark_id).update(figures={"step": name})

    try:
        reconcile(Census.objects.get(pk=census_id), mark.area_code, at=at, by=mark.by, step=step)
        Comparison.objects.filter(pk=mark_id).delete()
    except Exception as problem:
        log.exception("comparison of %s", mark.area_code)
        Comparison.objects.filter(pk=mark_id).update(figures={"failed": type(problem).__name__})
    finally:
        connections.close_all()


def overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def running(census: Census, now: datetime) -> list[Comparison]:
    """Those that run now, the newest first."""
    marks = Comparison.objects.filter(census_id=census.pk, finished_at=None, started_at__gt=now - GIVEN_UP)
    return [run for run in marks.order_by("-started_at", "-pk") if "failed" not in run.figures]


def newest(user, census: Census, area_code: str) -> Comparison | None:
    """The newest finished comparison that covered the whole area, whoever may see it: its figures are counts."""
    above = [area_code[:n] for n in (2, 4, 6, 9, 12, 15) if n <= len(area_code)]
    finished = Comparison.objects.filter(census_id=census.pk, area_code__in=above).exclude(finished_at=None)
    return finished.select_related("by").order_by("-started_at", "-pk").first()


def of_area(census: Census, area_code: str, most: int = 10) -> list[Comparison]:
    """The newest comparisons that touched an area, running and broken off ones too."""
    above = [area_code[:n] for n in (2, 4, 6, 9, 12, 15) if n <= len(area_code)]
    rows = Comparison.objects.filter(census_id=census.pk).in_area(area_code) | Comparison.objects.filter(
        census_id=census.pk, area_code__in=above
    )
    return list(rows.select_related("by").order_by("-started_at", "-pk")[:most])
