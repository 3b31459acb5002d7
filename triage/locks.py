"""The only `select_for_update` of this app. A phone is locked before its alert, by outreach."""

from __future__ import annotations

from crm.models import Phone
from triage.models import Alert
from triage.queries import OPEN, find_open_alert


def lock_phone(pk: int) -> Phone:
    """One alert at a time about a phone. :raises Phone.DoesNotExist:"""
    return Phone.objects.select_for_update(no_key=True).get(pk=pk)


def lock_alert(pk: int) -> Alert:
    """The alert as it is now. Its task is read after the lock, so it is as it is now, too.

    :raises Alert.DoesNotExist:
    """
    return Alert.objects.select_for_update(no_key=True).get(pk=pk)


def lock_open_alert(phone: Phone) -> Alert | None:
    """The alert about this phone, unless a nurse settles it at this very moment."""
    found = find_open_alert(phone)
    if found is None:
        return None
    alert = lock_alert(found.pk)
    return alert if alert.task.status in OPEN else None
