"""What patients hear of a mass rescheduling; whom no text reaches gets a call."""

from __future__ import annotations

import datetime as dt

from crm.models import Event
from desk import mass_telling as telling
from outreach.models import Message
from outreach.states import MessageStatus
from scheduling.actions.mass_running import (
    cannot_offer,
    could_not_be_told,
    offer_goes_to,
    was_told,
)
from scheduling.models import MassMoveItem
from scheduling.states import MassItemStatus

ITEM = "scheduling.massmoveitem"
_TOLD = ("mass_moved", "visit_moved")


def on_choices_offered(event: Event, at: dt.datetime) -> None:
    item = _item(event.subject_id)
    if item.status != MassItemStatus.OFFERED:
        return
    phone, why = telling.find_phone(item, at=at)
    if phone is None:
        cannot_offer(item_id=item.pk, why=f"They cannot be asked by text. {why}", at=at)
        return
    offer_goes_to(item_id=item.pk, phone=phone)
    if (
        telling.tell(item, "mass_choices", phone=phone, valid_until=item.answer_until, at=at)
        is None
    ):
        cannot_offer(item_id=item.pk, why="No site is known to speak of in a text.", at=at)


def on_choices_withdrawn(event: Event, at: dt.datetime) -> None:
    """What still waits is not sent; whoever has read it hears that it no longer holds."""
    item = _item(event.subject_id)
    if item.phone is None or telling.take_back(item, at=at):
        return
    telling.tell(item, "mass_choices_over", phone=item.phone, at=at)


def on_visit_moved(event: Event, at: dt.datetime) -> None:
    """The EHR has it: now it may be told."""
    item = _item(event.subject_id)
    phone, why = telling.find_phone(item, at=at)
    if phone is None or item.moved_to is None:
        could_not_be_told(item_id=item.pk, why=f"No text may go to them. {why}", at=at)
        return
    until = item.moved_to.starts_at - telling.LAST_HOURS
    template = "visit_moved" if item.answered_at else "mass_moved"
    told = telling.tell(item, template, phone=phone, valid_until=until, at=at)
    if told is None:
        could_not_be_told(item_id=item.pk, why="No site is known to speak of in a text.", at=at)


def on_message_sent(event: Event, at: dt.datetime) -> None:
    message = _message(event)
    if message is not None and _template(message) in _TOLD:
        was_told(item_id=event.payload["about_id"], at=at)


def on_message_not_sent(event: Event, at: dt.datetime) -> None:
    """Not permitted, too late, or refused by the carrier."""
    message = _message(event)
    if message is None or _template(message) == "mass_choices_over":
        return
    why = {
        MessageStatus.NOT_PERMITTED: "No text may go to them.",
        MessageStatus.TOO_LATE: "The text could not go out in time.",
    }.get(MessageStatus(message.status), "The text did not arrive.")
    could_not_be_told(item_id=event.payload["about_id"], why=why, at=at)


def _message(event: Event) -> Message | None:
    if event.payload.get("about_type") != ITEM:
        return None
    return Message.objects.select_related("text_version").filter(pk=event.subject_id).first()


def _template(message: Message) -> str:
    return message.text_version.key if message.text_version else ""


def _item(pk: int) -> MassMoveItem:
    return MassMoveItem.objects.select_related(
        "phone",
        "appointment__patient",
        "appointment__visit_type",
        "appointment__location",
        "appointment__role__clinic__location",
        "moved_to__location",
        "moved_to__role__clinic__location",
    ).get(pk=pk)
