"""Identity numbers of invented people: of the test county ..0199.., with their right check character."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(birth: str, order: int) -> str:
    """The number of somebody born on a day (yyyymmdd); odd orders are male."""
    stem = f"310199{birth}{order:03d}"
    return stem + "10X98765432"[sum(int(a) * b for a, b in zip(stem, _WEIGHTS, strict=True)) % 11]


def wrong(good: str) -> str:
    """The same number with a check character that does not fit."""
    return good[:-1] + ("1" if good[-1] == "0" else "0")
