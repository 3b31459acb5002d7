"""Social needs: when they were asked, and whether help was arranged. Nothing of what was said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm.models import Agent, SocialScreen, User
from crm.permissions import can_view_social_needs
from crm.queries.social import may_ask_safety, newest_screen
from crm.rules.queues import missing_skills
from crm.rules.social import TEAM_SKILL, due_again_on, is_due
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import today_of


@dataclass(frozen=True, slots=True)
class Asked:
    """The last time, as any agent may know it."""

    screen_pk: int
    on: dt.date
    was_declined: bool
    was_referred: bool


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement. The answers are not read here."""
    assert contact.patient is not None  # noqa: S101 panels are asked for once verified
    last, today = newest_screen(contact.patient), today_of(contact, at=at)
    on = contact.day_of(last.at) if last else None
    return {
        "screen": last,
        "asked": _asked(last, on) if last and on else None,
        "is_due": is_due(on, on=today),
        "due_on": due_again_on(on) if on else None,
    }


def _asked(screen: SocialScreen, on: dt.date) -> Asked:
    return Asked(
        screen_pk=screen.pk,
        on=on,
        was_declined=screen.was_declined,
        was_referred=screen.referral_id is not None,
    )


def asks_safety(contact: DeskContact) -> bool:
    """Whether questions 7 to 10 may be asked of whoever speaks."""
    return may_ask_safety(contact.interaction)


def may_open(user: object, screen: SocialScreen) -> bool:
    """Whether `user` may see the answers, or, of the team it was referred to, what was agreed."""
    return can_view_social_needs(user) or is_of_team(user, screen)


def is_of_team(user: object, screen: SocialScreen) -> bool:
    """Whether `user` has the skills of the queue that the referral went to, while it is a team."""
    team = screen.referred_to
    if team is None or TEAM_SKILL not in team.skills:
        return False
    if not isinstance(user, User) or not user.is_active:
        return False
    agent = Agent.objects.filter(user=user).first()
    return agent is not None and not missing_skills(team.skills, agent.skills)
