"""`make bench-reconcile`: the comparison against the known truth of invented streets.

python -m bench.reconcile [FOLDER …] [--json]. A folder has the layout of the packaged street (geo, registers, field)
and `truth`; without one the packaged street is taken, with the truth that the tests have of it. Each street is loaded
into an installation of its own, its season played, its registers accepted, everything compared; then each open item is
visited and answered from the truth, and the residents counted are set against the true ones. The software itself never
reads a truth.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).parents[1] / "tests" / "data" / "street" / "truth"
HERE = "1"  # D7


def measured(folder: Path | None) -> dict[str, Any]:
    """One street in an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="renpu-reconcile-") as home:
        env = os.environ | {"RENPU_HOME": home}
        street = ["--street", str(folder)] if folder else []
        demo = [sys.executable, "-m", "renpu.site.command", "demo", "--no-serve", *street]
        subprocess.run(demo, env=env, check=True, capture_output=True)
        run = [sys.executable, "-m", "bench.reconcile", "--within", str(folder or "packaged")]
        done = subprocess.run(run, env=env, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])


def within(folder: str) -> dict[str, Any]:
    """Compare and play out in the installation of this process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")
    django.setup()
    from bench.truth import Truth
    from renpu.platform.office import census_in_hand
    from renpu.synthetic.frame import StreetFolder, packaged_street

    census = census_in_hand()
    assert census is not None
    packaged = folder == "packaged"
    street = StreetFolder(packaged_street() if packaged else Path(folder))
    return prove(census, Truth(street, PACKAGED if packaged else Path(folder) / "truth"))


def prove(census: Any, truth: Any) -> dict[str, Any]:
    """Everything that is measured of one street, in the order of the season."""
    from datetime import timedelta

    from bench.truth import Visits, residents
    from renpu.coverage.news import UNCONFIRMED
    from renpu.coverage.reconcile import reconcile
    from renpu.listing.models import Household

    at = census.t0 + timedelta(days=16)
    _comparison, outcome, _written = reconcile(census, census.area_code, at=at)
    visits = Visits(truth, census, at + timedelta(days=1))
    told: dict[str, Any] = {
        "records": {"rows": sum(1 for r in outcome.findings["source"] if r != "form"),
                    "lines": sum(1 for r in outcome.findings["source"] if r == "form")},
        "links": links(visits.records, outcome),
        "duplicates": duplicates(visits.records, outcome),
        "told_apart": told_apart(visits.records, outcome),
        "missed": missed(visits, outcome),
        "kinds": by_kind(visits, outcome),
    }  # fmt: skip
    before = residents(census)
    before_visits = set(Household.objects.of(census).values_list("pk", flat=True))
    visits.play()
    true = len(truth.counted())
    after = residents(census)
    told["residents"] = {
        "true": true,
        "before": before,
        "after": after,
        "off_percent": round(100 * (after - true) / true, 4),
    }
    told["left_over"] = left_over(visits)
    told["refused"] = visits.refused
    seen = {item.pk for item in items_of(visits)}
    again = reconcile(census, census.area_code, at=at + timedelta(days=30))[2]
    told["closed_items_seen_again"] = again.closed if again else 0
    told["items_of_the_second_round"] = again.new if again else 0
    fresh = [item for item in items_of(visits) if item.pk not in seen]
    told["of_them_unconfirmed"] = sum(item.evidence.get("source") in UNCONFIRMED for item in fresh)
    told["of_these_found_by_visits"] = sum(
        item.evidence.get("source") in UNCONFIRMED and item.household_id not in before_visits for item in fresh
    )
    return told


def links(records: Any, outcome: Any) -> dict[str, float]:
    """Police rows to form lines: of the links the share of one person; of persons on both the share linked."""
    police = set(outcome.findings.filter(source="police")["record"])
    pairs = outcome.links.filter(status="linked")
    right = total = 0
    found = set()
    for a, b in zip(pairs["left"], pairs["right"], strict=True):
        if b in police:
            a, b = b, a
        if a not in police or not b.startswith("line:"):
            continue
        total += 1
        pid = records.of_row.get(int(a.removeprefix("row:")))
        if pid and pid == records.of_line.get(b):
            right += 1
            found.add(pid)
    on_forms = set(records.of_line.values())
    both = {records.of_row.get(int(r.removeprefix("row:"))) for r in police} & on_forms
    return {"links": total, "precision": right / total, "recall": len(found) / len(both)}


def duplicates(records: Any, outcome: Any) -> dict[str, float]:
    """Persons who live on several forms: found as such, and how many who do not are said to."""
    d7 = {(f["form_id"], int(f["line"])): f["D7"] for f in records.truth.street.rows("short_form_persons")}
    twice: dict[str, int] = {}
    for key, pid in records.truth.of_line.items():
        if d7[key] == HERE:
            twice[pid] = twice.get(pid, 0) + 1
    true = {pid for pid, n in twice.items() if n > 1}
    said = [
        {records.of_line.get(record) for record in subject.split("|")}
        for subject in outcome.items.filter(kind="duplicate")["subject"]
    ]
    found = {next(iter(one)) for one in said if len(one) == 1} & true
    return {
        "true": len(true), "items": len(said),
        "recall": len(found) / len(true) if true else 1.0,
        "precision": sum(len(one) == 1 for one in said) / len(said) if said else 1.0,
    }  # fmt: skip


def told_apart(records: Any, outcome: Any) -> dict[str, Any]:
    """Police rows that are on no form: rows of nobody and of the dead against persons who were missed."""
    persons = records.truth.persons
    on_forms = set(records.of_line.values())
    gone, missing, wrong = [], [], []
    rows = outcome.findings.filter(source="police").select("record", "finding", "why")
    for record, finding, why in rows.iter_rows():
        pid = records.of_row.get(int(record.removeprefix("row:")))
        if pid in on_forms:
            continue
        is_gone = not pid or bool(persons[pid]["died"])
        (gone if is_gone else missing).append(finding in ("dead", "never_existed"))
        if gone and is_gone and not gone[-1]:
            wrong.append(f"{'dead' if pid else 'nobody'} {pid} as {finding}: {why}")
        if not is_gone and missing[-1]:
            wrong.append(f"missed {pid} ({persons[pid]['age']} years) as {finding}: {why}")
    right = sum(gone) + len(missing) - sum(missing)
    return {
        "dead_or_nobody": len(gone), "of_them_told": sum(gone), "missed": len(missing),
        "of_them_told_missed": len(missing) - sum(missing), "right": right / max(len(gone) + len(missing), 1),
        "wrong": wrong,
    }  # fmt: skip


def missed(visits: Any, outcome: Any) -> dict[str, Any]:
    """Persons who live here and are on no form as living here; those whom a register knows; of these, those whom an
    item leads to."""
    truth, records = visits.truth, visits.records
    d7 = {(f["form_id"], int(f["line"])): f["D7"] for f in truth.street.rows("short_form_persons")}
    here = {pid for key, pid in truth.of_line.items() if d7[key] == HERE}
    # foreigners have a form of their own
    lost = {
        pid for pid, p in truth.persons.items()
        if p["household"] and pid not in here and truth.homes[p["household"]]["kind"] != "foreign"
    }  # fmt: skip
    known: dict[str, str] = {}
    for pid in records.of_row.values():
        known.setdefault(pid, "person")
    counted, runs = dwellings_known(visits)
    for pid in lost - set(known):
        dwelling = truth.homes[truth.persons[pid]["household"]]["dwelling"]
        living = [q for q in truth.living[truth.persons[pid]["household"]] if q in here]
        if counted.get(dwelling, 0) > len(living):
            known[pid] = "grid"
        elif not living and runs.get(dwelling):
            known[pid] = "meter"
    reached = set()
    for item in items_of(visits):
        lines, places = visits.where(item)
        reached |= {truth.lines[line][1] for line in lines if truth.lines[line][0] == "home"}
        reached |= {truth.home_at[d] for d in places if d in truth.home_at}
    covered = {pid for pid in lost if truth.persons[pid]["household"] in reached}
    in_registers = lost & set(known)
    told = []
    for pid in sorted(lost - covered):
        home = truth.persons[pid]["household"]
        found = "found" if any(q in here for q in truth.living[home]) else "missed"
        told.append(
            f"{pid} {truth.persons[pid]['age']} years, {known.get(pid, 'on no register')}, household {home} {found}"
        )
    return {
        "persons": len(lost), "in_a_register": len(in_registers), "of_them_covered": len(in_registers & covered),
        "share": len(in_registers & covered) / max(len(in_registers), 1), "covered_in_all": len(covered),
        "not_covered": told,
    }  # fmt: skip


def items_of(visits: Any) -> Any:
    from renpu.coverage.models import WorkItem

    return WorkItem.objects.of(visits.census).order_by("pk")


def dwellings_known(visits: Any) -> tuple[dict[str, int], dict[str, bool]]:
    """By true dwelling: persons counted by the grid's list, and whether a meter with its address runs."""
    from renpu.coverage.vacancy import place_key
    from renpu.registers.models import RegisterRow

    counted: dict[str, int] = {}
    runs: dict[str, bool] = {}
    rows = RegisterRow.objects.filter(delivery__source__in=("grid", "electricity"), delivery__state="accepted")
    for source, address, persons, more in rows.values_list("delivery__source", "address", "persons", "more"):
        for dwelling in visits.keys.get(place_key(address) or "", []):
            if source == "grid":
                counted[dwelling] = max(counted.get(dwelling, 0), persons or 0)
            else:
                newest = [v for _, v in sorted((more.get("kwh") or {}).items())[-3:] if v is not None]
                runs[dwelling] = runs.get(dwelling, False) or (bool(newest) and sum(newest) / len(newest) >= 20)
    return counted, runs


