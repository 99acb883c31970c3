"""Register rows and links as a comparison leaves them, of invented people."""

from uuid import UUID, uuid5

from renpu.concepts import names
from renpu.linkage.models import Link, line_key, row_key
from renpu.platform import vault
from renpu.registers.actions import seal_place
from renpu.registers.models import Delivery, RegisterRow
from tests.site.street import BLOCK, HERE, STREET

PAIRS = UUID("7d0f0a3e-52d6-5e0c-8a59-0c5f7d1f2a10")


def delivery(office, source="police", area=STREET, **more):
    return Delivery.objects.create(
        census_id=office.census.pk,
        source=source,
        area_code=area,
        file_name="名单.xlsx",
        sha256=more.pop("sha256", "0" * 64),
        size=1,
        received_at=office.now,
        state="accepted",
        **more,
    )


def row(of, number, name, *, sex=1, birth="", id_number="", phone="", address="", area=HERE, household_no="", **more):
    place = (str(of.pk), "", number)

    def sealed(field, text):
        return vault.seal(text, seal_place(*place, field)) if text else None

    return RegisterRow.objects.create(
        delivery=of,
        number=number,
        area_code=area,
        sex=sex,
        birth=birth,
        address=address,
        household_no=household_no,
        name_sealed=sealed("name", name),
        name_index=vault.blind_index(names.key(name), "name"),
        id_sealed=sealed("id", id_number),
        id_index=vault.blind_index(id_number, "id") if id_number else None,
        phone_sealed=sealed("phone", phone),
        typed_index=b"",
        **more,
    )


def unsure(office, left, right, *, area=BLOCK, probability=0.5, status="unsure", reason="name=sound birth=same"):
    left, right = sorted((left, right))
    return Link.objects.create(
        id=uuid5(PAIRS, f"{left} {right}"),
        census_id=office.census.pk,
        area_code=area,
        left=left,
        right=right,
        probability=probability,
        status=status,
        reason=reason,
    )


def pair_at(office, number, *, area=BLOCK, people=("张建国", "李秀英"), name="张建国", probability=0.5, **more):
    """An unsure pair of a form line and a police row."""
    home = office.registered(f"{number:03}", block=area, people=people)
    of = Delivery.objects.filter(source="police").first() or delivery(office)
    found = row(of, number, name, birth="1975-03-12", household_no=f"h{number}", area=area[:12], block_code=area)
    return unsure(office, line_key(home, 1), row_key(found.pk), area=area, probability=probability, **more)
