"""Asking about social needs: kept for those who may see it, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db import transaction

from crm.actions.contacts import ContactOver, NobodyKnown, note_step
from crm.actions.tasks import open_task
from crm.engine import Actor, record
from crm.engine.actors import ActorKind
from crm.locks import lock_interaction, lock_patients
from crm.models import Interaction, Patient, Queue, SocialScreen
from crm.queries.social import may_ask_safety, newest_screen
from crm.rules.social import (
    SAFETY,
    TOOL,
    UNSAFE_FROM,
    Answers,
    find_needs,
    is_due,
)
from crm.states import StepKind, TaskKind
from crm.states.social import SocialNeed

#: A nurse should have seen it by then. Ours: the tool names no time; who is in danger now is
#: handed over on the call itself.
NURSE_WITHIN: Final = dt.timedelta(hours=2)
REFER_WITHIN: Final = dt.timedelta(days=2)
#: Neither tells what was said, nor even what it is about.
NURSE_TITLE: Final = "For a nurse: read, then speak with the patient"
NURSE_WHY: Final = "What it is about stands on a page that nurses may open."
REFERRAL_TITLE: Final = "Arrange the help that was agreed to"
REFERRAL_WHY: Final = "For {team}, who may see what was agreed to."


class AskedLately(Exception):
    """They were asked within the year, and have not wished to be asked again."""


class NotInPrivate(Exception):
    """The questions about safety are for the patient alone."""


@transaction.atomic
def keep_screen(
    *,
    contact_id: int,
    answers: Answers,
    by: Actor,
    at: dt.datetime,
    agreed: Collection[SocialNeed] = (),
    refer_to: Queue | None = None,
    they_wish: bool = False,
) -> SocialScreen:
    """Keep what they answered. Locks the contact, then the patient.

    What they agreed to becomes one task for a team; answers that speak of danger become a task
    for a nurse, which says nothing of it. Neither the contact's timeline nor its note learns more
    than that questions were asked.

    :param answers: as `crm.rules.social` has them; a question left out was not asked.
    :param agreed: what they want help with. Safety is a nurse's, and goes into no referral.
    :param refer_to: the team; None leaves it to nurses.
    :param they_wish: asked again within the year because they wish it.
    :raises NoSuchAnswer, AskedLately, NotInPrivate, ContactOver, NobodyKnown:
    """
    contact, patient = _open(contact_id, they_wish=they_wish, at=at)
    found = find_needs(answers)
    if SAFETY & answers.keys() and not may_ask_safety(contact):
        raise NotInPrivate("Leave the questions about safety for a time when they speak alone.")
    wanted = [str(need) for need in SocialNeed if need in agreed and need is not SocialNeed.SAFETY]
    screen = SocialScreen.objects.create(
        patient=patient,
        interaction=contact,
        tool=TOOL,
        at=at,
        by_id=by.id if by.kind is ActorKind.USER else None,
        answers={key: list(codes) for key, codes in answers.items()},
        needs=list(found.needs),
        safety_score=found.safety_score,
        agreed=wanted,
        referred_to=refer_to if wanted else None,
    )
    record("crm.socialscreen.kept", screen, by=by, at=at)
    note_step(contact=contact, kind=StepKind.QUESTION, code="social", by=by, at=at)
    if wanted:
        _refer(screen, contact, by=by, at=at)
    if found.safety_score is not None and found.safety_score >= UNSAFE_FROM:
        _ask_nurse(screen, contact, by=by, at=at)
    return screen


@transaction.atomic
def decline_screen(
    *, contact_id: int, by: Actor, at: dt.datetime, they_wish: bool = False
) -> SocialScreen:
    """They would rather not be asked at all; that holds for the year as well.

    :raises AskedLately, ContactOver, NobodyKnown:
    """
    contact, patient = _open(contact_id, they_wish=they_wish, at=at)
    screen = SocialScreen.objects.create(
        patient=patient,
        interaction=contact,
        tool=TOOL,
        at=at,
        by_id=by.id if by.kind is ActorKind.USER else None,
        was_declined=True,
    )
    record("crm.socialscreen.declined", screen, by=by, at=at)
    note_step(contact=contact, kind=StepKind.QUESTION, code="social", by=by, at=at)
    return screen


def _open(contact_id: int, *, they_wish: bool, at: dt.datetime) -> tuple[Interaction, Patient]:
    contact = lock_interaction(contact_id)
    if contact.ended_at is not None and hasattr(contact, "wrap_up"):
        raise ContactOver("This contact has been wrapped up. Open a new one to go on.")
    if contact.patient is None:
        raise NobodyKnown("Choose the patient first; then ask for two identifiers.")
    lock_patients([contact.patient.pk])
    last = newest_screen(contact.patient)
    if last is not None and not they_wish and not is_due(last.at.date(), on=at.date()):
        raise AskedLately("They were asked within the year. Ask again only if they wish it.")
    return contact, contact.patient


def _refer(screen: SocialScreen, contact: Interaction, *, by: Actor, at: dt.datetime) -> None:
    team = screen.referred_to.name if screen.referred_to else "nurses"
    screen.referral = open_task(
        kind=TaskKind.REFERRAL,
        title=REFERRAL_TITLE,
        why=REFERRAL_WHY.format(team=team),
        patient=screen.patient,
        journey=contact.journey,
        due_at=at + REFER_WITHIN,
        cause_key=f"social:{screen.pk}:referral",
        by=by,
        at=at,
    )
    screen.save(update_fields=["referral"])
    note_step(
        contact=contact,
        kind=StepKind.TASK,
        code="referral",
        subject=screen.referral,
        by=by,
        at=at,
    )


def _ask_nurse(screen: SocialScreen, contact: Interaction, *, by: Actor, at: dt.datetime) -> None:
    """No step of the contact tells of it: whoever reads the timeline would know why."""
    screen.nurse_task = open_task(
        kind=TaskKind.ASK_NURSE,
        title=NURSE_TITLE,
        why=NURSE_WHY,
        patient=screen.patient,
        journey=contact.journey,
        due_at=at + NURSE_WITHIN,
        cause_key=f"social:{screen.pk}:nurse",
        by=by,
        at=at,
    )
    screen.save(update_fields=["nurse_task"])
