"""The second half of `make bench-reconcile`: a city's load on PostgreSQL, from the tables to findings and work items.

python -m bench.city [--rows 2300000]. Half of the rows are a register, half the lines of forms about the same people
(`renpu.synthetic.persons`), sealed as they always are; nothing is cut from what `renpu reconcile` does. Then the pages'
queries over the items that it opened.
"""

import argparse
import time
from typing import Any

from bench.office import Office, cpu_seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_300_000)
    args = parser.parse_args()
    with Office("postgresql") as office:
        assert office.postgres is not None

        def ask(what: str) -> Any:
            start, before = time.perf_counter(), cpu_seconds(office.postgres.pid)
            told = office.within("bench.ledger", what, str(args.rows))
            spent = cpu_seconds(office.postgres.pid) - before
            print(f"{what}: {time.perf_counter() - start:.0f} s, {spent:.0f} s of PostgreSQL's processors", flush=True)
            return told

        print(ask("fill"), flush=True)
        print(ask("run"), flush=True)
        for row in ask("pages"):
            print(f"{row['name']:48s}{row['p50']:10.1f} /{row['p95']:8.1f} ms", flush=True)
        print("again", ask("run"), flush=True)


if __name__ == "__main__":
    main()
