"""Invented households for load runs: short forms that pass the edits, visits, and the events that carry them.

Identity numbers use a county code (..0199..) that was never assigned.
"""

import os
import random
import time
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英华玉红梅建国志文"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
CLOCK = timezone(timedelta(hours=8))
T0 = datetime(2020, 11, 1, tzinfo=CLOCK)


def uuid7() -> UUID:
    """A UUID that begins with the time, as devices make them."""
    value = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (7 << 76)
    return UUID(int=value & ~(3 << 62) | (2 << 62))


def identity_number(rnd: random.Random, birth: str, sex: int) -> str:
    body = f"310199{birth}{rnd.randrange(1, 29):02}{rnd.randrange(10, 500) * 2 + sex % 2:03}"
    return body + CHECK[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


def name(rnd: random.Random, surname: str = "") -> str:
    return (surname or rnd.choice(SURNAMES)) + "".join(rnd.sample(GIVEN, rnd.choice((1, 2, 2))))


def month(rnd: random.Random, first: int, last: int) -> str:
    return f"{rnd.randrange(first, last + 1)}{rnd.randrange(1, 13):02}"


def form(rnd: random.Random, **more: Any) -> dict[str, Any]:
    """The short form of a married couple and their two children, all at home."""
    people = ((0, 1, 1972, 1985, 5), (1, 2, 1974, 1987, 5), (2, 1, 2006, 2009, 3), (2, 2, 2011, 2012, 3))
    surname, persons = rnd.choice(SURNAMES), []
    for line, (relation, sex, first, last, school) in enumerate(people, 1):
        birth = month(rnd, first, last)
        person = {
            "uuid": f"{rnd.getrandbits(64):016x}-{line}",
            "D1": name(rnd, "" if relation == 1 else surname),
            "D2": relation,
            "D3": identity_number(rnd, birth, sex),
            "D4": sex,
            "D5": birth,
            "D6": "01",
            "D7": 1,
            "D8": 1,
            "D9": 1,
            "D11": school,
        }
        if last < 2005:
            person["D12"] = 1
        persons.append(person)
    area = rnd.randrange(55, 130)
    household = {"H1": 1, "H2a": 4, "H2b": 0, "H3m": 0, "H3f": 0, "H4m": 0, "H4f": 0, "H5": 1, "H6": area, "H7": 3}
    answers = {"household": household, "persons": persons, "deaths": []}
    return {
        **{"form": "short", "form_version": "2020.1", "method": 1, "household_status": 1, "answers": answers},
        **{
            "confirmed": [],
            "started_at": T0 + timedelta(hours=9),
            "read_back": True,
            "signature": signature(rnd),
            **more,
        },
    }


def signature(rnd: random.Random) -> str:
    """SVG path data of about 150 characters, as a thumb leaves it."""
    return "M10 40" + "".join(f"l{rnd.randrange(-9, 10)} {rnd.randrange(-9, 10)}" for _ in range(28))


def visits(rnd: random.Random, slip_no: str) -> list[dict[str, Any]]:
    """Nobody at home and a slip left; nobody again; met, and the household listed."""
    vain = {"mode": 1, "outcome": 4, "status_after": 90}
    counts = {"n_here": 4, "n_away": 0, "n_hukou": 4, "n_resident": 4}
    return [
        {**vain, "slip_no": slip_no, "appointment_at": T0 + timedelta(days=1, hours=19)},
        {**vain, "lon": 121.5, "lat": 31.25},
        {
            "mode": 1,
            "outcome": 1,
            "status_after": 1,
            "head": name(rnd),
            "phone": f"199{rnd.randrange(10**8):08d}",
            **counts,
        },
    ]


class Author:
    """A device's counter and clock: makes the events of one enumerator."""

    def __init__(self, fence: int = 1):
        self.seq = 0
        self.fence = fence

    def event(
        self, kind: str, about: str, block: str, payload: dict[str, Any], base_version: int = 0
    ) -> dict[str, Any]:
        self.seq += 1
        return {
            "id": uuid7(),
            "kind": kind,
            "about": about,
            "block": block,
            "made_at": T0 + timedelta(hours=9, seconds=self.seq),
            "seq": self.seq,
            "base_version": base_version,
            "fence": self.fence,
            "payload": payload,
        }
