"""What the check of a form costs: microseconds of CPU a household, compiled and interpreted, and the same in Polars.

python bench/editing.py [ROUNDS]. Households of 1, 4 and 10 persons that break no rule: the common case on receipt.
Budget on receipt for a household of four: 60 us for the rules and 40 us for the demands of the questionnaire.
"""

import sys
import time
from collections.abc import Callable

import msgspec
import polars as pl

from renpu.concepts.identity_number import check_character
from renpu.editing.answers import Answers, Context, Household, Person, decode
from renpu.editing.language import PERSON_ITEMS
from renpu.editing.rules import rule_set
from renpu.editing.rules.frames import check_frames
from renpu.editing.rules.python import checker, interpret

RULES = rule_set({"t0": "2020-11-01"})
HOUSEHOLDS_IN_FRAMES = 20_000


def household(size: int) -> tuple[Answers, Context]:
    """Head, spouse, children of their age: invented, and passing every rule."""
    persons = []
    for line in range(1, size + 1):
        sex = 1 + (line % 2 == 0)
        birth = "197501" if line < 3 else f"{1998 + line}02"
        body = f"310199{birth}01{20 + line}{sex}"
        relation = min(line - 1, 2) if line < 9 else 9
        grown = line < 3 or 2020 - 1998 - line >= 15
        persons.append(
            Person(
                D1=f"张{'甲乙丙丁戊己庚辛壬癸'[line - 1]}", D2=relation, D3=body + check_character(body), D4=sex,
                D5=birth, D6="01", D7=1, D8=1, D9=1, D11=3 if not grown else 5, D12=1 if grown else None,
            )
        )  # fmt: skip
    answers = Answers(Household(H1=1, H2a=size, H2b=0, H3m=0, H3f=0, H4m=0, H4f=0, H5=1, H6=90, H7=3), persons)
    context = Context(household_status=1, household_no="001", household_type=1, county="310109", n_here=size, n_away=0)
    return answers, context


def microseconds(action: Callable[[], object], rounds: int) -> float:
    """Best of five, in CPU time: what the action needs when nothing disturbs it."""
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds):
            action()
        times.append(time.process_time() - start)
    return min(times) / rounds * 1e6


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    check = checker(RULES)
    print(
        f"{len(RULES.rules)} rules, {len(RULES.checks)} checks, {sum(c.shape for c in RULES.checks)} by questionnaire"
    )
    print(f"{'persons':>8}{'decode us':>11}{'check us':>10}{'interpreted us':>16}{'ratio':>7}")
    for size in (1, 4, 10):
        answers, context = household(size)
        assert not any(check(answers, context)[:2]), check(answers, context)
        body = msgspec.json.encode(answers)
        read = microseconds(lambda body=body: decode(body), rounds)
        fast = microseconds(lambda a=answers, c=context: check(a, c), rounds)
        slow = microseconds(lambda a=answers, c=context: interpret(RULES, a, c), max(rounds // 50, 1))
        print(f"{size:>8}{read:>11.1f}{fast:>10.1f}{slow:>16.0f}{slow / fast:>7.0f}")
    answers, context = household(4)
    row = msgspec.structs.asdict(answers.household) | msgspec.structs.asdict(context)
    keys = pl.DataFrame({"household": range(HOUSEHOLDS_IN_FRAMES)})
    households = keys.join(pl.DataFrame([row]), how="cross")
    lines = [{"line": line} | msgspec.structs.asdict(person) for line, person in enumerate(answers.persons, 1)]
    persons = keys.join(pl.DataFrame(lines, schema={"line": pl.Int64} | types(PERSON_ITEMS)), how="cross")
    start = time.perf_counter()
    check_frames(RULES, households, persons)
    spent = time.perf_counter() - start
    print(f"Polars, {HOUSEHOLDS_IN_FRAMES} households of 4: {spent / HOUSEHOLDS_IN_FRAMES * 1e6:.1f} us a household")


def types(items: dict[str, str]) -> dict[str, type[pl.DataType]]:
    return {name: pl.Int64 if kind == "int" else pl.String for name, kind in items.items()}


if __name__ == "__main__":
    main()
