"""Plans of several visits, licenses, and a visit by video, so that their pages look alive."""

from __future__ import annotations

import datetime as dt
from typing import Final

from integrations.demo.inventory import Inventory
from scheduling.models import (
    Appointment,
    PlanDefinition,
    PlanNeed,
    PlanStep,
    ProviderLicense,
    Room,
    Slot,
    VideoVisit,
)
from scheduling.states import AppointmentStatus, Modality, ResourceKind, VideoStatus

ECHO: Final = "Echo machine"
LICENSED_FROM: Final = dt.date(2020, 1, 1)
_ROOM: Final = "https://meet.sonora.example/k3v7q2m5x4r6t2w7"


def add_plans(inventory: Inventory, *, at: dt.datetime) -> None:
    """A plan with a machine, a series, a license for each clinician, and one visit by video."""
    for code in ("PHX", "AUH"):
        Room.objects.create(location=inventory.locations[code], name="Echo 1", kind=ECHO)
    _heart_plan(inventory)
    _series(inventory)
    ProviderLicense.objects.bulk_create(
        ProviderLicense(provider=one, state="AZ", valid_from=LICENSED_FROM)
        for one in inventory.providers.values()
    )
    _one_by_video(inventory, at=at)


def _heart_plan(inventory: Inventory) -> None:
    kinds = inventory.kinds
    definition = PlanDefinition.objects.create(
        name="Heart: visit, echo, results", note="For a referral that asks for an echo."
    )
    days = (("HEART-FU", 0, 0), ("HEART-ECHO", 7, 21), ("HEART-FU", 2, 14))
    steps = [
        PlanStep(
            plan=definition, position=nr, visit_type=kinds[code], least_days=least, most_days=most
        )
        for nr, (code, least, most) in enumerate(days, start=1)
    ]
    PlanStep.objects.bulk_create(steps)
    PlanNeed.objects.create(step=steps[1], kind=ResourceKind.ROOM, what=ECHO)


def _series(inventory: Inventory) -> None:
    definition = PlanDefinition.objects.create(
        name="Skin: three checks, two weeks apart", note="After a new medicine."
    )
    PlanStep.objects.create(
        plan=definition,
        position=1,
        visit_type=inventory.kinds["SKIN-FU"],
        least_days=12,
        most_days=16,
        times=3,
    )


def _one_by_video(inventory: Inventory, *, at: dt.datetime) -> None:
    """The last follow-up of the skin clinics becomes one by video, far from the story."""
    visit = (
        Appointment.objects.filter(
            visit_type=inventory.kinds["SKIN-FU"],
            status=AppointmentStatus.BOOKED,
            starts_at__gt=at,
            slot__isnull=False,
        )
        .order_by("-starts_at", "-pk")
        .first()
    )
    if visit is None or visit.slot_id is None:
        return
    Slot.objects.filter(pk=visit.slot_id).update(modality=Modality.VIDEO)
    VideoVisit.objects.create(
        appointment=visit,
        status=VideoStatus.READY,
        patient_url=_ROOM,
        clinician_url=_ROOM,
        made_for=visit.starts_at,
        created_at=at,
    )
