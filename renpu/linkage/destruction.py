"""What links hold of a register's rows, taken away when the rows are destroyed."""

from collections import Counter

from django.db import connection

from renpu.linkage import search
from renpu.linkage.models import Link
from renpu.registers.models import Delivery

_NAMING = """
select id from linkage_link
where {side} in (select 'row:' || cast(id as varchar(20)) from registers_registerrow where delivery_id = %s)
"""


def forget(delivery: Delivery) -> dict[str, int]:
    """Delete the links that name a row of a delivery, with their decisions; gives how many there were, by status."""
    search.forget()  # names and numbers in clear, in the memory of this process; others see it at their next search
    key = delivery.pk if connection.vendor == "postgresql" else delivery.pk.hex
    found: set = set()
    with connection.cursor() as cursor:
        for side in ("left", "right"):
            cursor.execute(_NAMING.format(side=f'"{side}"'), [key])
            found.update(link for (link,) in cursor.fetchall())
    counts: Counter = Counter()
    ids = list(found)
    for first in range(0, len(ids), 500):
        links = Link.objects.filter(pk__in=ids[first : first + 500])
        counts.update(links.values_list("status", flat=True))
        links.delete()
    return {f"link_{status}": number for status, number in counts.items()}
