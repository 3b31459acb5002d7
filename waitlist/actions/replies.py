"""A text from a patient that reads as yes or no: which offer it means, and what to answer."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from crm.states import TaskKind
from outreach.actions import hand_to_person
from outreach.models import Message
from outreach.rules.replies import ReplyKind
from outreach.states import Direction
from scheduling.actions import BookingRefused
from waitlist import texts
from waitlist.actions.answers import OfferClosed, accept_offer, decline_offer
from waitlist.actions.offering import offer_another
from waitlist.models import Offer
from waitlist.states import LIVE_OFFER, LIVE_OPENING, OfferStatus

#: A yes or no is taken to be about an offer for so long after it was made.
ABOUT_OFFERS = dt.timedelta(days=7)
CHANNEL = "sms"


def answer_reply(*, message_id: int, by: Actor, at: dt.datetime) -> None:
    """Act on a yes or a no, and answer it; a mere thank-you to an open offer goes to a person.

    One open offer on that phone: it is meant. Several: nothing is booked, and the answer asks
    which. None: the latest one is meant, and the answer says kindly that it is gone. No offer
    at all: a person reads it. The same text seen twice is answered once.
    """
    message = Message.objects.select_related("phone", "patient").get(pk=message_id)
    if message.reading not in {ReplyKind.YES, ReplyKind.NO, ReplyKind.THANKS}:
        return
    open_offers = _open_offers(message)
    if message.reading == ReplyKind.THANKS:
        if any(offer.status == OfferStatus.SENT for offer in open_offers):
            _ask_a_person(message, "Thanked us for an offer. Do they want it?", by=by, at=at)
    elif _answers_something_else(message, open_offers):
        _ask_a_person(message, "Answered a text about another time or visit.", by=by, at=at)
    elif not open_offers:
        _answer_without_open_offer(message, by=by, at=at)
    elif len(open_offers) > 1:
        texts.tell(open_offers[0], "offer_which", by=by, at=at, occasion=f"message-{message.pk}")
    elif message.reading == ReplyKind.YES:
        _yes(open_offers[0], message, at=at, by=by)
    else:
        offer = open_offers[0]
        if offer.status == OfferStatus.ACCEPTED:
            _wants_out(message, by=by, at=at)
            return
        decline_offer(
            offer_id=offer.pk,
            channel=CHANNEL,
            by=Actor.patient(offer.patient, channel=CHANNEL),
            at=at,
        )


def _answers_something_else(message: Message, open_offers: list[Offer]) -> bool:
    """Whether the last text to that phone was about another offer than the one that is open.

    "OK" to "You are booked" must not take a second time.
    """
    told = message.in_reply_to
    if told is None or told.subject_type != "waitlist.offer" or len(open_offers) != 1:
        return False
    return told.subject_id != open_offers[0].pk


def _open_offers(message: Message) -> list[Offer]:
    """Offers to that phone which a reply can be about, those that await an answer first.

    An offer declined or lapsed is meant only where no other awaits an answer.
    """
    offers = (
        Offer.objects.filter(phone=message.phone, opening__status__in=LIVE_OPENING)
        .filter(offered_at__lte=message.created_at, pk__in=_told_of(message))
        .select_related("patient", "slot__role__clinic__location", "gives_up", "interaction")
        .order_by("-offered_at", "-pk")
    )
    awaiting = [o for o in offers if o.status == OfferStatus.SENT]
    if awaiting:
        return awaiting
    answered = [o for o in offers if o.status in LIVE_OFFER]
    if answered:
        return answered
    changed_mind = {OfferStatus.DECLINED, OfferStatus.EXPIRED}
    return [o for o in offers if o.status in changed_mind][:1]


def _told_of(message: Message) -> list[int]:
    """Offers whose own text, or an answer that named them, had left for that phone by then."""
    gone = Message.objects.filter(
        phone=message.phone,
        direction=Direction.OUT,
        subject_type="waitlist.offer",
        sent_at__lte=message.created_at,
    )
    return [pk for pk in gone.values_list("subject_id", flat=True) if pk is not None]


def _yes(offer: Offer, message: Message, *, by: Actor, at: dt.datetime) -> None:
    patient = Actor.patient(offer.patient, channel=CHANNEL)
    try:
        accept_offer(offer_id=offer.pk, channel=CHANNEL, by=patient, at=at)
    except OfferClosed as closed:
        _say_gone(closed.offer, message, by=by, at=at)
    except BookingRefused as refused:
        _ask_a_person(message, f"Said yes to an offer, but: {refused}", by=by, at=at)


def _say_gone(offer: Offer, message: Message, *, by: Actor, at: dt.datetime) -> None:
    """Kindly, and with the best other opening if there is one."""
    other = offer_another(missed=offer, by=by, at=at)
    texts.tell(
        offer,
        "offer_gone_other" if other else "offer_gone",
        other=other,
        occasion=f"message-{message.pk}",
        by=by,
        at=at,
    )


def _answer_without_open_offer(message: Message, *, by: Actor, at: dt.datetime) -> None:
    last = (
        Offer.objects.filter(phone=message.phone, offered_at__gt=at - ABOUT_OFFERS)
        .select_related("patient", "slot__role__clinic__location", "gives_up", "interaction")
        .order_by("-offered_at", "-pk")
        .first()
    )
    if last is None or last.status == OfferStatus.WON or last.status in LIVE_OFFER:
        _ask_a_person(message, "Answered, but no offer is open.", by=by, at=at)
    elif message.reading == ReplyKind.YES:
        _say_gone(last, message, by=by, at=at)


def _wants_out(message: Message, *, by: Actor, at: dt.datetime) -> None:
    """No, after a yes that the EHR is being asked about: a person settles it with them."""
    hand_to_person(
        message=message,
        why="Said yes to an offer, and then no while it was being booked. Call before they lose "
        "a visit they want.",
        kind=TaskKind.CANCEL_VISIT,
        template="cancel_visit_ack",
        by=by,
        at=at,
    )


def _ask_a_person(message: Message, why: str, *, by: Actor, at: dt.datetime) -> None:
    hand_to_person(message=message, why=why, by=by, at=at)
