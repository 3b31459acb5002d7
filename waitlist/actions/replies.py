"""A text from a patient that reads as yes or no: which offer it means, and what to answer."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from crm.engine import Actor
from crm.queries import Permission
from crm.rules import Holder
from crm.states import TaskKind
from outreach.actions import answer, hand_to_person, is_of_a_person
from outreach.models import Message
from outreach.queries import find_choices
from outreach.rules.replies import ReplyKind
from outreach.states import Direction
from scheduling.actions import BookingRefused
from waitlist import texts
from waitlist.actions.answers import OfferClosed, accept_offer, decline_offer
from waitlist.actions.choosing import TOLD, ask_which, chosen_offer
from waitlist.actions.offering import offer_another
from waitlist.actions.strangers import release_offers
from waitlist.models import Offer
from waitlist.queries.standing import Standing, standing_on
from waitlist.states import LIVE_OFFER, LIVE_OPENING, OfferStatus

#: A yes or no is taken to be about an offer for so long after it was made.
ABOUT_OFFERS = dt.timedelta(days=7)
CHANNEL = "sms"


def answer_reply(*, message_id: int, by: Actor, at: dt.datetime) -> None:
    """Act on a yes, a no or a number, and answer it.

    One open offer on that phone: it is meant. Several: nothing is booked, and the answer asks
    which ("reply 1 or 2"); asked twice in vain, a person calls. None: the latest one is meant,
    and the answer says kindly that it is gone. No offer at all: a person reads it. Whoever has
    the phone must still be who may answer for the patient; else nothing happens that could tell
    them of a patient, and a person finds out. A mere thank-you to an open offer goes to a
    person, too. The same text seen twice is answered once.
    """
    message = Message.objects.select_related("phone", "patient", "in_reply_to").get(pk=message_id)
    match message.reading:
        case ReplyKind.WRONG_NUMBER:
            release_offers(phone=message.phone, patient=None, why="wrong number", by=by, at=at)
        case ReplyKind.CHOICE:
            _chosen(message, by=by, at=at)
        case ReplyKind.YES | ReplyKind.NO | ReplyKind.THANKS:
            _about_open_offers(message, by=by, at=at)


def _about_open_offers(message: Message, *, by: Actor, at: dt.datetime) -> None:
    open_offers = _open_offers(message, at=at)
    if message.reading == ReplyKind.THANKS:
        if any(offer.status == OfferStatus.SENT for offer in open_offers):
            _ask_a_person(message, "Thanked us for an offer. Do they want it?", by=by, at=at)
    elif _answers_something_else(message, open_offers):
        _ask_a_person(message, "Answered a text about another time or visit.", by=by, at=at)
    elif not open_offers:
        _answer_without_open_offer(message, by=by, at=at)
    elif _may_answer_all(open_offers, message, by=by, at=at):
        if len(open_offers) > 1:
            ask_which(open_offers, message, by=by, at=at)
        else:
            _take(message.reading, open_offers[0], message, by=by, at=at)


def _chosen(message: Message, *, by: Actor, at: dt.datetime) -> None:
    """A number, after "reply 1 or 2": what they had said, about that offer."""
    asked = find_choices(message)
    if asked is None:
        return  # a person reads it
    offer, said = chosen_offer(asked, message)
    if offer is None:
        _ask_a_person(message, "Chose a number that we did not offer.", by=by, at=at)
    elif _may_answer_all([offer], message, by=by, at=at):
        _take(said, offer, message, by=by, at=at)


def _take(said: str, offer: Offer, message: Message, *, by: Actor, at: dt.datetime) -> None:
    """A yes or a no to this offer."""
    if said == ReplyKind.YES:
        _yes(offer, message, by=by, at=at)
    elif offer.status == OfferStatus.ACCEPTED:
        _wants_out(message, by=by, at=at)
    else:
        _, permission = standing_on(message.phone, offer, at=at)
        who = _answering(offer, permission)
        decline_offer(offer_id=offer.pk, channel=CHANNEL, by=who, at=at)


def _may_answer_all(offers: list[Offer], message: Message, *, by: Actor, at: dt.datetime) -> bool:
    """Whether whoever wrote may answer for each of these patients; if not, a person finds out.

    With one of two offers not theirs to answer it is not guessed that they meant the other.
    """
    standings = {standing_on(message.phone, offer, at=at)[0] for offer in offers}
    if standings == {Standing.THEIRS}:
        return True
    if standings <= {Standing.THEIRS, Standing.UNSURE}:
        answer(message, "offer_check_who", to_whoever=True, by=by, at=at)
    why = (
        "Answered an offer, but we do not know whether this phone is still the patient's or a "
        "proxy's. Nothing was booked. Find out who wrote before you say anything."
    )
    hand_to_person(message=message, why=why, template="", by=by, at=at)
    return False


def _answering(offer: Offer, permission: Permission) -> Actor:
    """The patient, or somebody who acts for them on this phone."""
    if permission.proof.get("holder") == Holder.PROXY:
        return Actor.proxy(offer.patient, channel=CHANNEL)
    return Actor.patient(offer.patient, channel=CHANNEL)


def _answers_something_else(message: Message, open_offers: list[Offer]) -> bool:
    """Whether the last text to that phone was about another offer than the one that is open.

    "OK" to "You are booked" must not take a second time, nor "yes" to what an agent has asked.
    """
    told = message.in_reply_to
    if is_of_a_person(told):
        return True
    if told is None or len(open_offers) != 1:
        return False
    if told.choices:  # "which one?", and meanwhile one of them is gone
        return True
    return told.subject_type == "waitlist.offer" and told.subject_id != open_offers[0].pk


def _open_offers(message: Message, *, at: dt.datetime) -> list[Offer]:
    """Offers to that phone which a reply can be about, those that await an answer first.

    An offer declined or lapsed is meant only where no other awaits an answer.
    """
    offers = (
        Offer.objects.filter(phone=message.phone, opening__status__in=LIVE_OPENING)
        .filter(_by_then("offered_at", message, at=at), pk__in=_told_of(message, at=at))
        .select_related(*TOLD)
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


def _by_then(field: str, message: Message, *, at: dt.datetime) -> Q:
    """What was written down before the text came. Later than now means that it was, too.

    The clock has been set back since; nothing is written down before it happens.
    """
    return Q(**{f"{field}__lte": message.created_at}) | Q(**{f"{field}__gt": at})


def _told_of(message: Message, *, at: dt.datetime) -> list[int]:
    """Offers whose own text, or an answer that named them, had left for that phone by then; also
    one that was on its way, where the reply is to it."""
    gone = Message.objects.filter(
        _by_then("sent_at", message, at=at) | Q(pk=message.in_reply_to_id),
        phone=message.phone,
        direction=Direction.OUT,
        subject_type="waitlist.offer",
    )
    return [pk for pk in gone.values_list("subject_id", flat=True) if pk is not None]


def _yes(offer: Offer, message: Message, *, by: Actor, at: dt.datetime) -> None:
    _, permission = standing_on(message.phone, offer, at=at)
    who = _answering(offer, permission)
    try:
        accept_offer(offer_id=offer.pk, channel=CHANNEL, by=who, at=at)
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
        .select_related(*TOLD)
        .order_by("-offered_at", "-pk")
        .first()
    )
    if last is None or last.status == OfferStatus.WON or last.status in LIVE_OFFER:
        _ask_a_person(message, "Answered, but no offer is open.", by=by, at=at)
    elif message.reading == ReplyKind.YES and _may_answer_all([last], message, by=by, at=at):
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
