"""What is true of an invented street, and a play of its open work items with that truth.

Only tests and measurements read this: the software compares without it. `Truth` reads a street's folder `truth` (or a
copy of it); `Visits` answers each open item as the people who are met would, sends the corrected forms through the
write path, and closes the item with the reason that fits.
"""

import csv
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec

from renpu.collection.forms import counts_as
from renpu.collection.models import BlockNow
from renpu.coverage import vacancy_check, work
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem
from renpu.coverage.vacancy import place_key
from renpu.editing.forms import from_field_record
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.geography.models import Unit
from renpu.linkage.models import line_key
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.registers.models import RegisterRow
from renpu.synthetic.frame import StreetFolder

LINE = re.compile(r"line:([0-9a-f]{32}):(\d+)")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Truth:
    """Who lives where, whose hukou is where, and which records are theirs."""

    def __init__(self, street: StreetFolder, folder: Path):
        self.street = street
        self.persons = {r["pid"]: r for r in rows(folder / "persons.csv")}
        self.homes = {r["household"]: r for r in rows(folder / "households.csv")}
        self.hukou = {r["hukou_household"]: r for r in rows(folder / "hukou_households.csv")}
        self.dwellings = {r["dwelling"]: r for r in rows(folder / "dwellings.csv")}
        self.births = rows(folder / "births.csv")
        self.deaths = rows(folder / "deaths.csv")
        self.of_row = {(r["file"], int(r["row"])): r["pid"] for r in rows(folder / "links_registers.csv")}
        self.of_line = {(r["form_id"], int(r["line"])): r["pid"] for r in rows(folder / "links_forms.csv")}
        self.roster = street.rows("roster")
        self.forms = street.rows("short_form_households")
        self.forms_of: dict[str, list[str]] = defaultdict(list)
        for f in self.forms:
            self.forms_of[f["roster_id"]].append(f["form_id"])
        self.died_on: dict[str, list[dict[str, str]]] = defaultdict(list)
        for d in street.rows("deaths"):
            self.died_on[d["form_id"]].append(d)
        self.living: dict[str, list[str]] = defaultdict(list)
        self.registered: dict[str, list[str]] = defaultdict(list)
        for pid, p in self.persons.items():
            if p["household"]:
                self.living[p["household"]].append(pid)
            if p["hukou_household"]:
                self.registered[p["hukou_household"]].append(pid)

    @cached_property
    def block_of(self) -> dict[str, str]:
        """Dwelling -> block; one without a roster line lies in the block of its building."""
        buildings = {b: r["block"] for r in self.street.rows("blocks") for b in r["buildings"].split()}
        found = {r["dwelling"]: r["block"] for r in self.roster if r["dwelling"]}
        for key, d in self.dwellings.items():
            found.setdefault(key, buildings.get(d["building"], d["committee"] + "001"))
        return found

    @cached_property
    def home_at(self) -> dict[str, str]:
        """Dwelling -> household that lives there (in these streets at most one)."""
        return {h["dwelling"]: key for key, h in self.homes.items()}

    @cached_property
    def line_of_home(self) -> dict[str, str]:
        """True household -> roster line."""
        return {home: line for line, (what, home) in self.lines.items() if what == "home"}

    @cached_property
    def line_of_hukou(self) -> dict[str, str]:
        """Register household -> the roster line where it is recorded: its own, or that of the household at its
        dwelling."""
        found = {home: line for line, (what, home) in self.lines.items() if what == "hukou"}
        for key, h in self.hukou.items():
            if key not in found and h["dwelling"] in self.home_at:
                line = self.line_of_home.get(self.home_at[h["dwelling"]])
                if line:
                    found[key] = line
        return found

    @cached_property
    def lines(self) -> dict[str, tuple[str, str]]:
        """Roster line -> ("home", household that lives there), ("hukou", register household away), ("again", one that
        has a line elsewhere) or ("", "")."""
        on_form: dict[str, list[str]] = defaultdict(list)
        roster_of = {f["form_id"]: f["roster_id"] for f in self.forms}
        for (form, _line), pid in self.of_line.items():
            on_form[roster_of[form]].append(pid)
        away = defaultdict(list)
        for key, h in self.hukou.items():
            if h["true_status"] != "1" or h["collective"]:
                away[h["dwelling"] if not h["collective"] else ""].append(key)
        found: dict[str, tuple[str, str]] = {}
        taken: set[str] = set()
        # a collective hukou belongs in the virtual block; where it has a line elsewhere too, that one is too many
        for r in sorted(self.roster, key=lambda r: r["block"][12:] < "900"):
            pids = on_form.get(r["roster_id"])
            if not pids:
                continue
            here = self.home_at.get(r["dwelling"])
            if here and any(self.persons[p]["household"] == here for p in pids) and r["status"] not in "23457":
                found[r["roster_id"]] = ("home", here)
                taken.add(here)
                continue
            keys = Counter(self.persons[p]["hukou_household"] for p in pids if self.persons[p]["hukou_household"])
            if keys:
                best = keys.most_common(1)[0][0]
                found[r["roster_id"]] = ("again" if best in taken else "hukou", best)
                taken.add(best)
        for r in self.roster:
            if r["roster_id"] in found:
                continue
            here = self.home_at.get(r["dwelling"])
            if here and here not in taken:
                found[r["roster_id"]] = ("home", here)
                taken.add(here)
                continue
            free = [key for key in away[r["dwelling"]] if key not in taken]
            found[r["roster_id"]] = ("hukou", free[0]) if free else ("", "")
            taken.update(free[:1])
        return found

    def status(self, line: str) -> int:
        """The true household status of a roster line."""
        what, key = self.lines[line]
        if what == "home":
            return 8 if self.homes[key]["kind"] == "foreign" else 1
        if what in ("hukou", "again"):
            return int(self.hukou[key]["true_status"])
        dwelling = next(r["dwelling"] for r in self.roster if r["roster_id"] == line)
        return 9 if self.dwellings.get(dwelling, {}).get("use") == "shop" else 6

    def members(self, what: str, key: str, block: str) -> list[str]:
        """Who belongs on the form of a household: who lives there, and who has the hukou with them and lives outside
        the block."""
        if what == "home":
            here = self.living[key]
            with_hukou = {self.persons[p]["hukou_household"] for p in here if self.persons[p]["hukou_kind"] == "here"}
            away = [p for k in sorted(with_hukou) if k and not self.hukou[k]["collective"] for p in self.registered[k]]
        else:
            here, away = [], self.registered[key]
        own = {*here}
        outside = [
            p for p in away if p not in own and not self.persons[p]["died"]
            and self.lives_in(p) != block
        ]  # fmt: skip
        return [*here, *dict.fromkeys(outside)]

    def lives_in(self, pid: str) -> str:
        """The block in which a person lives; empty outside the street."""
        home = self.persons[pid]["household"]
        return self.block_of[self.homes[home]["dwelling"]] if home else ""

    def answers(self, pid: str, line: int, block: str, what: str, key: str) -> dict[str, str]:
        """The record of a person on a form taken in a block."""
        p = self.persons[pid]
        committee, here = block[:12], what == "home" and p["household"] == key
        if p["household"]:
            place = self.homes[p["household"]]["committee"]
            d7 = 1 if here else 2 if place == committee else 3
        else:
            d7 = {"district": 4, "city": 5, "province": 5, "hmt": 6, "abroad": 7}[p["away"]]
        if p["hukou_kind"] == "pending":
            d8 = 5
        elif p["hukou_kind"] in ("here", "same_street") and p["hukou_household"]:
            d8 = 1 if self.hukou[p["hukou_household"]]["committee"] == committee else 2
        else:
            d8 = 3 if p["hukou_kind"] == "district" else 4
        d9 = "1" if p["household"] and p["hukou_kind"] in ("here", "same_street") else p["D9"]
        age = int(p["age"])
        return {
            "line": str(line), "D1": p["name"], "D2": p["relation"] if here else "9",
            "D3": p["id18"] if d8 != 5 else "",
            "D4": p["sex"], "D5": p["birth"][:7].replace("-", ""), "D6": p["ethnic"], "D7": str(d7),
            "D7_code": p["away_code"] if d7 == 5 else "", "D8": str(d8),
            "D8_code": p["hukou_code"] if d8 == 4 else "", "D9": "" if d8 == 5 else d9,
            "D10": "" if d8 == 5 or d9 == "1" else p["D10"], "D11": p["edu"] if age >= 3 else "",
            "D12": "1" if age >= 15 else "",
        }  # fmt: skip

    def form(self, what: str, key: str, block: str) -> tuple[list[str], list[dict[str, str]]]:
        """The persons and their records on the true form of a household."""
        pids = self.members(what, key, block)
        records = [self.answers(pid, n, block, what, key) for n, pid in enumerate(pids, 1)]
        heads = [r for r in records if r["D2"] == "0"]
        if records and not heads:
            records[0]["D2"] = "0"
        for extra in heads[1:]:
            extra["D2"] = "9"
        return pids, records

    def counted(self) -> set[str]:
        """The persons who count as resident in the street."""
        return {pid for pid, p in self.persons.items() if p["resident_committee"]}

    def counts(self, record: dict[str, str]) -> bool:
        number = [int(record[item]) if record[item] else None for item in ("D7", "D8", "D9")]
        return counts_as(*number) == "resident"


