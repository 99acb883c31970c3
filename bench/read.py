"""`make bench-read`: the office's queries on a million households, on both stores. Goal: p95 below 100 ms."""

import argparse
import json
import time

from bench.office import Office

GOAL_MS = 100


def measure(store: str, share: float) -> list[dict]:
    with Office(store) as office:
        start = time.perf_counter()
        known = office.within("bench.million", str(share))
        size = f"{known['lines']:,} households, {known['persons']:,} persons, {known['area_blocks']:,} blocks"
        print(f"{store}: {size}, filled in {time.perf_counter() - start:.0f} s", flush=True)
        path = office.folder / "known.json"
        path.write_text(json.dumps(known))
        return office.within("bench.queries", str(path))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", choices=("sqlite", "postgresql"), action="append")
    asked.add_argument("--share", type=float, default=1.0, help="of the million, for a trial")
    a = asked.parse_args()
    stores = a.store or ["postgresql", "sqlite"]
    found = {store: measure(store, a.share) for store in stores}
    print(f"\n{'p50 / p95 ms':48s}" + "".join(f"{store:>22s}" for store in stores))
    for row in zip(*found.values(), strict=True):
        cells = "".join(f"{r['p50']:12.1f} /{r['p95']:7.1f}{' !' if r['p95'] > GOAL_MS else '  '}" for r in row)
        print(f"{row[0]['name']:48s}{cells}")
    slow = [f"{r['name']} ({store})" for store, rows in found.items() for r in rows if r["p95"] > GOAL_MS]
    print(f"\nabove {GOAL_MS} ms: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    main()
