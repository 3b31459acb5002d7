"""What booking one patient into an opening by hand would do, before it is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Patient
from scheduling.models import Appointment
from scheduling.queries import get_slot, judge_slots
from scheduling.rules import Hidden
from scheduling.rules.needs import NEED_NAMES
from scheduling.states import RuleEffect
from waitlist.models import Offer, Opening
from waitlist.queries.candidates import TAKES_YES, Person, Visit, name_people, visit_of
from waitlist.queries.openings import SlotLine, related_of_slot, slot_line
from waitlist.queries.people import gather, slot_facts
from waitlist.queries.requirements import asked_kind
from waitlist.rules.eligibility import Refusal, RuleName, refusal
from waitlist.states import LIVE_OFFER

#: Rules that an open offer to this very patient would break: it is no reason against a yes.
_NO_OBSTACLE = frozenset({RuleName.HAS_LIVE_OFFER.value})


@dataclass(frozen=True, slots=True)
class HandBooking:
    """The plan: `offer_id` is set where it counts as the yes to a text that they have.

    `warning` is what a waitlist rule says against it, for staff to weigh; `need` what an earlier
    date would break, which takes a reason; `refusal` what scheduling will say, so that it need
    not be tried. `others` hold open offers and hear of it.
    """

    opening_id: int
    slot: SlotLine
    person: Person
    patient: Patient
    offer_id: int | None
    later: Visit | None
    later_visit: Appointment | None
    warning: str
    need: Refusal | None
    refusal: str
    others: int

    @property
    def shown(self) -> str:
        """What the person at the desk agreed to, so that a change in between is noticed."""
        agreed = f"{self.offer_id or ''}:{self.later.pk if self.later else ''}"
        return f"{agreed}:{self.need.rule}" if self.need else agreed


def plan_hand_booking(opening_id: int, patient_id: int, *, at: dt.datetime) -> HandBooking:
    """What booking this patient would do now.

    :raises Opening.DoesNotExist, Patient.DoesNotExist:
    """
    opening = Opening.objects.select_related("freed_appointment", *related_of_slot("slot")).get(
        pk=opening_id
    )
    patient = Patient.objects.get(pk=patient_id)
    slot = get_slot(opening.slot_id)
    offers = Offer.objects.filter(opening=opening)
    offer_id = (
        offers.filter(patient=patient, status__in=TAKES_YES).values_list("pk", flat=True).first()
    )
    claim = next(iter(gather(opening, slot, at=at, only=[patient_id])), None)
    later = _later(claim.appointment_id if claim else None)
    against = refusal(slot_facts(slot, at=at), claim.facts, at=at) if claim else None
    found = judge_slots(
        [slot],
        at=at,
        patient=patient,
        visit_type=asked_kind(opening, slot, patient=patient, gives_up=later),
        gives_up_id=later.pk if later else None,
    )[slot.pk]
    needs = [one for one in found if one.effect is RuleEffect.OVERRIDE and one.rule in NEED_NAMES]
    others = next((one for one in found if one.stops and one not in needs), None)
    return HandBooking(
        opening_id=opening_id,
        slot=slot_line(opening),
        person=name_people([patient])[patient_id],
        patient=patient,
        offer_id=offer_id,
        later=visit_of(later, zone=slot.role.clinic.location.zone),
        later_visit=later,
        warning=against.sentence if against and against.rule not in _NO_OBSTACLE else "",
        need=_as_one(needs),
        refusal=others.sentence if others else "",
        others=offers.filter(status__in=LIVE_OFFER).exclude(patient=patient).count(),
    )


def _as_one(needs: list[Hidden]) -> Refusal | None:
    """Whoever sets them aside must have seen each of them."""
    if not needs:
        return None
    sentences = ". ".join(one.sentence.removesuffix(".") for one in needs)
    return Refusal("+".join(one.rule for one in needs), sentences)


def _later(pk: int | None) -> Appointment | None:
    if pk is None:
        return None
    return Appointment.objects.select_related("provider", "location").get(pk=pk)
