"""Addresses placed in the frame, against the truth of a generated street.

python -m bench.places STREET [--misses]

STREET is a folder of the street generator with its truth. The frame is the roster's units, as `renpu` loads it; the
police rows and the meters are placed by address alone. Precision: of the rows given a dwelling, those given the right
one. Recall: of the rows whose true dwelling is in the frame and whose address names a room, those given the right
one; and of all whose true dwelling is in the frame. Hints: rows called no_unit whose dwelling is in fact not in the
frame.
"""

import argparse
import csv
import json
import time
from collections import Counter
from pathlib import Path

from renpu.concepts.address import read
from renpu.geography.matching import PLACED, Frame


def table(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def frame_of(street: Path) -> Frame:
    features = json.loads((street / "geo/buildings.geojson").read_text("utf-8"))["features"]
    block_of = {b: row["block"] for row in table(street / "field/blocks.csv") for b in row["buildings"].split()}
    buildings = {f["properties"]["building"]: f["properties"] for f in features}
    units = {}
    for row in table(street / "field/roster.csv"):
        if row["dwelling"] and row["building"] in buildings:
            units.setdefault(row["dwelling"], (row["dwelling"], row["building"], row["block"], 0, row["address"]))
    houses = [(b, block_of.get(b, p["committee"]), p["label"], p["state"]) for b, p in buildings.items()]
    return Frame(units.values(), houses)


def truths(street: Path) -> dict[str, list[tuple[str, str, str]]]:
    """By register: (address, committee, true dwelling) of each row."""
    dwelling_of = {row["hukou_household"]: row["dwelling"] for row in table(street / "truth/hukou_households.csv")}
    committee_of = {row["hukou_household"]: row["committee"] for row in table(street / "truth/hukou_households.csv")}
    households = {
        row["row"]: row["hukou_household"]
        for row in table(street / "truth/links_registers.csv")
        if row["file"] == "hukou_all.csv"
    }
    police = [
        (row["住址"], committee_of.get(household, ""), dwelling_of.get(household, ""))
        for row in table(street / "registers/hukou_all.csv", "gb18030")
        for household in [households.get(row["序号"], "")]
    ]
    first = {row["meter"]: row["dwellings"].split()[0] for row in table(street / "truth/meters.csv")}
    meters = [(row["用电地址"], "", first[row["户号(电表)"]]) for row in table(street / "registers/electricity.csv")]
    return {"police": police, "electricity": meters}


def measure(frame: Frame, rows: list[tuple[str, str, str]], misses: bool) -> dict[str, object]:
    known = {one.id for dwellings in frame._dwellings.values() for one in dwellings}
    how, counts, wrong = Counter(), Counter(), []
    for address, committee, dwelling in rows:
        found = frame.find(address, committee)
        how[found.placed] += 1
        given = found.placed in PLACED and found.unit
        counts["given"] += bool(given)
        counts["right"] += given == dwelling and bool(given)
        counts["in_frame"] += dwelling in known
        counts["named"] += dwelling in known and bool(read(address).room_key)
        counts["named_right"] += bool(read(address).room_key) and given == dwelling and bool(given)
        counts["hints"] += found.placed == "no_unit"
        counts["right_hints"] += found.placed == "no_unit" and dwelling not in known
        counts["not_in_frame"] += bool(dwelling) and dwelling not in known
        if (given and given != dwelling) or (not given and dwelling in known and read(address).room_key):
            wrong.append((address, found.placed, found.unit, dwelling))
    if misses:
        for one in wrong:
            print(*one)
    return {
        "rows": len(rows),
        "precision": round(counts["right"] / max(1, counts["given"]), 4),
        "recall_room_named": round(counts["named_right"] / max(1, counts["named"]), 4),
        "recall_all": round(counts["right"] / max(1, counts["in_frame"]), 4),
        "how": dict(how.most_common()),
        **counts,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("street", type=Path)
    parser.add_argument("--misses", action="store_true", help="print the rows placed wrongly or not at all")
    options = parser.parse_args()
    begun = time.perf_counter()
    frame = frame_of(options.street)
    for name, rows in truths(options.street).items():
        print(json.dumps({"register": name, **measure(frame, rows, options.misses)}, ensure_ascii=False))
    print(f"{time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
