"""Texting what somebody has just asked for on the telephone, by the one function that sends."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_noop

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.engine.audit import subject_type
from crm.models import Interaction, Phone
from crm.states import StepKind
from desk.screen.panels.sending import DID_NOT_COME, PURPOSE, What, is_sensitive, may_text, why_not
from desk.video_subscribers import link_of
from outreach.actions import send
from outreach.models import Message
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from scheduling.actions.preparing import link_for
from scheduling.models import Appointment, PreparationLink

_TEMPLATES = {
    What.PREPARATION: "preparation_link",
    What.PLACE: "place_link",
    What.VIDEO: "video_link",
}


class NoTextMayGo(Exception):
    """No phone may be used for it; the sentence says why. It can be read out."""


@transaction.atomic
def text_about(
    *, contact: Interaction, visit: Appointment, what: What, by: Actor, at: dt.datetime
) -> Message:
    """Queue one text; once for each contact and time of the visit, unless it does not come through.

    Whether it may go is asked again when its turn comes: consent, hours, the phone.

    :raises NoTextMayGo:
    """
    answer = may_text(visit, at=at)
    phone = answer.phone if answer else None
    if phone is None or visit.location is None or why_not(answer):
        raise NoTextMayGo(why_not(answer) or gettext_noop("No phone is on record."))
    subject, link = _subject(visit, what, phone, by=by, at=at)
    language = choose_language(visit.patient.language)
    zone = visit.location.zone
    made = send(
        key=f"desk.{what}:{subject.pk}:{visit.starts_at.isoformat()}:{contact.pk}:{_failed(subject)}",
        patient=visit.patient,
        phone=phone,
        template=_TEMPLATES[what],
        fields={
            "site": visit.location.short_name,
            "time": say_time(visit.starts_at, zone, language),
            "link": link,
        },
        purpose=PURPOSE,
        zone=zone,
        subject=subject,
        valid_until=visit.starts_at,
        is_sensitive=is_sensitive(visit),
        by=by,
        at=at,
    )
    note_told(contact=contact, visit=visit, code=f"{what}-link", by=by, at=at)
    return made


def note_told(
    *, contact: Interaction, visit: Appointment, code: str, by: Actor, at: dt.datetime
) -> None:
    """What was sent or read out, for the timeline and the note."""
    note_step(contact=contact, kind=StepKind.TELL, code=code, subject=visit, by=by, at=at)


def page_of(link: PreparationLink) -> str:
    """The patient's own page. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/p/{link.token}/"


def _failed(subject: models.Model) -> int:
    """How many texts about it did not come through: the next one is another text."""
    rows = Message.objects.filter(subject_type=subject_type(subject), subject_id=subject.pk)
    return rows.filter(status__in=DID_NOT_COME).count()


def _subject(
    visit: Appointment, what: What, phone: Phone, *, by: Actor, at: dt.datetime
) -> tuple[models.Model, str]:
    if what is What.VIDEO:
        video: Any = visit.video
        return video, link_of(video)
    link = link_for(appointment=visit, phone=phone, by=by, at=at)
    return link, page_of(link)
