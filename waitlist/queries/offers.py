"""What the patient's own page of an offer shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Patient, Task
from crm.states import TaskStatus
from scheduling.models import Appointment, EhrWrite, Location, Provider, Slot, VisitType
from scheduling.states import LIVE, Modality
from waitlist.models import Offer
from waitlist.queries.standing import Standing, standing_for
from waitlist.rules.showing import OVER, TAKES_A_YES, Showing, showing
from waitlist.states import LIVE_OFFER, LIVE_OPENING, OfferStatus, OpeningStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One time at one place, as the patient may see it after saying who they are.

    `clinician`, `kind` and `preparation` are empty where the kind of visit or the patient is
    labelled as sensitive: a date of birth is no proof against the rest of a family.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    location: Location
    modality: Modality
    clinician: str
    kind: str
    preparation: str
    must_call_before: bool  # there is a preparation that this page may not tell

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """An offer as of now. `old` is the later visit that it would replace, or has replaced."""

    offer: Offer
    patient: Patient
    showing: Showing
    is_behind: bool  # somebody was faster and is being confirmed: a yes means a place in line
    visit: Visit
    old: Appointment | None
    old_stands: bool
    other: Visit | None  # another opening that is offered to the same patient
    is_requested: bool  # a person at the clinic was asked to book it
    asked_back: bool  # they said that they cannot come; a person will call


def find_offer(token: str) -> Offer | None:
    """The offer behind a link."""
    return (
        Offer.objects.select_related(
            "patient",
            "opening",
            "slot__visit_type",
            "slot__role__provider",
            "slot__role__clinic__location",
            "gives_up__location",
            "appointment__location",
            "appointment__provider",
            "appointment__visit_type",
            "appointment__gives_up__location",
        )
        .filter(token=token)
        .first()
    )


def get_offer_page(offer: Offer, *, at: dt.datetime) -> OfferPage:
    """Everything its page shows; one more query when the offer is over, two when it is theirs."""
    now_showing = showing_of(offer, at=at)
    booked = offer.appointment if now_showing is Showing.BOOKED else None
    old = _old_visit(offer, now_showing)
    other = find_other_offer(offer, at=at) if now_showing in OVER else None
    return OfferPage(
        offer=offer,
        patient=offer.patient,
        showing=now_showing,
        is_behind=now_showing in TAKES_A_YES and offer.opening.status == OpeningStatus.CLAIMED,
        visit=_visit_of(offer, booked),
        old=old,
        old_stands=old is not None and old.status in LIVE,
        other=_visit_of(other, None) if other else None,
        is_requested=now_showing is Showing.ACCEPTED and _is_requested(offer),
        asked_back=now_showing in {Showing.ACCEPTED, Showing.BOOKED} and _asked_back(offer),
    )


def _is_requested(offer: Offer) -> bool:
    writes = EhrWrite.objects.filter(appointment=offer.appointment_id)
    return writes.filter(handed_at__isnull=False).exists()


def _asked_back(offer: Offer) -> bool:
    open_tasks = Task.objects.filter(status__in=[TaskStatus.OPEN, TaskStatus.CLAIMED])
    return open_tasks.filter(cause_key=f"give-back:{offer.pk}").exists()


def showing_of(offer: Offer, *, at: dt.datetime) -> Showing:
    """What its page shows, from the rows `find_offer` brought along."""
    return showing(
        OfferStatus(offer.status),
        OpeningStatus(offer.opening.status),
        in_time=offer.opening.deadline_at > at,
        visit_stands=offer.appointment is not None and offer.appointment.status in LIVE,
    )


def find_other_offer(missed: Offer, *, at: dt.datetime) -> Offer | None:
    """The earliest other time that the same patient is offered and has not answered.

    Of those offered on another phone, only what the phone of this page may hear of, too.
    """
    others = (
        Offer.objects.filter(
            patient_id=missed.patient_id,
            status__in=LIVE_OFFER - {OfferStatus.ACCEPTED},
            opening__status__in=LIVE_OPENING - {OpeningStatus.CLAIMED},
            opening__deadline_at__gt=at,
        )
        .exclude(pk=missed.pk)
        .select_related(
            "patient",
            "slot__visit_type",
            "slot__role__provider",
            "slot__role__clinic__location",
        )
        .order_by("slot__starts_at", "pk")
    )
    return next((other for other in others if _may_be_told(missed, other, at=at)), None)


def _may_be_told(missed: Offer, other: Offer, *, at: dt.datetime) -> bool:
    """Whoever holds the link of one offer may not be whom the other was sent to."""
    if other.phone_id == missed.phone_id:
        return True
    standing, _ = standing_for(missed.phone, other.patient, other.slot, at=at)
    return standing is not Standing.NOT_THEIRS


def _old_visit(offer: Offer, now_showing: Showing) -> Appointment | None:
    """The later visit this offer is about, while there is something to say of it."""
    if now_showing in {Showing.ACCEPTED, Showing.BOOKED} and offer.appointment is not None:
        return offer.appointment.gives_up
    old = offer.gives_up
    stands = old is not None and old.status in LIVE and old.starts_at > offer.slot.starts_at
    return old if stands else None


def _visit_of(offer: Offer, booked: Appointment | None) -> Visit:
    """The time on offer; once booked, the visit as the EHR has it, which may have moved."""
    slot: Slot = offer.slot
    place: Location = (booked and booked.location) or slot.role.clinic.location
    provider: Provider = (booked and booked.provider) or slot.role.provider
    kind: VisitType = (booked and booked.visit_type) or slot.visit_type
    discreet = kind.is_sensitive or bool(offer.patient.sensitivity)
    return Visit(
        starts_at=booked.starts_at if booked else slot.starts_at,
        ends_at=booked.ends_at if booked else slot.ends_at,
        location=place,
        modality=Modality(slot.modality),
        clinician="" if discreet else str(provider),
        kind="" if discreet else kind.name,
        preparation="" if discreet else kind.preparation,
        must_call_before=discreet and bool(kind.preparation),
    )
