"""The same person or not: records of two files, or of one, compared without a common key (GSBPM 5.1).

In: two frames, and which of their columns mean what. Out: pairs, how surely they are one person, and why. Nothing is
learned from a truth, and nothing depends on the order of the rows. Knows no Django and no database: `compare` is called
from a notebook as from `renpu compare`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from renpu.linkage.fields import Field
    from renpu.linkage.linking import LinkageRefused, Outcome, compare, link

__all__ = ["Field", "LinkageRefused", "Outcome", "compare", "link"]
_HOME = {"Field": "fields", "LinkageRefused": "linking", "Outcome": "linking", "compare": "linking", "link": "linking"}


def __getattr__(name: str) -> Any:
    """What others call, imported when it is asked for: a command that links nothing does not wait for Polars."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
