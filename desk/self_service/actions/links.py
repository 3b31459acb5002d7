"""Links that staff make, switch off and text."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from crm.engine import Actor, record
from crm.models import Patient, User
from crm.queries import people_on
from crm.states import Purpose
from desk.self_service.actions.identity import phone_with
from outreach import actions as outreach
from outreach.queries import may_send
from scheduling.models import (
    BookingLink,
    Location,
    ProviderRole,
    VisitType,
)

#: A person gets the same link once a day.
TEMPLATE = "booking_link"


class LinkNotSent(Exception):
    """It may not be texted there; the sentence is for staff."""


def address_of(link: BookingLink) -> str:
    """The whole address, as a text, a poster and a web page have it."""
    path = reverse("book:link", args=[link.token])
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}{path}"


@transaction.atomic
def add_link(
    *,
    name: str,
    user: User,
    by: Actor,
    at: dt.datetime,
    location: Location | None = None,
    role: ProviderRole | None = None,
    visit_type: VisitType | None = None,
    language: str = "",
) -> BookingLink:
    """A new link; it can be used at once."""
    link = BookingLink.objects.create(
        name=name,
        location=location,
        role=role,
        visit_type=visit_type,
        language=language,
        created_at=at,
        created_by=user,
    )
    record("scheduling.link.added", link, by=by, at=at)
    return link


@transaction.atomic
def switch_link(*, link: BookingLink, on: bool, by: Actor, at: dt.datetime) -> None:
    """Let it be used, or not. Sessions that began there go on."""
    if BookingLink.objects.filter(pk=link.pk).exclude(is_active=on).update(is_active=on):
        record("scheduling.link.switched", link, by=by, at=at, on=on)


def send_link(*, link: BookingLink, number: str, by: Actor, at: dt.datetime) -> Patient:
    """Text it to the patient who has that phone, if they agreed to texts about their care.

    Consent, hours and budget are asked again when it leaves. Returns whom it is for.

    :param number: E.164.
    :raises LinkNotSent: with the reason, and then nothing is queued.
    """
    phone = phone_with(number)
    people = people_on(phone, at=at)
    if len(people) != 1:
        count = "Nobody" if not people else "More than one person"
        raise LinkNotSent(f"{count} on record has this phone, so it is not plain whom to ask.")
    patient, site = people[0], site_of(link)
    zone = site.zone if site else patient.zone
    answer = may_send(patient=patient, phone=phone, purpose=Purpose.RECALL, zone=zone, at=at)
    if not answer.allowed and answer.retry_at is None:
        raise LinkNotSent(answer.sentence)
    outreach.send(
        key=f"book.link:{link.pk}:{patient.pk}:{at:%Y%m%d}",
        patient=patient,
        phone=phone,
        template=TEMPLATE,
        fields={
            "site": site.short_name if site else settings.FIRSTCALL.organization_name,
            "link": address_of(link),
            "phone": settings.FIRSTCALL.organization_phone,
        },
        purpose=Purpose.RECALL,
        zone=zone,
        subject=link,
        is_sensitive=bool(link.visit_type and link.visit_type.is_sensitive),
        by=by,
        at=at,
    )
    return patient


def site_of(link: BookingLink) -> Location | None:
    """The site that it leads to, where it names one."""
    if link.location is not None:
        return link.location
    clinic = link.role.clinic if link.role else link.clinic
    return clinic.location if clinic else None
