"""The page with what to do before a visit: its link, and who may read it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from crm.engine import Actor, insert_or_none, record
from crm.models import Phone
from scheduling.models import Appointment, PreparationLink


class PageLocked(Exception):
    """The tries at the date of birth are used up."""


class WrongDate(Exception):
    """Not the patient's date of birth; `left` is how many more tries the link takes."""

    def __init__(self, left: int) -> None:
        super().__init__("That is not the patient's date of birth.")
        self.left = left


@transaction.atomic
def link_for(
    *, appointment: Appointment, phone: Phone, by: Actor, at: dt.datetime
) -> PreparationLink:
    """The page of this visit for that phone: a new one, or the one that there is."""
    made = insert_or_none(PreparationLink(appointment=appointment, phone=phone, created_at=at))
    if made is None:
        return PreparationLink.objects.get(appointment=appointment, phone=phone)
    record("scheduling.preparation.linked", appointment, by=by, at=at, link=made.pk)
    return made


def check_reader(
    *, link: PreparationLink, birth_on: dt.date, most: int, by: Actor, at: dt.datetime
) -> None:
    """Compare a date with the patient's; a wrong one is counted and audited.

    It is counted before the dates are compared, by one UPDATE that asks for the limit too: tries
    that come at once queue up for those there are. A right one takes its own count back.

    :param most: so many wrong dates lock the link for good.
    :raises WrongDate: also where nobody knows the date of birth.
    :raises PageLocked:
    """
    visit = link.appointment
    with transaction.atomic():
        row = PreparationLink.objects.filter(pk=link.pk)
        if not row.filter(failed_checks__lt=most).update(failed_checks=F("failed_checks") + 1):
            raise PageLocked
        if visit.patient.birth_on == birth_on:
            row.update(failed_checks=F("failed_checks") - 1)
            row.filter(opened_at=None).update(opened_at=at)
            patient = Actor.patient(visit.patient, channel="web")
            record("scheduling.preparation.read", visit, by=patient, at=at, link=link.pk)
            return
        tries = row.values_list("failed_checks", flat=True).get()
        record("scheduling.preparation.identity-failed", visit, by=by, at=at, tries=tries)
    # Outside the block: the count must stand.
    raise WrongDate(most - tries)
