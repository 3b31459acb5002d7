"""Who is there? The date of birth that an offer's link asks for, counted."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from crm.engine import Actor, record
from outreach.actions import doubt_number, end_doubt
from outreach.rules.doubts import Doubt
from waitlist.actions.strangers import release_offers
from waitlist.models import Offer
from waitlist.queries.standing import Standing, standing_on

#: So many wrong dates lock a link for good; a person helps from there.
TRIES = 5


class LinkLocked(Exception):
    """Too many wrong dates were given to this link, or its phone is not the patient's any more."""


class WrongBirthDate(Exception):
    """Not the patient's date of birth; `left` is how many more tries the link takes."""

    def __init__(self, left: int) -> None:
        super().__init__("That is not the patient's date of birth.")
        self.left = left


def check_birth_date(*, offer: Offer, birth_on: dt.date, by: Actor, at: dt.datetime) -> None:
    """Compare a date with the patient's; a wrong one is counted on the offer and audited.

    The try is counted before the dates are compared, by one UPDATE that also asks for the limit:
    it holds the row until this commits, so tries that come all at once still queue up for the
    five there are. A right date takes its own count back, and settles a "who is this?" from the
    phone. The last wrong one ends what is offered there: the number may be somebody else's.

    :raises WrongBirthDate: also for a patient whose date of birth nobody knows.
    :raises LinkLocked: when the tries are used up, or the phone that the link was texted to is
        no longer one that may answer for the patient, whatever the date.
    """
    standing, _ = standing_on(offer.phone, offer, at=at)
    if standing is Standing.NOT_THEIRS:
        raise LinkLocked
    with transaction.atomic():
        row = Offer.objects.filter(pk=offer.pk)
        if not row.filter(failed_checks__lt=TRIES).update(failed_checks=F("failed_checks") + 1):
            raise LinkLocked
        if birth_on == offer.patient.birth_on:
            row.update(failed_checks=F("failed_checks") - 1)
            patient = Actor.patient(offer.patient, channel="web")
            record("waitlist.offer.identity-checked", offer, by=patient, at=at)
            if standing is Standing.UNSURE:
                end_doubt(patient=offer.patient, phone=offer.phone, by=patient, at=at)
            return
        tries = row.values_list("failed_checks", flat=True).get()
        record("waitlist.offer.identity-failed", offer, by=by, at=at, tries=tries)
    # Outside the block: the count must stand.
    if tries == TRIES:
        _take_for_a_stranger(offer, by=by, at=at)
    raise WrongBirthDate(TRIES - tries)


def _take_for_a_stranger(offer: Offer, *, by: Actor, at: dt.datetime) -> None:
    """Whoever has the link does not know the patient."""
    patient, phone = offer.patient, offer.phone
    doubt_number(patient=patient, phone=phone, why=Doubt.BIRTH_DATE, by=by, at=at)
    why = "the date of birth did not match"
    release_offers(phone=phone, patient=patient, why=why, by=by, at=at)
