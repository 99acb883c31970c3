"""One declaration a source; `find` gives it by its name."""

from renpu.registers.source import RegisterSource
from renpu.registers.sources import police

SOURCES = (police.SOURCE,)


def find(name: str) -> RegisterSource | None:
    """The source of this name or second name (`police`, `hukou`), or None."""
    return next((source for source in SOURCES if name == source.name or name in source.also), None)
