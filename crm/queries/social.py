"""Social needs: when somebody was last asked, and whether safety may be spoken of now."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.engine.compiled import compiled
from crm.models import Interaction, InterpreterSession, Patient, SocialScreen
from crm.rules.social import may_ask_about_safety
from crm.states import Speaker
from crm.states.social import InterpreterKind


def may_ask_safety(contact: Interaction) -> bool:
    """Whether the patient speaks for themselves, and nobody of theirs interprets."""
    companions = InterpreterSession.objects.filter(
        interaction=contact, ended_at=None, kind=InterpreterKind.COMPANION
    )
    return may_ask_about_safety(
        speaks_for_themselves=contact.speaker == Speaker.PATIENT,
        companion_interprets=companions.exists(),
    )


def newest_screen(patient: Patient) -> SocialScreen | None:
    """The last time that they were asked, or declined to be, with the team of its referral."""
    return next(iter(_newest_screen(patient=patient.pk)), None)


@compiled
def _newest_screen(*, patient: int) -> QuerySet[SocialScreen]:
    rows = SocialScreen.objects.filter(patient=patient).select_related("referred_to")
    return rows.order_by("-at", "-pk")[:1]
