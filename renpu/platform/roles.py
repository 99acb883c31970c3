"""What a role may do at its post, beyond seeing it. Seeing is `areas.visible_to`."""

from renpu.platform.areas import posts_of
from renpu.platform.models import Role

OFFICES = frozenset({Role.AREA_HEAD, Role.STREET_OFFICE, Role.DISTRICT_OFFICE})
MAY = {
    "decide": OFFICES | {Role.SUPERVISOR},  # settle edits, decide merge tasks, lock, remove
    "reveal": OFFICES | {Role.SUPERVISOR},  # see personal values in clear, for a purpose
    "equip": OFFICES | {Role.SUPERVISOR},  # pair and revoke devices, reassign blocks
    "work": OFFICES | {Role.SUPERVISOR, Role.ENUMERATOR},  # try and note work items
    "close": OFFICES | {Role.SUPERVISOR},  # close and reopen work items, decide links
    "ask": OFFICES,  # send, answer and withdraw requests for help between committees
    "look_up": OFFICES | {Role.SUPERVISOR},  # contacts of a person from registers, for a purpose
    "audit": OFFICES | {Role.INSPECTOR},  # read the access log
    "compare": OFFICES,  # run the comparison
    "report": OFFICES,  # write the free text of the report
    "place": OFFICES,  # say where an address of a register lies
    "hand_out": OFFICES | {Role.SUPERVISOR},  # give a block's register rows to its enumerator, masked
    "destroy": frozenset({Role.STREET_OFFICE, Role.DISTRICT_OFFICE}),  # destroy the rows of a delivery
    "take_in": frozenset({Role.STREET_OFFICE, Role.DISTRICT_OFFICE}),  # take in, accept and refuse register deliveries
}


def may(user, action: str, area_code: str) -> bool:
    """May the user do this in the whole of this area? An administrator may."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    return any(role in MAY[action] and area_code.startswith(code) for role, code in posts_of(user))
