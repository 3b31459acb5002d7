"""A yes to two offers: asking which, and understanding the number that comes back."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings

from crm.engine import Actor
from crm.states import Purpose
from outreach.actions import hand_to_person, send
from outreach.models import Message
from outreach.rules.replies import ReplyKind, read_choice
from waitlist import texts
from waitlist.models import Offer
from waitlist.rules.which import Choice, say_two

#: What a text about an offer says comes from these.
TOLD: Final = (
    "patient",
    "phone",
    "opening",
    "slot__visit_type",
    "slot__role__clinic__location",
    "gives_up__location",
    "appointment",
    "interaction",
)
_TEMPLATES: Final = {ReplyKind.YES: "offer_which_two", ReplyKind.NO: "offer_which_not"}


def ask_which(offers: list[Offer], message: Message, *, by: Actor, at: dt.datetime) -> None:
    """Text back which of these the yes or no is about; a second time a person asks.

    Two that may be told apart are numbered, the earlier time first. More of them, or two that
    nothing but a name hidden by a label tells apart: each has its own link in its own text.
    """
    if message.in_reply_to is not None and message.in_reply_to.choices:
        why = "Was asked which of two offers is meant, and the answer does not tell. Call them."
        hand_to_person(message=message, why=why, by=by, at=at)
        return
    ordered = sorted(offers, key=lambda offer: (offer.opening.starts_at, offer.pk))
    said = (
        say_two(*(_choice(offer, message.language) for offer in ordered))
        if len(ordered) == 2
        else None
    )
    if said is None:
        occasion = f"message-{message.pk}"
        texts.tell(ordered[0], "offer_which", occasion=occasion, by=by, at=at)
        return
    template = _TEMPLATES[ReplyKind(message.reading)]
    send(
        key=f"outreach.message:{message.pk}:{template}",
        # Of two people neither: the text speaks of both.
        patient=ordered[0].patient if _are_one_persons(ordered) else None,
        phone=message.phone,
        template=template,
        fields={
            "first": said[0],
            "second": said[1],
            "phone": settings.FIRSTCALL.organization_phone,
        },
        purpose=Purpose.ANSWER,
        zone=ordered[0].slot.role.clinic.location.zone,
        interaction=message.interaction,
        in_reply_to=message,
        is_sensitive=any(offer.slot.visit_type.is_sensitive for offer in ordered),
        choices=[offer.pk for offer in ordered],
        by=by,
        at=at,
    )


def chosen_offer(asked: Message, message: Message) -> tuple[Offer | None, str]:
    """The offer that a number picks from those `asked` about, and the yes or no it completes."""
    number = read_choice(message.body)
    said = asked.in_reply_to.reading if asked.in_reply_to else ""
    if number is None or number > len(asked.choices):
        return None, said
    offers = Offer.objects.select_related(*TOLD)
    return offers.filter(pk=asked.choices[number - 1], phone=message.phone_id).first(), said


def _choice(offer: Offer, language: str) -> Choice:
    return Choice(
        patient_id=offer.patient_id,
        time=texts.say_time_of(offer, language),
        name=offer.patient.given_name,
        is_private=offer.slot.visit_type.is_sensitive or bool(offer.patient.sensitivity),
    )


def _are_one_persons(offers: list[Offer]) -> bool:
    return len({offer.patient_id for offer in offers}) == 1