class Records:
    """Which person each record of the database is, by the truth and by what was visited since."""

    def __init__(self, truth: Truth, census: Census):
        self.truth, self.census = truth, census
        street = truth.street
        roster_of = {f["form_id"]: f["roster_id"] for f in truth.forms}
        self.home_id = {r["roster_id"]: street.key("household", "", r["roster_id"]) for r in truth.roster}
        self.line_id = {key.hex: roster for roster, key in self.home_id.items()}
        self.of_line = {
            line_key(self.home_id[roster_of[form]], line): pid for (form, line), pid in truth.of_line.items()
        }
        self.first_row = {"hukou_all.csv": 1, "births_health.csv": 1}
        self.of_row = {}
        for pk, name, number in RegisterRow.objects.values_list("pk", "delivery__file_name", "number"):
            pid = truth.of_row.get((name, number - self.first_row.get(name, 0)))
            if pid is not None:
                self.of_row[pk] = pid
        self.unit = {street.key("unit", d).hex: d for d in truth.dwellings}
        self.building: dict[str, list[str]] = defaultdict(list)
        for key, d in truth.dwellings.items():
            self.building[street.key("building", d["building"]).hex].append(key)

    def persons(self, item: WorkItem) -> list[str]:
        """The persons whom an item is about."""
        found = [self.of_line.get(f"line:{home}:{line}", "") for home, line in LINE.findall(item.subject)]
        if item.row_id:
            found.append(self.of_row.get(item.row_id, ""))
        return [pid for pid in dict.fromkeys(found) if pid]


