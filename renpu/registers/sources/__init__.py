"""One declaration a source; `find` gives it by its name."""

from renpu.registers.source import RegisterSource
from renpu.registers.sources import (
    births,
    cremations,
    deaths,
    demolition,
    education,
    electricity,
    employer,
    epidemic,
    grid,
    police,
    police_households,
    residence_permits,
)

SOURCES = (
    police.SOURCE,
    police_households.SOURCE,
    residence_permits.SOURCE,
    births.SOURCE,
    deaths.SOURCE,
    cremations.SOURCE,
    electricity.SOURCE,
    grid.SOURCE,
    epidemic.SOURCE,
    employer.SOURCE,
    education.SOURCE,
    demolition.SOURCE,
)


def find(name: str) -> RegisterSource | None:
    """The source of this name or second name (`police`, `hukou`), or None."""
    return next((source for source in SOURCES if name == source.name or name in source.also), None)
