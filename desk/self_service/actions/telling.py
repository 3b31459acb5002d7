"""Texts about what was done online. The consent and the hour are asked when one leaves."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from crm.engine import Actor
from outreach.actions import send
from outreach.models import Message
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from outreach.texts import get_text
from scheduling.models import Appointment, Location, SelfServiceSession


def page_link(session: SelfServiceSession) -> str:
    """The patient's own page about what they did. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/v/{session.token}/"


def tell(
    session: SelfServiceSession,
    template: str,
    *,
    by: Actor,
    at: dt.datetime,
    visit: Appointment | None = None,
    old: Appointment | None = None,
    site: Location | None = None,
) -> Message | None:
    """Text the proven phone, once for each template; None where there is no phone or patient."""
    where = _site_of(visit) or _site_of(old) or site
    if session.phone is None or session.patient is None or where is None:
        return None
    language = choose_language(session.language)
    fields = {
        "site": where.short_name,
        "link": page_link(session),
        "phone": where.phone or settings.FIRSTCALL.organization_phone,
    }
    if visit is not None:
        fields["time"] = say_time(visit.starts_at, where.zone, language)
    if old is not None:
        zone = (_site_of(old) or where).zone
        fields["old_time"] = say_time(old.starts_at, zone, language)
    about = visit or old
    kind = about.visit_type if about else session.visit_type
    return send(
        key=f"book:{session.pk}:{template}",
        patient=session.patient,
        phone=session.phone,
        template=template,
        fields=fields,
        purpose=get_text(template).purpose,
        zone=where.zone,
        subject=session,
        language=language,
        is_sensitive=kind is not None and kind.is_sensitive,
        by=by,
        at=at,
    )


def _site_of(visit: Appointment | None) -> Location | None:
    if visit is None:
        return None
    return visit.location or (visit.role.clinic.location if visit.role else None)
