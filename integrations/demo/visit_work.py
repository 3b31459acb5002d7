"""What the demo's visits still need, and a clinic that has policies: through the actions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from crm.engine import Actor
from crm.models import User
from integrations.demo.inventory import Inventory
from scheduling.actions import (
    Claim,
    Received,
    keep_workers_comp,
    review_missed,
    set_clearance,
    start_estimate,
)
from scheduling.models import Appointment, ClinicPolicy, NoFeePayer
from scheduling.states import AppointmentStatus, ClearanceKind, ClearanceStatus

#: So many visits to come of each have a referral under way.
_REFERRALS = (
    (ClearanceStatus.NEEDED, ""),
    (ClearanceStatus.NEEDED, ""),
    (ClearanceStatus.ASKED, "Desert Family Medicine"),
    (ClearanceStatus.ASKED, "Mesa Primary Care"),
    (ClearanceStatus.RECEIVED, "Desert Family Medicine"),
)
_LIMITS = 3


def add_visit_work(inventory: Inventory, *, by: User, at: dt.datetime) -> None:
    """Papers of visits in the next weeks, and proposals for whoever missed several."""
    actor = Actor.user(by)
    _policies(inventory)
    coming = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED, starts_at__gt=at + dt.timedelta(days=4)
    ).order_by("starts_at", "pk")
    picked = [visit.pk for visit in coming[: 8 * 7 : 7]]
    for pk, (to, asked_of) in zip(picked, _REFERRALS, strict=False):
        ends_on = (at + dt.timedelta(days=2)).date()
        set_clearance(
            appointment_id=pk,
            kind=ClearanceKind.REFERRAL,
            to=to,
            asked_of=asked_of,
            received=Received(f"R-{pk}", valid_until_on=ends_on)
            if to is ClearanceStatus.RECEIVED
            else None,
            by=actor,
            at=at,
        )
    for pk in picked[len(_REFERRALS) : -1]:
        start_estimate(appointment_id=pk, by=actor, at=at)
    for pk in picked[-1:]:
        claim = Claim(
            claim_number="WC-20417",
            injured_on=(at - dt.timedelta(days=12)).date(),
            adjuster="Lee Park",
            adjuster_phone="(602) 555-0177",
            carrier="Copper State Compensation",
            employer="Saguaro Freight",
        )
        keep_workers_comp(appointment_id=pk, claim=claim, by=actor, at=at)
    _propose_limits(actor, at)


def _policies(inventory: Inventory) -> None:
    """One clinic asks for two days' notice and charges; nobody charges members of AHCCCS."""
    clinic = inventory.clinics[min(inventory.clinics)]
    ClinicPolicy.objects.create(
        clinic=clinic, late_cancel_hours=48, missed_limit=2, missed_fee=Decimal(25)
    )
    NoFeePayer.objects.create(payer="AHCCCS", source="AHCCCS, Arizona's Medicaid program")


def _propose_limits(by: Actor, at: dt.datetime) -> None:
    """As after each missed visit; a person has decided none of them."""
    missed = Appointment.objects.filter(
        status=AppointmentStatus.NO_SHOW, role__clinic__policy__isnull=False
    )
    proposed = 0
    for pk in missed.order_by("-starts_at").values_list("pk", flat=True):
        proposed += review_missed(appointment_id=pk, by=by, at=at) is not None
        if proposed == _LIMITS:
            return
