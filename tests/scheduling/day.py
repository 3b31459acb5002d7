"""A visit in an EHR, a free slot beside it, and hands to let time go by."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.engine import Actor
from scheduling.models import Appointment, Slot
from scheduling.states import LIVE, SlotStatus
from tests.factories import ProviderRoleFactory, SlotFactory
from tests.waitlist.scene import Scene

BY = Actor.system("test")


def free_slot(scene: Scene, *, days: float = 7, **fields: Any) -> Slot:
    """A free slot so many days after the visit, by default with another clinician there."""
    role = fields.pop("role", None) or ProviderRoleFactory.create(clinic=scene.role.clinic)
    starts_at = scene.visit.starts_at + dt.timedelta(days=days)
    slot = SlotFactory.create(role=role, visit_type=scene.visit_type, starts_at=starts_at, **fields)
    scene.ehr.add_slot(slot.source_id, slot.starts_at, slot.ends_at)
    return slot


def standing(scene: Scene) -> tuple[list[int], list[str]]:
    """The patient's visits that stand: here, and in the EHR (by slot)."""
    here = Appointment.objects.filter(patient=scene.visit.patient, status__in=LIVE)
    there = [v.slot_id for v in scene.ehr.visits.values() if v.status in LIVE]
    return list(here.values_list("slot", flat=True)), there


def status_of(slot: Slot) -> SlotStatus:
    slot.refresh_from_db()
    return SlotStatus(slot.status)
