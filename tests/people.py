"""Invented people who answer a short form without an error."""

NUMBERS = ("310199197503120138", "310199197808250267")


def form(people=("张建国", "李秀英"), **more):
    """A short form that passes every hard edit: a married couple who live where their hukou is."""
    persons = [
        {
            "uuid": f"p{n}",
            "D1": name,
            "D2": n,
            "D3": NUMBERS[n] if n < 2 else "",
            "D4": n + 1,
            "D5": ("197503", "197808")[n] if n < 2 else "201001",
            "D6": "01",
            "D7": 1,
            "D8": 1,
            "D9": 1,
            "D11": 5,
            "D12": 1,
        }
        for n, name in enumerate(people)
    ]
    household = {
        "H1": 1,
        "H2a": len(people),
        "H2b": 0,
        "H3m": 0,
        "H3f": 0,
        "H4m": 0,
        "H4f": 0,
        "H5": 1,
        "H6": 60,
        "H7": 2,
    }
    answers = {"household": {**household, **more.pop("household", {})}, "persons": persons}
    return {"method": 1, "household_status": 1, "answers": answers, "read_back": True, **more}
