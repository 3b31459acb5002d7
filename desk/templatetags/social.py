"""Who may open what a patient said of their social needs."""

from __future__ import annotations

from django import template

from crm.models import SocialScreen
from desk.screen.panels import social

register = template.Library()


@register.filter
def may_open(user: object, screen: SocialScreen) -> bool:
    return social.may_open(user, screen)
