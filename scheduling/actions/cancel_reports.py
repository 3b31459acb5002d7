"""Why a visit was cancelled, as its EHR tells it: classified, and judged late or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from scheduling.actions.cancelling import is_late
from scheduling.models import Appointment
from scheduling.ports import AppointmentReport
from scheduling.rules.cancelling import classify_cancel, says_more
from scheduling.states import AppointmentStatus, CancelReason


def cancel_fields(
    appointment: Appointment, report: AppointmentReport, *, at: dt.datetime
) -> dict[str, Any]:
    """What the report's status makes of a visit's cancel: written, kept, or taken away.

    Its notice is judged by when the EHR said so, not by when we heard.
    """
    if report.status is AppointmentStatus.CANCELLED:
        code = _class_of(report)
        return {
            "cancelled_at": at,
            "cancelled_by": code.who,
            "cancel_reason": _words_of(report),
            "cancel_code": code,
            "cancelled_late": is_late(appointment, at=report.sent_at),
        }
    if report.status is AppointmentStatus.ENTERED_IN_ERROR:
        return {}  # deleted after a cancel: who cancelled it stays known
    return {
        "cancelled_at": None,
        "cancelled_by": "",
        "cancel_reason": "",
        "cancel_code": "",
        "cancelled_late": None,
    }


def add_why(appointment: Appointment, report: AppointmentReport) -> None:
    """A later statement may say who gave the visit up and why, where the first did not."""
    if appointment.cancelled_at is None:
        return
    known = CancelReason(appointment.cancel_code) if appointment.cancel_code else None
    told = _class_of(report)
    if not says_more(told, known=known):
        return
    news = {
        "cancelled_by": told.who,
        "cancel_code": told,
        "cancel_reason": _words_of(report) or appointment.cancel_reason,
    }
    Appointment.objects.filter(pk=appointment.pk).update(**news)
    for name, value in news.items():
        setattr(appointment, name, value)


def _class_of(report: AppointmentReport) -> CancelReason:
    return classify_cancel(
        code=report.cancel_code, who=report.cancelled_by, has_words=bool(_words_of(report))
    )


def _words_of(report: AppointmentReport) -> str:
    reason = report.cancel_reason
    return (reason.text or reason.code)[:160] if reason else ""
