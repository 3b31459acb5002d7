"""Who may open what a patient said of their social needs; who interprets just now."""

from __future__ import annotations

from django import template

from crm.models import Interaction, InterpreterSession, SocialScreen
from desk.screen.panels import social

register = template.Library()


@register.filter
def may_open(user: object, screen: SocialScreen) -> bool:
    return social.may_open(user, screen)


@register.filter
def interpreter_now(contact: Interaction) -> InterpreterSession | None:
    return InterpreterSession.objects.filter(interaction=contact, ended_at=None).first()
