"""Words that may speak of danger, on their way to a nurse."""

from __future__ import annotations

import datetime as dt

from crm.models import Phone
from desk.self_service.actions.actors import actor_of
from desk.self_service.actions.identity import phone_with
from outreach.actions import receive_web_words
from scheduling.models import SelfServiceSession
from triage.states import Level


def hand_words_over(session: SelfServiceSession, *, at: dt.datetime) -> None:
    """Give a nurse what was typed, once a phone is proven to call back; then forget it here.

    Asks the safety check again, outside any transaction.
    """
    if not session.words or session.phone is None or session.verified_at is None:
        return
    _hand_over(session, session.phone, at=at)


def call_me(session: SelfServiceSession, *, number: str, at: dt.datetime) -> None:
    """Somebody whom the page sent to 911 leaves a number for a nurse to call.

    It is not proven, as the sender of a text is not: a nurse calls and asks.

    :param number: E.164.
    """
    _hand_over(session, phone_with(number), at=at)


def _hand_over(session: SelfServiceSession, phone: Phone, *, at: dt.datetime) -> None:
    receive_web_words(
        phone=phone,
        patient=session.patient,
        body=session.words or "(pressed “yes, an emergency”, wrote nothing)",
        says_emergency=session.danger == Level.EMERGENCY,
        language=session.language,
        key=f"book:{session.pk}",
        by=actor_of(session),
        at=at,
    )
    SelfServiceSession.objects.filter(pk=session.pk).update(words="")
    session.words = ""
