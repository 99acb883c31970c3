"""The invented street with a ledger: items are opened, and time goes on from one action to the next."""

from datetime import datetime, timedelta

from renpu.coverage import counters, work
from renpu.coverage.models import WorkItem, WorkNow
from renpu.platform.models import TIME_ZONE
from tests.site.street import BLOCK, Office


class Ledger(Office):
    def __init__(self):
        super().__init__()
        self.now = datetime(2020, 11, 12, 9, tzinfo=TIME_ZONE)

    def later(self, **by) -> datetime:
        self.now += timedelta(**(by or {"minutes": 1}))
        return self.now

    def open(self, kind="register_missing", n=1, area=BLOCK, **more) -> list[WorkItem]:
        """n items of a kind, in the order of their subjects."""
        first = WorkItem.objects.count()
        wanted = [work.Opening(kind, area, f"row:{first + i}", **more) for i in range(n)]
        opened = work.open_items(self.census, wanted, by="comparison", at=self.later())
        return [WorkItem.objects.get(pk=key) for key in opened.new]

    def one(self, kind="register_missing", **more) -> WorkItem:
        return self.open(kind, **more)[0]

    def fresh(self, item: WorkItem) -> WorkItem:
        return WorkItem.objects.get(pk=item.pk)

    def how(self, item: WorkItem, by="supervisor") -> dict:
        """Who, when, and the version that the page showed."""
        return {"by": by, "at": self.later(), "seen": self.fresh(item).version}

    def answered(self, item: WorkItem, mode="phone", outcome=1, **more):
        work.attempt(item, work.Try(mode, outcome, **more), **self.how(item))

    def counts(self, kind="register_missing", area=BLOCK) -> tuple[int, int, int]:
        """(open, gone, closed), once the counters were proven against the items."""
        assert list(counters.check()) == []
        found = WorkNow.objects.filter(kind=kind, area_code=area).first()
        return (found.open, found.gone, found.closed) if found else (0, 0, 0)
