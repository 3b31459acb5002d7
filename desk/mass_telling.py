"""Texts of a mass rescheduling. Consent, phone and hour are asked again when one leaves."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings

from crm.engine import Actor
from crm.models import Phone
from crm.queries import choose_phones
from crm.states import Purpose
from outreach.actions import send, withdraw
from outreach.models import Message
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from outreach.texts import get_text
from scheduling.models import Appointment, Location, MassMoveItem

BY: Final = Actor.system("mass rescheduling")
#: Later than so long before the new visit its text is of no use.
LAST_HOURS: Final = dt.timedelta(hours=2)


def page_link(item: MassMoveItem) -> str:
    """The patient's own page to choose a time on. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/m/{item.token}/"


def find_phone(item: MassMoveItem, *, at: dt.datetime) -> tuple[Phone | None, str]:
    """The phone that may be texted about this visit; None with the reason, for staff."""
    patient = item.appointment.patient
    choice = choose_phones(
        patient_ids=[patient.pk],
        purpose=Purpose.REMINDER,
        at=at,
        is_sensitive=_is_sensitive(item),
    )[patient.pk]
    return choice.phone, "" if choice.phone else choice.permission.sentence


def tell(
    item: MassMoveItem,
    template: str,
    *,
    phone: Phone,
    at: dt.datetime,
    valid_until: dt.datetime | None = None,
) -> Message | None:
    """Queue one text, once for each template; None where no site is known to speak of."""
    new, old = item.moved_to, item.appointment
    site = _site_of(new) or _site_of(old)
    if site is None:
        return None
    language = choose_language(old.patient.language)
    fields = {
        "site": site.short_name,
        "link": page_link(item),
        "phone": site.phone or settings.FIRSTCALL.organization_phone,
        "old_time": say_time(old.starts_at, (_site_of(old) or site).zone, language),
    }
    if new is not None:
        fields["time"] = say_time(new.starts_at, site.zone, language)
    return send(
        key=f"mass:{item.pk}:{template}",
        patient=old.patient,
        phone=phone,
        template=template,
        fields=fields,
        purpose=get_text(template).purpose,
        zone=site.zone,
        subject=item,
        valid_until=valid_until,
        is_sensitive=_is_sensitive(item),
        by=BY,
        at=at,
    )


def take_back(item: MassMoveItem, *, at: dt.datetime) -> int:
    """End the text with the choices if it still waits; returns how many did."""
    why = "the choices were taken back"
    return withdraw(subjects=[item], purpose=Purpose.REMINDER, why=why, by=BY, at=at)


def _is_sensitive(item: MassMoveItem) -> bool:
    kind = item.appointment.visit_type
    return kind is not None and kind.is_sensitive


def _site_of(visit: Appointment | None) -> Location | None:
    if visit is None:
        return None
    return visit.location or (visit.role.clinic.location if visit.role else None)