def by_kind(visits: Any, outcome: Any) -> dict[str, dict[str, Any]]:
    """For each kind how many items there are and how many lead to a household or record that is wrong indeed; those
    apart that no source contradicts, and none confirms."""
    from renpu.coverage.news import UNCONFIRMED

    truth = visits.truth
    now = wrong_households(visits)
    found: dict[str, dict[str, Any]] = {}
    for item in items_of(visits):
        lines, places = visits.where(item)
        homes = {truth.lines[line] for line in lines} | {
            ("home", truth.home_at[d]) for d in places if d in truth.home_at
        }
        source = item.evidence.get("source")
        name = f"{item.kind}, {source}" if source in UNCONFIRMED else item.kind
        one = found.setdefault(name, {"items": 0, "something_wrong": 0})
        one["items"] += 1
        one["something_wrong"] += bool(homes & now)
    return found


def wrong_households(visits: Any) -> set[tuple[str, str]]:
    """True households whose form lacks somebody, has somebody too many, or says D7, D8 or D9 otherwise than is true;
    and those that have no form."""
    truth = visits.truth
    on_form: dict[str, dict[str, tuple[str, str, str]]] = {}
    lines = {(f["form_id"], int(f["line"])): f for f in truth.street.rows("short_form_persons")}
    roster_of = {f["form_id"]: f["roster_id"] for f in truth.forms}
    for (form, line), pid in truth.of_line.items():
        f = lines[form, line]
        on_form.setdefault(roster_of[form], {})[pid] = (f["D7"], f["D8"], f["D9"])
    wrong = set()
    blocks = {r["roster_id"]: r["block"] for r in truth.roster}
    for line, (what, key) in truth.lines.items():
        if what == "again":
            wrong.add((what, key))
        if what not in ("home", "hukou") or truth.status(line) == 8:
            continue
        pids, answers = truth.form(what, key, blocks[line])
        true = {pid: (a["D7"], a["D8"], a["D9"]) for pid, a in zip(pids, answers, strict=True)}
        if true != on_form.get(line, {}):
            wrong.add((what, key))
    wrong |= {("home", home) for home in truth.homes if home not in truth.line_of_home}
    return wrong


