"""The only `select_for_update` of this app. A phone is locked before its alert, by outreach."""

from __future__ import annotations

from triage.models import Alert


def lock_alert(pk: int) -> Alert:
    """The alert as it is now, with its task. :raises Alert.DoesNotExist:"""
    rows = Alert.objects.select_related("task")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)
