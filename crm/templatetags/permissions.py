"""`{% if user|can_work_tasks %}`: what a template may ask about rights."""

from __future__ import annotations

from django import template

from crm.permissions import (
    can_merge_records,
    can_oversee_desk,
    can_see_inbox,
    can_take_calls,
    can_view_openings,
    can_work_tasks,
)

register = template.Library()
register.filter(can_merge_records)
register.filter(can_oversee_desk)
register.filter(can_see_inbox)
register.filter(can_take_calls)
register.filter(can_view_openings)
register.filter(can_work_tasks)