def left_over(visits: Any) -> list[str]:
    """Persons who still count otherwise than is true after everything was visited, and why."""
    from renpu.collection.models import Person
    from renpu.linkage.models import line_key
    from renpu.listing.models import Household

    truth, records = visits.truth, visits.records
    counted: dict[str, int] = {}
    gone = set(Household.objects.filter(removed=True).values_list("pk", flat=True))
    for home, line, how in Person.objects.values_list("household_id", "line", "counts_as"):
        if home in gone:
            continue
        pid = (
            visits.on_form[home.hex][line - 1]
            if home.hex in visits.on_form
            else records.of_line.get(line_key(home, line))
        )
        if how == "resident" and pid:
            counted[pid] = counted.get(pid, 0) + 1
    true = truth.counted()
    told = []
    for pid in sorted(true | counted.keys()):
        n = counted.get(pid, 0)
        if n != (pid in true):
            p = truth.persons[pid]
            told.append(f"{pid} counted {n}, true {int(pid in true)}: age {p['age']}, home {p['household']}, "
                        f"away {p['away']}, hukou {p['hukou_kind']}, D9 {p['D9']}")  # fmt: skip
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--within", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.within:
        print(json.dumps(within(args.within), ensure_ascii=False))
        return
    for folder in args.folders or [None]:
        told = measured(folder.resolve() if folder else None)
        if args.json:
            print(json.dumps({"street": folder.name if folder else "packaged", **told}, ensure_ascii=False))
            continue
        print(f"{folder.name if folder else 'packaged'}: {told['records']}")
        for name in ("links", "duplicates", "told_apart", "missed", "kinds", "residents"):
            print(f"  {name:11}", json.dumps(told[name], ensure_ascii=False))
        seen, new = told["closed_items_seen_again"], told["items_of_the_second_round"]
        print(f"  compared again: {seen} closed items with news, {new} new items")
        for name in ("left_over", "refused"):
            for line in told[name]:
                print(f"  {name:11} {line}")


if __name__ == "__main__":
    main()
