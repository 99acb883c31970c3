"""A season's field records, played through the write path with their own clocks. Playing twice changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from renpu.editing.forms import from_field_record
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.platform.models import TIME_ZONE, Census
from renpu.synthetic.frame import StreetFolder, device_of, load_frame

BATCH = 500
MODES = {"visit": 1, "phone": 3, "desk": 0}
METHODS = {"visit": 1, "self": 2, "phone": 3, "proxy": 7}
FORMS_FROM = 10_000_000  # device counters of a season's forms follow those of its visits
EVENING = timedelta(hours=18)


class Played(NamedTuple):
    """How a season's events were answered: result -> number, and each event that was not simply held, with its
    reason."""

    results: dict[str, int]
    odd: list[tuple[str, str]]


def play(street: StreetFolder, progress: Callable[[int, int], None] | None = None) -> Played:
    """Load the frame, then every record of the season in the order in which the server came to know it."""
    main, pilot = load_frame(street)
    records = sorted(Season(street, main, pilot).records(), key=lambda r: r.received_at)
    results: dict[str, int] = {}
    odd: list[tuple[str, str]] = []
    for at in range(0, len(records), BATCH):
        part = records[at : at + BATCH]
        for answer in receive(part, direct=True):
            results[answer.result] = results.get(answer.result, 0) + 1
            if answer.result in ("quarantined", "refused", "merge"):
                odd.append((str(answer.id), answer.reason or answer.result))
        if progress:
            progress(at + len(part), len(records))
    return Played(results, odd)


class Season:
    """The records of a street folder as events, with the moments at which they were made and received."""

    def __init__(self, street: StreetFolder, main: Census, pilot: Census | None):
        self.street = street
        self.main = main
        self.pilot = pilot
        self.lines = {r["roster_id"]: r for r in street.rows("roster")}
        self.desk = Sender(device_of(street, "desk"), "desk", main.pk, False)
        self.senders: dict[str, Sender] = {}

    def records(self) -> Iterator[Incoming]:
        """Every event; those of one moment in the order in which they belong."""
        yield from self._roster(self.main, self.desk, "", self.lines.values())
        yield from self._visits()
        yield from self._forms()
        yield from self._foreigners()
        yield from self._tracing()
        if self.pilot is not None:
            yield from self._pilot(self.pilot)

    def sender(self, staff_id: str) -> Sender:
        """The device of a member of staff; of the household itself where no staff is named."""
        if staff_id not in self.senders:
            device = device_of(self.street, staff_id or "respondent")
            self.senders[staff_id] = Sender(device, staff_id or "respondent", self.main.pk, bool(staff_id))
        return self.senders[staff_id]

    def event(
        self,
        kind: str,
        name: str,
        about: UUID,
        block: str,
        made_at: datetime,
        received_at: datetime,
        payload: dict[str, Any],
        *,
        sender: Sender,
        seq: int = 0,
        attested: bool = False,
    ) -> Incoming:
        body = msgspec.json.encode(
            {
                "id": self.street.key("event", kind, name),
                "kind": kind,
                "about": about,
                "block": block,
                "made_at": made_at,
                "seq": seq,
                "fence": 1 if sender.holder else 0,
                "payload": payload,
            }
        )
        return Incoming(body, sender, received_at, attested)

    def household(self, roster_id: str, census: str = "") -> UUID:
        return self.street.key("household", census, roster_id)

    def _roster(
        self, census: Census, sender: Sender, prefix: str, rows: Iterable[dict[str, str]], at: datetime | None = None
    ) -> Iterator[Incoming]:
        moment = at or self.street.moment("frame_at")
        for r in rows:
            payload = {
                "household_no": r["household_no"],
                "household_type": int(r["household_type"]),
                "address": r["address"],
                "building": self.street.key("building", r["building"]) if r["building"] else None,
                "unit": self.street.key("unit", r["dwelling"]) if r["dwelling"] else None,
            }
            about = self.household(r["roster_id"], prefix)
            yield self.event("line", prefix + r["roster_id"], about, r["block"], moment, moment, payload, sender=sender)

    def _visits(self) -> Iterator[Incoming]:
        for r in self.street.rows("visits"):
            outcome = int(r["outcome"])
            payload: dict[str, Any] = {
                "mode": MODES[r["mode"]],
                "outcome": outcome,
                "status_after": int(r["status_after"]),
                "ended_at": moment(r["ended_at"]),
                "slip_no": r["slip_no"],
                "with_police": r["with_police"] == "1",
                "self_code": r["self_code"],
                "head": self.lines[r["roster_id"]]["head_name"] if outcome in (1, 2) else "",
                "note": r["note"],
            }
            for name in ("n_here", "n_away", "n_hukou", "n_resident"):
                if r[name] != "":
                    payload[name] = int(r[name])
            if r["lon"]:
                payload["lon"], payload["lat"] = float(r["lon"]), float(r["lat"])
            yield self.event(
                *("visit", r["visit_id"], self.household(r["roster_id"]), r["block"]),
                *(moment(r["started_at"]), moment(r["synced_at"]), payload),
                sender=self.sender(r["staff_id"]),
                seq=int(r["visit_id"].lstrip("V")),
            )

    def _forms(self) -> Iterator[Incoming]:
        persons = by_form(self.street.rows("short_form_persons"))
        deaths = by_form(self.street.rows("deaths"))
        for r in self.street.rows("short_form_households"):
            form_id = r["form_id"]
            payload = {
                "method": METHODS[r["method"]],
                "household_status": int(r["household_status"]),
                "answers": from_field_record(r, persons.get(form_id, []), deaths.get(form_id, [])),
                "read_back": r["method"] == "visit",
            }
            yield self.event(
                *("form", form_id, self.household(r["roster_id"]), r["block"]),
                *(moment(r["submitted_at"]), moment(r["synced_at"]), payload),
                sender=self.sender(r["staff_id"]),
                seq=FORMS_FROM + int(form_id.lstrip("F")),
                attested=True,
            )

    def _foreigners(self) -> Iterator[Incoming]:
        households: dict[tuple[str, str, str], list[dict[str, str]]] = {}
        for r in self.street.rows("hmt_foreign"):
            households.setdefault((r["roster_id"], r["block"], r["submitted_at"]), []).append(r)
        for (roster_id, block, at), rows in households.items():
            people = [
                {
                    "name": r["name"],
                    "sex": int(r["sex"]),
                    "birth": r["birth"],
                    "nationality": r["nationality"],
                    "document": r["document"],
                }
                for r in rows
            ]
            yield self.event(
                *("foreign", f"{roster_id} {at}", self.household(roster_id), block),
                *(moment(at), moment(at), {"persons": people}),
                sender=self.desk,
            )

    def _tracing(self) -> Iterator[Incoming]:
        forms = {r["form_id"]: r for r in self.street.rows("short_form_households")}
        for r in self.street.rows("tracing"):
            form = forms[r["form_id"]]
            about = self.household(form["roster_id"])
            opened = {
                "case_no": r["case_id"],
                "line": int(r["line"]),
                "to_place": int(r["to_place"]),
                "to_code": r["to_code"],
                "opened_on": r["opened_on"],
                "channel": r["channel"],
            }
            steps = [(r["opened_on"], opened)]
            if r["closed_on"]:
                steps.append((r["closed_on"], {**opened, "outcome": int(r["outcome"]), "closed_on": r["closed_on"]}))
            for on, payload in steps:
                at = moment(f"{on}T00:00:00") + EVENING
                name = f"{r['case_id']} {'closed' if 'outcome' in payload else 'opened'}"
                yield self.event("tracing", name, about, form["block"], at, at, payload, sender=self.desk)

    def _pilot(self, pilot: Census) -> Iterator[Incoming]:
        rows = self.street.rows("pilot")
        desk = self.desk._replace(census_id=pilot.pk)
        done = {r["roster_id"]: moment(f"{r['completed_on']}T00:00:00") + EVENING for r in rows}
        first = min(done.values()) - timedelta(days=1)
        yield from self._roster(pilot, desk, pilot.code, (self.lines[r["roster_id"]] for r in rows), first)
        for r in rows:
            at = done[r["roster_id"]]
            payload = {"mode": 1, "outcome": 1, "status_after": 1, "n_here": int(r["persons"])}
            about = self.household(r["roster_id"], pilot.code)
            yield self.event("visit", f"{pilot.code}{r['roster_id']}", about, r["block"], at, at, payload, sender=desk)


def moment(text: str) -> datetime:
    """A local time of the files as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


def by_form(rows: Iterable[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for r in rows:
        found.setdefault(r["form_id"], []).append(r)
    return found
