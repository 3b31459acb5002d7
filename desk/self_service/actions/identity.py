"""Whose phone, and whose visit: a code by text, then a name and a birth date."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from crm.actions import register_person
from crm.engine import insert_or_none, record
from crm.models import Patient, Phone
from crm.queries import Match, Matched, match_person
from crm.rules.names import Named
from crm.states import Purpose
from desk.self_service.actions.actors import actor_of
from outreach.actions import end_doubt, send
from outreach.actions.doubting import find_doubt
from outreach.rules.doubts import Doubt
from scheduling.actions.self_service import (
    BY,
    SessionOver,
    compare_alone,
    count_identity,
    go_on,
    issue_code,
)
from scheduling.models import SelfServiceSession
from scheduling.states import SelfServiceStep, Wish

SOURCE = "self-service"


@transaction.atomic
def send_code(session: SelfServiceSession, *, number: str, at: dt.datetime) -> None:
    """Text a new code to `number`, whoever's it is; the same answer and work for every number.

    Whether it arrives is the send function's to decide: a phone that has texted STOP gets none.

    :param number: E.164.
    :raises TooMany, SessionOver:
    """
    phone = phone_with(number)
    issued = issue_code(session=session, phone=phone, at=at)
    if issued is None:
        return
    code, said = issued
    send(
        key=f"book.code:{code.pk}",
        patient=None,
        phone=phone,
        template="phone_code",
        fields={"organization": settings.FIRSTCALL.organization_name, "code": said},
        purpose=Purpose.CODE,
        language=session.language,
        valid_until=code.expires_at,
        by=BY,
        at=at,
    )


def phone_with(number: str) -> Phone:
    """The row of a number, in two statements whether or not anybody has ever used it."""
    insert_or_none(Phone(number=number))
    return Phone.objects.get(number=number)


def identify(session: SelfServiceSession, *, named: Named, at: dt.datetime) -> None:
    """Keep who it is: a patient we know, a new one, or somebody whom a person must compare.

    A new person is registered only where nobody we know is like them, and only for what is new
    (there is nothing of theirs to move or give up). Nothing tells the visitor which it was.

    :raises TooMany: names and dates are tried too often from this phone.
    :raises SessionOver:
    """
    phone = session.phone
    if phone is None or session.verified_at is None:
        raise SessionOver
    count_identity(session=session, at=at)  # for good, whatever becomes of the rest
    with transaction.atomic():
        compare_alone(session)
        matched = match_person(phone=phone, typed=named, at=at)
        patient = _patient(session, phone, matched, named, at=at)
        go_on(
            session,
            at=at,
            step=SelfServiceStep.PERSON,
            given_name=named.given,
            family_name=named.family,
            birth_on=named.birth_on,
            identified_at=at,
            patient=patient,
            by_proxy=matched.by_proxy,
            gives_up=None,
        )
        record("scheduling.session.identified", session, by=actor_of(session), at=at)


def _patient(
    session: SelfServiceSession, phone: Phone, matched: Matched, named: Named, *, at: dt.datetime
) -> Patient | None:
    if matched.match is Match.KNOWN and matched.patient is not None:
        return _trusted(matched.patient, phone, at=at)
    is_new = matched.match is Match.NEW and session.wish in {Wish.NEW, Wish.WAIT}
    if not is_new:
        return None
    return register_person(
        named=named,
        phone=phone,
        language=session.language,
        source=SOURCE,
        zone=session.location.zone if session.location else "",
        by=BY,
        at=at,
    )


def _trusted(patient: Patient, phone: Phone, *, at: dt.datetime) -> Patient | None:
    """A "who is this?" is settled by code and birth date; other doubts stay with a person."""
    doubt = find_doubt(patient=patient, phone=phone)
    if doubt is None:
        return patient
    if doubt.source != Doubt.ASKED_WHO:
        return None
    end_doubt(patient=patient, phone=phone, by=BY, at=at)
    return patient
