"""Two cancellations, by HL7 and by FHIR, followed to the last text."""

from __future__ import annotations

import datetime as dt
import time

from crm import clock
from integrations.demo.pick import Story, pick_story
from integrations.demo.story import lines, senders
from integrations.demo.story.narrator import Narrator, StoryBroke
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from scheduling.queries import get_slot
from waitlist.models import Offer, Opening, Wave
from waitlist.states import OfferStatus, OpeningStatus

_GONE_OUT = {MessageStatus.SENT, MessageStatus.DELIVERED}
_CONFIRMATIONS = {"offer_confirmed", "offer_confirmed_giving_up", "offer_confirmed_given_up"}
#: A reason for the EHR and the patient that fits both languages.
YES = {"en": "Yes please", "es": "Sí, gracias"}


def tell(narrator: Narrator) -> list[Opening]:
    """The whole story; returns the openings it made.

    :raises StoryBroke: when any part of it does not come true.
    :raises integrations.demo.pick.NoStory: when nobody is left to tell it about.
    """
    first = pick_story(at=clock.now())
    second = pick_story(at=clock.now(), besides=[first])
    _wait_until(first.begins_at, narrator)
    narrator.title("A patient cancels. The clinic's interface engine sends HL7 over MLLP.")
    one = _by_hl7(first, narrator)
    narrator.title("Another cancels. The EHR's Subscription posts FHIR R4 to the webhook.")
    two = _by_fhir(second, narrator)
    return [one, two]


def _wait_until(begins_at: dt.datetime, narrator: Narrator) -> None:
    seconds = (begins_at - clock.now()).total_seconds()
    if seconds > 0:
        narrator.say(f"It is just before 8:00 there; beginning in {seconds:.0f} s …")
        time.sleep(seconds)


def _by_hl7(story: Story, narrator: Narrator) -> Opening:
    senders.cancel_in_ehr(story)
    narrator.start_clock()
    ack = senders.send_s15(story, at=clock.now())
    if not ack.is_accepted:
        raise StoryBroke(f"The MLLP listener answered {ack.code}: {ack.field} {ack.sentence}")
    narrator.say(
        f"Cancellation received (SIU^S15), stored, applied and answered {ack.code}: "
        f"{lines.slot_words(get_slot(story.slot_id))}"
    )
    return _follow(story, narrator, said="Slot freed by the rule that this clinic has signed")


def _by_fhir(story: Story, narrator: Narrator) -> Opening:
    senders.cancel_in_ehr(story)
    narrator.start_clock()
    answer = senders.post_notification(story)
    if answer.status_code >= 300:
        raise StoryBroke(f"The webhook answered {answer.status_code}: {answer.text[:200]}")
    narrator.say(
        f"Cancellation received (Appointment, HTTP {answer.status_code}): "
        f"{lines.slot_words(get_slot(story.slot_id))}"
    )
    return _follow(story, narrator, said="Slot freed: the EHR was asked, and says it is free")


def _follow(story: Story, narrator: Narrator, *, said: str) -> Opening:
    opening = narrator.wait("the freed slot becomes an opening", lambda: _opening(story))
    narrator.say(said)
    narrator.wait("candidates are ranked", lambda: _refreshed(opening).matched_at)
    narrator.say(lines.considered(opening))
    for row in lines.first_candidates(opening):
        narrator.say(lines.candidate(row), more=True)
    offers = _wave(opening, narrator)
    winner = _say_yes(opening, offers, narrator)
    _tell_others(opening, winner, narrator)
    _cascade(opening, winner, narrator)
    return opening


def _opening(story: Story) -> Opening | None:
    return Opening.objects.filter(slot_id=story.slot_id).order_by("-pk").first()


def _refreshed(opening: Opening) -> Opening:
    opening.refresh_from_db()
    return opening


def _wave(opening: Opening, narrator: Narrator) -> list[Offer]:
    wave = narrator.wait(
        "the first wave", lambda: Wave.objects.filter(opening=opening).order_by("number").first()
    )
    offers = list(
        wave.offers.select_related("patient", "phone", "candidate").order_by("candidate__rank")
    )
    narrator.wait("the first text reaches the carrier", lambda: _texts_out(offers) > 0)
    narrator.say(f"First text with the carrier. {wave.why}")
    narrator.wait("all texts of the wave", lambda: _texts_out(offers) == len(offers))
    narrator.say(f"Wave 1 sent: {lines.offered(offers)}")
    return offers


def _texts_out(offers: list[Offer]) -> int:
    return Message.objects.filter(
        subject_type="waitlist.offer",
        subject_id__in=[offer.pk for offer in offers],
        status__in=_GONE_OUT,
    ).count()


def _say_yes(opening: Opening, offers: list[Offer], narrator: Narrator) -> Offer:
    """Somebody with a later visit to give up answers first; another comes a moment later."""
    winner = next((offer for offer in offers if offer.gives_up_id), offers[0])
    words = YES[winner.patient.language]
    senders.text_back(str(winner.phone.number), words, at=clock.now())
    narrator.say(f"{winner.patient} replies “{words}”")
    narrator.wait("the yes is claimed", lambda: _claimed(winner))
    narrator.say("Claimed: first yes wins, one row, compare-and-set")
    late = next((offer for offer in offers if offer != winner), None)
    if late is not None:
        senders.text_back(str(late.phone.number), YES[late.patient.language], at=clock.now())
        narrator.say(f"{late.patient} replies “{YES[late.patient.language]}” a moment later")
    narrator.wait("the EHR confirms", lambda: _won(winner))
    visit = winner.appointment
    narrator.say(
        f"Booked in the practice EHR and read back: Appointment/{visit.source_id if visit else ''}"
    )
    narrator.wait("the confirmation", lambda: _told(winner) & _CONFIRMATIONS)
    narrator.say("Confirmation sent")
    if _refreshed(opening).status != OpeningStatus.FILLED:
        raise StoryBroke(f"The opening is {opening.status}, and should be filled.")
    return winner


def _claimed(offer: Offer) -> bool:
    offer.refresh_from_db()
    return offer.status in {OfferStatus.ACCEPTED, OfferStatus.WON}


def _won(offer: Offer) -> bool:
    offer.refresh_from_db()
    return offer.status == OfferStatus.WON


def _told(offer: Offer) -> set[str]:
    """Keys of the texts that have gone out about this offer."""
    return set(
        Message.objects.filter(
            direction=Direction.OUT,
            subject_type="waitlist.offer",
            subject_id=offer.pk,
            status__in=_GONE_OUT,
        ).values_list("text_version__key", flat=True)
    )


def _tell_others(opening: Opening, winner: Offer, narrator: Narrator) -> None:
    others = list(opening.offers.exclude(pk=winner.pk).select_related("patient"))
    gone = {"offer_gone", "offer_gone_other"}
    narrator.wait("the others are told", lambda: all(_told(o) & gone for o in others))
    if others:
        narrator.say(
            f"{len(others)} others told that it is taken; they keep their place and their visit"
        )


def _cascade(opening: Opening, winner: Offer, narrator: Narrator) -> None:
    later = winner.gives_up
    if later is None:
        narrator.say("The winner had no later visit to give up")
        return
    child = narrator.wait(
        "the later visit's slot becomes an opening",
        lambda: Opening.objects.filter(parent=opening).first(),
    )
    narrator.say(
        f"{winner.patient}'s visit of {lines.visit_words(later)} given up, and its slot is "
        f"opening {child.pk}: the cascade goes on"
    )
