"""The link to the patient portal, texted to whoever has just asked where their results are."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_noop

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.models import Interaction
from crm.saying import translated
from crm.states import StepKind
from desk.queries.zone import house_zone
from desk.screen.panels.sending import DID_NOT_COME, PURPOSE, STATES, why_not
from desk.screen.panels.sending_texts import NoTextMayGo
from outreach.actions import send
from outreach.models import Message
from outreach.queries import may_send_many

TEMPLATE: Final = "portal_link"
#: Of the step in the contact (`StepKind.TELL`).
CODE: Final = "portal-link"
#: A text that could not go for so long is of no use any more.
_HOLDS: Final = dt.timedelta(hours=24)


def has_portal() -> bool:
    """Whether the organization has one that Firstcall knows of (PATIENT_PORTAL_URL)."""
    return bool(settings.FIRSTCALL.patient_portal_url)


def say_texted(contact: Interaction) -> str:
    """How the text of this contact stands: "texted, arrived"; empty while there is none that is
    on its way or has come. One statement."""
    text = _on_its_way(contact)
    return translated(STATES[text.status][0]) if text else ""


@transaction.atomic
def text_portal(*, contact: Interaction, by: Actor, at: dt.datetime) -> Message:
    """Queue the link for the contact's patient; once for each contact, unless it does not come
    through. Nothing of their care is in it.

    Whether it may go is asked again when its turn comes: consent, hours, the phone.

    :raises NoTextMayGo: with why, for the agent.
    :raises ValueError: without a patient, or where no portal is known.
    """
    if text := _on_its_way(contact):
        return text
    patient, url = contact.patient, settings.FIRSTCALL.patient_portal_url
    if patient is None or not url:
        raise ValueError("The link goes to somebody, and leads somewhere.")
    zone = patient.zone or house_zone().key
    answer = may_send_many([patient.pk], purpose=PURPOSE, zone=zone, at=at).get(patient.pk)
    phone = answer.phone if answer else None
    if phone is None or why_not(answer):
        raise NoTextMayGo(why_not(answer) if answer else gettext_noop("No phone is on record."))
    failed = _texts(contact).filter(status__in=DID_NOT_COME).count()
    made = send(
        key=f"desk.portal:{contact.pk}:{failed}",
        patient=patient,
        phone=phone,
        template=TEMPLATE,
        fields={"organization": settings.FIRSTCALL.organization_name, "link": url},
        purpose=PURPOSE,
        zone=zone,
        interaction=contact,
        valid_until=at + _HOLDS,
        by=by,
        at=at,
    )
    note_step(contact=contact, kind=StepKind.TELL, code=CODE, by=by, at=at)
    return made


def _on_its_way(contact: Interaction) -> Message | None:
    """The newest text of this contact, also one that has come; none that did not come through."""
    newest = _texts(contact).order_by("-created_at", "-pk").first()
    return newest if newest and newest.status not in DID_NOT_COME else None


def _texts(contact: Interaction) -> models.QuerySet[Message]:
    return Message.objects.filter(interaction=contact, text_version__key=TEMPLATE)
