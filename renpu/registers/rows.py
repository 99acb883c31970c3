"""A row of a register as the file states it, and where what is told about it is gathered."""

import re
from dataclasses import dataclass, field

from renpu.concepts import masking
from renpu.registers.lines import Told
from renpu.registers.source import Column

_MASKS = {"name": "name", "holder": "name", "id": "identity_number", "phone": "phone"}
_SHOWN = 60  # characters of a value in a message
_IDENTITY = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")


@dataclass(slots=True)
class Row:
    """One person, household, dwelling, meter, birth or death as the file states it.

    `birth` and `happened_on` are an ISO date or a year and month, `sex` is 1, 2 or None, `persons` a number or None,
    `kwh` electricity by month (2020-05); a text that could not be read is empty. `unread` holds numbers that could not
    be read or were rounded, by column, as they stand. `typed` are the source's `twin` columns letter for letter, `same`
    its `same` columns as they were read, empty where the identity number finds the row. `is_part` marks one month of a
    meter, which stands in other rows too.
    """

    sheet: str
    number: int
    typed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    name: str = ""
    sex: int | None = None
    birth: str = ""
    id: str = ""
    household_no: str = ""
    kin_name: str = ""
    kin_id: str = ""
    happened_on: str = ""
    persons: int | None = None
    kwh: dict[str, float] = field(default_factory=dict)
    estimated: list[str] = field(default_factory=list)  # months of `kwh` that were not read from the meter
    unread: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)  # the other columns by name
    problems: list[Told] = field(default_factory=list)
    refused: bool = False
    is_part: bool = False
    twin: tuple[str, int] | None = None  # (sheet, row number) of the first row with the same `typed`

    @property
    def codes(self) -> str:
        return ";".join(dict.fromkeys(told.code for told in self.problems))

    def put(self, name: str, value: str) -> None:
        """Keep the value of a column: in the field of its name, or among `values`."""
        if name in _FIELDS:
            setattr(self, name, value)
        elif value:
            self.values[name] = value

    def stated(self, name: str) -> str:
        """The value of a column as it was read."""
        return getattr(self, name) if name in _FIELDS else self.values.get(name, "")

    def written(self, name: str) -> str:
        """The value of a column as a list of rows gives it: electricity as 2020-05=12 2020-06=3.5."""
        if name == "kwh":
            return " ".join(f"{month}={value:g}" for month, value in sorted(self.kwh.items()))
        value = getattr(self, name) if name in ("sex", "persons") else self.stated(name)
        return "" if value is None else str(value)

    def tell(
        self, code: str, column: Column | None = None, found: str = "", masked: bool = True, **values: object
    ) -> None:
        """Add a problem; the value of a personal column is masked on the way in, and so is an identity number that
        stands in another one, as where the columns of a row are shifted."""
        found = "".join(character for character in found if character.isprintable() or character in "\n\t ")
        if masked and found and column and column.personal:
            found = masking.mask(found, _MASKS.get(column.kind, ""))
        elif found and column and column.kind != "key":
            found = _IDENTITY.sub(lambda number: masking.mask_identity_number(number[0]), found)
        self.problems.append(
            Told(code, self.sheet, self.number, column.header if column else "", found[:_SHOWN], values)
        )


_FIELDS = frozenset({"name", "birth", "id", "household_no", "kin_name", "kin_id", "happened_on"})