class Visits:
    """Every open item visited: what the truth says goes in as events, the item is closed with the reason that fits."""

    def __init__(self, truth: Truth, census: Census, at: datetime):
        self.truth, self.census, self.at = truth, census, at
        self.records = Records(truth, census)
        self.sender = Sender(uuid5(UUID(int=0), "visits"), "visits", census.pk, False)
        self.visited: set[str] = set()
        self.lines_at: dict[str, list[str]] = defaultdict(list)
        for r in truth.roster:
            if r["dwelling"]:
                self.lines_at[r["dwelling"]].append(r["roster_id"])
        self.on_form: dict[str, list[str]] = defaultdict(list)
        self.refused: list[str] = []
        self.closed: Counter[tuple[str, str]] = Counter()
        self.keys: dict[str, list[str]] = defaultdict(list)
        for key, d in truth.dwellings.items():
            if (place := place_key(d["address"])) is not None:
                self.keys[place].append(key)

    def play(self) -> None:
        for item in WorkItem.objects.of(self.census).open().order_by("kind", "pk"):
            self.visit(item)

    def visit(self, item: WorkItem) -> None:
        lines, dwellings = self.where(item)
        for line in lines:
            self.correct(line)
        for dwelling in dwellings:
            home = self.truth.home_at.get(dwelling)
            if home and home not in self.truth.line_of_home:
                self.add(home)
        self.close(item, dwellings)

    def where(self, item: WorkItem) -> tuple[list[str], list[str]]:
        """The roster lines and the dwellings that a visit leads to."""
        lines = [
            self.records.line_id[key.hex]
            for key in (item.household_id, item.other_household_id)
            if key and key.hex in self.records.line_id
        ]
        dwellings = []
        if item.unit_id and item.unit_id.hex in self.records.unit:
            dwellings.append(self.records.unit[item.unit_id.hex])
        if item.subject.startswith("place:"):
            dwellings += self.keys.get(item.subject.removeprefix("place:"), [])
        if item.subject.startswith("building:"):  # door by door: what the roster does not have
            doors = self.records.building[item.subject.removeprefix("building:")]
            dwellings += [d for d in doors if not self.lines_at[d]]
        for pid in self.records.persons(item):
            person = self.truth.persons[pid]
            if person["household"]:
                dwellings.append(self.truth.homes[person["household"]]["dwelling"])
                lines += filter(None, [self.truth.line_of_home.get(person["household"])])
            lines += filter(None, [self.truth.line_of_hukou.get(person["hukou_household"])])
        for dwelling in dwellings:
            lines += self.lines_at[dwelling]
        return list(dict.fromkeys(lines)), list(dict.fromkeys(dwellings))

    def correct(self, line: str) -> None:
        """A roster line gets its true status and form, once."""
        if line in self.visited:
            return
        self.visited.add(line)
        row = next(r for r in self.truth.roster if r["roster_id"] == line)
        what, key = self.truth.lines[line]
        if what == "again":
            self.send("remove", self.records.home_id[line], row["block"], {"removed": True, "reason": "twice"})
            return
        self.send_household(self.records.home_id[line], row["block"], what, key, self.truth.status(line))

    def add(self, home: str) -> None:
        """A household that was on no roster gets a line."""
        found = self.truth.homes[home]
        block = self.truth.block_of[found["dwelling"]]
        line = f"new {home}"
        about = uuid5(UUID(int=1), home)
        self.truth.line_of_home[home] = line
        self.truth.lines[line] = ("home", home)
        self.records.home_id[line], self.records.line_id[about.hex] = about, line
        self.lines_at[found["dwelling"]].append(line)
        unit = self.truth.street.key("unit", found["dwelling"])
        self.visited.add(line)
        address = self.truth.dwellings[found["dwelling"]]["address"]
        self.send("line", about, block, {"address": address, "unit": unit if unit.hex in self.units else None})
        self.send_household(about, block, "home", home, 8 if found["kind"] == "foreign" else 1)
        for pid in self.truth.living[home]:
            if line_of := self.truth.line_of_hukou.get(self.truth.persons[pid]["hukou_household"]):
                self.correct(line_of)

    @cached_property
    def units(self) -> set[str]:
        return {key.hex for key in Unit.objects.values_list("pk", flat=True)}

    def send_household(self, about: UUID, block: str, what: str, key: str, status: int) -> None:
        visit: dict[str, Any] = {"mode": 1, "outcome": 9 if status == 6 else 2, "status_after": status, "note": "asked"}
        pids, records = self.truth.form(what, key, block) if what and status != 8 else ([], [])
        if records:
            visit["n_here"] = sum(r["D7"] == "1" for r in records)
            visit["n_resident"] = sum(self.truth.counts(r) for r in records)
        self.send("visit", about, block, visit)
        if not what or status == 8:
            return
        # who was on a deaths form stays on it
        died = [d for form in self.truth.forms_of[self.records.line_id[about.hex]] for d in self.truth.died_on[form]]
        home = {"H1": "2" if what == "home" and self.truth.homes[key]["kind"] == "collective" else "1",
                "H2a": str(sum(r["D7"] == "1" for r in records)), "H2b": str(sum(r["D7"] != "1" for r in records)),
                "H3m": "0", "H3f": "0", "H4m": str(sum(d["sex"] == "1" for d in died)),
                "H4f": str(sum(d["sex"] != "1" for d in died)), "H5": "1"}  # fmt: skip
        version = Household.objects.get(pk=about).version
        answers = from_field_record(home, records, died)
        form = {"method": 1, "household_status": status, "answers": answers}
        self.send("form", about, block, form, base=version)
        self.on_form[about.hex] = pids

    def send(self, kind: str, about: UUID, block: str, payload: dict[str, Any], base: int = 0) -> None:
        self.at += timedelta(seconds=1)
        body = msgspec.json.encode(
            {
                "id": uuid5(about, f"{kind} {self.at}"), "kind": kind, "about": about, "block": block,
                "made_at": self.at, "base_version": base, "payload": payload,
            }
        )  # fmt: skip
        answer = receive([Incoming(body, self.sender, self.at)], direct=True)[0]
        if answer.result not in ("accepted", "duplicate"):
            self.refused.append(f"{kind} {about} {answer.result} {answer.reason}")

    # ------------------------------------------------------------------ closing
    def close(self, item: WorkItem, dwellings: list[str]) -> None:
        """Tried, answered, closed with the reason that fits."""
        self.at += timedelta(seconds=1)
        reason = self.reason(item, dwellings)
        tried = work.Try("phone", 1)
        work.attempt(item, tried, by="visits", at=self.at, seen=None)
        if reason == ("household_status", "6"):
            for check in vacancy_check.CHECKS:
                whom = "neighbour" if check == "ask" else ""
                looked = work.Looked(check, "nobody", whom, self.at)
                work.record_check(item, looked, by="visits", at=self.at, seen=None)
            self.at += timedelta(days=1)
            work.attempt(item, work.Try("door", 9), by="visits", at=self.at, seen=None)
        work.close(item, reason, by="visits", at=self.at, seen=None, note="asked")
        self.closed[item.kind, ":".join(reason)] += 1

    def reason(self, item: WorkItem, dwellings: list[str]) -> tuple[str, str]:
        if item.kind in ("vacancy", "unlisted_dwelling"):
            return self.status_reason(item, dwellings)
        pids = self.records.persons(item)
        person = self.truth.persons[pids[0]] if pids else None
        added = ("work_reason", "added")
        wanted: list[tuple[str, str]] = []
        if item.kind == "duplicate":
            wanted = [("tracing_outcome", "11") if len(pids) == 1 else ("work_reason", "not_same")]
        elif item.kind in ("register_missing", "alive_or_dead", "birth_missing"):
            if person is None:
                wanted = [("tracing_outcome", "9"), ("work_reason", "register_wrong")]
            elif person["died"]:
                wanted = [("tracing_outcome", "7")]
            elif person["household"]:
                wanted = [added, ("work_reason", "corrected")]
            else:
                wanted = [("tracing_outcome", "4"), ("work_reason", "lives_elsewhere")]
        elif item.kind == "residence_omission":
            wanted = [added if person and person["household"] else ("work_reason", "lives_elsewhere")]
        elif item.kind in ("headcount", "building_dwellings"):
            wanted = [added]
        wanted += [("work_reason", "as_registered"), ("work_reason", "corrected"), ("work_reason", "register_wrong")]
        allowed = kinds()[item.kind].reasons
        return next(reason for reason in wanted if reason in allowed)

    def status_reason(self, item: WorkItem, dwellings: list[str]) -> tuple[str, str]:
        """The status that the roster now has."""
        statuses = set()
        if item.household_id:
            statuses = {Household.objects.get(pk=item.household_id).status}
        elif item.unit_id:
            statuses = set(
                Household.objects.filter(unit_id=item.unit_id, removed=False).values_list("status", flat=True)
            )
        if statuses:
            return "household_status", str(min(statuses))
        if item.kind == "unlisted_dwelling":
            return "work_reason", "register_wrong"
        raise ValueError(f"no status for {item}")


def residents(census: Census) -> int:
    """Residents by the counters."""
    area = BlockNow.objects.filter(census_id=census.pk).in_area(census.area_code)
    return sum(area.values_list("resident", flat=True))
