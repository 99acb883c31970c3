"""Where one block lies seen from another, in the codes of D7 (residence_place) and D8 (hukou_place).

Source: short form R601, items D7 and D8. The first has five steps, from the block itself to another county; D8
begins with the committee and has four.
"""

_LENGTHS = (15, 12, 9, 6)  # block, committee, township or street, county


def residence_place(hukou: str, lives: str) -> int | None:
    """D7 on the form of the hukou side (a block or committee code) for somebody who lives in `lives`; 1 to 5.

    None where a code is too short to tell.
    """
    return _step(hukou, lives, _LENGTHS)


def hukou_place(lives: str, hukou: str) -> int | None:
    """D8 on the form of the place of residence for somebody whose hukou is in `hukou`; 1 to 4, None as above."""
    return _step(lives, hukou, _LENGTHS[1:])


def _step(seen_from: str, there: str, lengths: tuple[int, ...]) -> int | None:
    for code, length in enumerate(lengths, 1):
        if min(len(seen_from), len(there)) < length:
            if seen_from[: len(there)] != there[: len(seen_from)]:
                continue
            return None
        if seen_from[:length] == there[:length]:
            return code
    return len(lengths) + 1
