"""`{% if user|can_hear_escalations %}`: what a template may ask about alerts."""

from __future__ import annotations

from django import template

from triage.permissions import can_hear_escalations

register = template.Library()
register.filter(can_hear_escalations)
