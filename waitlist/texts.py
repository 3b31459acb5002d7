"""Texts about offers: which words, with which times, in whose language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.conf import settings

from crm.engine import Actor
from crm.states import Purpose
from outreach.actions import Outgoing, send_together
from outreach.models import Message
from outreach.rules.naming import neutral
from outreach.rules.render import choose_language, render
from outreach.rules.times import say_time
from outreach.texts import get_text
from scheduling.gateways import takes_bookings
from scheduling.models import Appointment
from waitlist.models import Candidate, Offer, Opening
from waitlist.states import CandidateKind, OfferStatus


def offer_link(offer: Offer) -> str:
    """The patient's own page for this offer. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/o/{offer.token}/"


def tell(
    offer: Offer,
    template: str,
    *,
    by: Actor,
    at: dt.datetime,
    other: Offer | None = None,
    occasion: str = "",
) -> Message:
    """Send `template` about `offer` to the patient it was made to, once for each occasion.

    `other` is the opening they could have instead; `occasion` tells apart answers that may be
    given more than once, such as to a second YES.
    """
    outgoing = _outgoing(offer, template, other=other, occasion=occasion)
    return send_together([outgoing], by=by, at=at)[0]


def tell_each(told: Iterable[tuple[Offer, str]], *, by: Actor, at: dt.datetime) -> list[Message]:
    """Several offers, each with its template, in as few statements as one."""
    return send_together([_outgoing(*one) for one in told], by=by, at=at)


def _outgoing(
    offer: Offer, template: str, *, other: Offer | None = None, occasion: str = ""
) -> Outgoing:
    text = get_text(template)
    return Outgoing(
        key=f"waitlist.offer:{offer.pk}:{template}{':' + occasion if occasion else ''}",
        patient=offer.patient,
        phone=offer.phone,
        template=template,
        fields=_fields(offer, other, named=text.fields),
        purpose=text.purpose,
        zone=offer.slot.role.clinic.location.zone,
        subject=other or offer,  # a yes to this text means the time it offers
        interaction=offer.interaction,
        valid_until=offer.opening.deadline_at if text.purpose is Purpose.OFFER else None,
        is_sensitive=offer.slot.visit_type.is_sensitive,
    )


def claimed_text(offer: Offer) -> str:
    """What the first yes hears: "confirming", or "requested" where only a person can book it."""
    return "offer_pending_yours" if takes_bookings(offer.slot) else "offer_requested"


def offer_template(candidate: Candidate) -> str:
    """Which words: those who have a later visit are offered an earlier one."""
    later = candidate.kind == CandidateKind.LATER_VISIT
    return "offer" if later else "offer_no_later_visit"


def preview(opening: Opening, candidate: Candidate) -> tuple[str, str]:
    """Language and words of the text that would offer it to them; its link is not made yet."""
    location = opening.slot.role.clinic.location
    language = choose_language(candidate.patient.language)
    fields = {
        "time": say_time(opening.starts_at, location.zone, language),
        "site": location.short_name,
        "link": f"{settings.FIRSTCALL.public_url.rstrip('/')}/o/…",
    }
    told = neutral(fields, language, instead=settings.FIRSTCALL.organization_name)
    return language, render(offer_template(candidate), language, told).replace("...", "…")


def shown_of(planned: Iterable[int]) -> str:
    """Names the people of a plan, by the keys of their places, so that a change is noticed."""
    return "-".join(str(pk) for pk in planned)


def say_time_of(offer: Offer, language: str) -> str:
    """The time of an offer as its texts say it."""
    return say_time(_time_of(offer), offer.slot.role.clinic.location.zone, language)


def _fields(offer: Offer, other: Offer | None, *, named: Collection[str]) -> dict[str, str]:
    """Everything any text about an offer may say; each template takes what it names.

    The later visit is read for those only that name its time.
    """
    language = offer.patient.language
    location = offer.slot.role.clinic.location
    fields = {
        "time": say_time_of(offer, language),
        "site": location.short_name,
        "link": offer_link(offer),
        "phone": settings.FIRSTCALL.organization_phone,
    }
    if "old_time" in named and offer.gives_up is not None:
        fields["old_time"] = _say_visit(offer.gives_up, location.zone, language)
    if other is not None:
        there = other.slot.role.clinic.location
        fields["other_time"] = say_time_of(other, language)
        fields["site"] = there.short_name
        fields["link"] = offer_link(other)
    return fields


def _time_of(offer: Offer) -> dt.datetime:
    """The time that was offered, whatever became of its slot; once won, the visit's own."""
    if offer.status == OfferStatus.WON and offer.appointment is not None:
        return offer.appointment.starts_at
    return offer.opening.starts_at


def _say_visit(visit: Appointment, fallback_zone: str, language: str) -> str:
    zone = visit.location.zone if visit.location else fallback_zone
    return say_time(visit.starts_at, zone, language)
