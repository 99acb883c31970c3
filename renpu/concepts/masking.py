"""Personal values as screens, messages, logs and test output may show them: enough to tell two rows apart, no more."""

from collections.abc import Callable, Mapping


def mask_name(name: str) -> str:
    """张三丰 -> 张**. The number of stars is fixed, so that the length is not told; a name of one character is
    hidden."""
    name = name.strip()
    return f"{name[0]}**" if len(name) > 1 else "***" * bool(name)


def mask_identity_number(number: str) -> str:
    """310199195912080473 -> 3…(18): the first character and the length."""
    number = number.strip()
    return f"{number[0]}…({len(number)})" if len(number) > 1 else "…" * bool(number)


def mask_phone(phone: str) -> str:
    """12554757042 -> 125****7042; a number of fewer than 11 digits shows its last two."""
    digits = "".join(filter(str.isdigit, phone))
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) > 4 else "****" * bool(phone.strip())


KINDS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "identity_number": mask_identity_number,
    "phone": mask_phone,
}


def mask(value: str, kind: str = "") -> str:
    """The value masked as its kind asks; without a kind by first character and length. KeyError for an unknown kind."""
    return (KINDS[kind] if kind else mask_identity_number)(value)
