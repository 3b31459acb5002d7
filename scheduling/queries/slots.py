"""One slot with all that its rules and its line on a page name."""

from __future__ import annotations

from typing import Final

from django.db import connection

from crm.hydrating import Hydrator
from scheduling.models import Clinic, Location, Provider, ProviderRole, Room, Slot, VisitType
from scheduling.states import SlotStatus

#: What a slot's rules and its line on a page name.
BESIDE: Final = ("role__provider", "role__clinic__location", "visit_type", "room")

_SLOT: Final = """
SELECT {columns}
FROM scheduling_slot s
JOIN scheduling_providerrole r ON r.id = s.role_id
JOIN scheduling_provider p ON p.id = r.provider_id
JOIN scheduling_clinic c ON c.id = r.clinic_id
JOIN scheduling_location l ON l.id = c.location_id
JOIN scheduling_visittype t ON t.id = s.visit_type_id
LEFT JOIN scheduling_room o ON o.id = s.room_id
WHERE s.id = %s"""
_WITH_ALL: Final = Hydrator(
    (Slot, "s"),
    (ProviderRole, "r"),
    (Provider, "p"),
    (Clinic, "c"),
    (Location, "l"),
    (VisitType, "t"),
    (Room, "o"),
)

_IS_BOOKED: Final = "SELECT FROM scheduling_slot WHERE id = %s AND status = %s"


def get_slot(pk: int) -> Slot:
    """The slot with all of `BESIDE`. :raises Slot.DoesNotExist:"""
    found = _WITH_ALL.read(_SLOT, [pk])
    if not found:
        raise Slot.DoesNotExist(f"There is no slot {pk}.")
    slot: Slot
    ((slot, role, provider, clinic, location, visit_type, room),) = found
    clinic.location, role.clinic, role.provider = location, clinic, provider
    slot.role, slot.visit_type, slot.room = role, visit_type, room
    return slot


def is_booked(pk: int) -> bool:
    """Whether every seat of the slot is taken, without waiting for anybody who has it locked."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_BOOKED, [pk, SlotStatus.BUSY])
        return cursor.fetchone() is not None


#: What a slot names itself; the rest of `get_slot` hangs on these.
_NAMED: Final = ("role", "visit_type", "room")


def keep_beside(slot: Slot, known: Slot) -> None:
    """Let a slot that was just locked keep what `get_slot` read beside it in `known`.

    Only where it still names the same: whoever held it may have given it another clinician or
    room. (One statement that both joins and waits would see the old clinician, or none.)
    """
    for name in _NAMED:
        if getattr(slot, f"{name}_id") == getattr(known, f"{name}_id"):
            setattr(slot, name, getattr(known, name))
