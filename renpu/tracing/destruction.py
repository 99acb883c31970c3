"""What units' members and calls hold of a register's rows, taken away when the rows are destroyed."""

from renpu.registers.models import Delivery, RegisterRow
from renpu.tracing.models import Member, WrongNumber


def forget(delivery: Delivery) -> dict[str, int]:
    """Take names, numbers and codes from the members that came from a delivery, and the wrong numbers of its rows;
    gives how many there were. Their states stay, so that the counts of a unit do not change: they name nobody."""
    rows = RegisterRow.objects.filter(delivery=delivery).values("pk")
    members = Member.objects.filter(row_id__in=rows).exclude(name=b"")
    emptied = members.update(
        name=b"", name_index=b"", identity=None, identity_index=None, phone=None, code_hash=None, code_until=None
    )
    numbers, _by_table = WrongNumber.objects.filter(item__row_id__in=rows).delete()
    return {name: n for name, n in (("unit_member", emptied), ("wrong_number", numbers)) if n}
