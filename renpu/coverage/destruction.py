"""What findings hold of a register's rows, taken away when the rows are destroyed."""

from django.db.models import Count

from renpu.coverage.models import Finding
from renpu.registers.models import Delivery


def forget(delivery: Delivery) -> dict[str, int]:
    """Delete the findings on rows of a delivery; gives how many there were, by what was found. Work items stay: they
    name no person, and their steps are the record of the work."""
    found = Finding.objects.filter(delivery_id=delivery.pk)
    counts = dict(found.values_list("finding").annotate(n=Count("pk")).order_by())
    found.delete()
    return {f"finding_{finding}": number for finding, number in counts.items()}
