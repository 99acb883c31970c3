"""Identifiers and numbers read from the address or the form of a page, where anything may stand."""

from uuid import UUID


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def uuids_of(texts: list[str]) -> list[UUID]:
    """Those of the texts that are identifiers."""
    return [one for text in texts if (one := uuid_of(text))]


def number_of(text: str, digits: int = 8) -> int | None:
    """A whole number of at most so many ASCII digits; None for any other text. 18 digits fit the stores' keys."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
