"""`{% alert_bar user %}`: alerts that wait, drawn with the page so that nothing moves later."""

from __future__ import annotations

from typing import Any

from django import template

from crm import clock
from triage.permissions import can_work_alerts
from triage.queries import waiting_alerts

register = template.Library()


@register.inclusion_tag("desk/alert_bar.html")
def alert_bar(user: object) -> dict[str, Any]:
    """Nurses hear of each at once, managers when nobody has taken it in time. One statement."""
    is_nurse = can_work_alerts(user)
    return {"waiting": waiting_alerts(escalated_only=not is_nurse), "now": clock.now()}
