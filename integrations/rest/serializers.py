"""What another system may tell us in plain JSON, field by field."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from crm.states import PhoneUse, Sex
from scheduling.actions.checks import LONGEST_KEY, LONGEST_SYSTEM
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus


class AppointmentEvent(StrEnum):
    BOOKED = "appointment.booked"
    RESCHEDULED = "appointment.rescheduled"
    UPDATED = "appointment.updated"
    CANCELLED = "appointment.cancelled"
    DELETED = "appointment.deleted"
    NO_SHOW = "appointment.no-show"


SLOT_EVENT = "slot.updated"

#: The event says the state, except for an update.
STATUS_OF = {
    AppointmentEvent.BOOKED: AppointmentStatus.BOOKED,
    AppointmentEvent.RESCHEDULED: AppointmentStatus.BOOKED,
    AppointmentEvent.CANCELLED: AppointmentStatus.CANCELLED,
    AppointmentEvent.DELETED: AppointmentStatus.ENTERED_IN_ERROR,
    AppointmentEvent.NO_SHOW: AppointmentStatus.NO_SHOW,
}
#: States that are ours alone, which no sender can know of.
VISIT_STATUSES = [
    str(s)
    for s in AppointmentStatus
    if s not in {AppointmentStatus.REQUESTED, AppointmentStatus.REFUSED}
]
SLOT_STATUSES = [str(s) for s in SlotStatus if s is not SlotStatus.VACATED]


class Choice(serializers.ChoiceField):
    """A choice whose error does not repeat what was sent."""

    default_error_messages = {"invalid_choice": "This is none of the values that are taken."}


class Instant(serializers.DateTimeField):
    """A time with its offset from UTC: without one it could be any of 24 hours."""

    default_error_messages = {
        "naive": "This needs an offset from UTC, such as Z or -07:00.",
        "range": "No visit is at that time.",
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            self.fail("naive")
        if not 1850 <= value.year <= 2200:
            self.fail("range")
        return value.astimezone(dt.UTC)


def key(*, longest: int = LONGEST_KEY, **options: Any) -> serializers.CharField:
    """A key of the sender's own, as it writes it."""
    return serializers.CharField(max_length=longest, **options)


def optional_key(help_text: str = "") -> serializers.CharField:
    return key(required=False, default="", allow_blank=True, help_text=help_text)


def words(longest: int = 200) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, default="", allow_blank=True)


class IdentifierInput(serializers.Serializer[Any]):
    system = key(longest=LONGEST_SYSTEM, help_text="Who issued it: the EHR's name, a URI.")
    value = key()


class PhoneInput(serializers.Serializer[Any]):
    number = serializers.RegexField(r"^\+[1-9][0-9]{6,14}$", help_text="E.164: +16025550142.")
    use = Choice(choices=[str(use) for use in PhoneUse], default=str(PhoneUse.MOBILE))


class PatientInput(serializers.Serializer[Any]):
    """Known by their identifiers, never by name."""

    identifiers = IdentifierInput(many=True, allow_empty=False)
    family_name = words(100)
    given_name = words(100)
    birth_on = serializers.DateField(required=False, allow_null=True, default=None)
    sex = Choice(choices=[str(sex) for sex in Sex], default=str(Sex.UNKNOWN))
    language = words(16)
    phones = PhoneInput(many=True, required=False, default=list)
    is_deceased = serializers.BooleanField(default=False)


class PeriodMixin:
    """Start and end, where both are there."""

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            raise serializers.ValidationError({"ends_at": "This does not come after the start."})
        return data


class AppointmentInput(PeriodMixin, serializers.Serializer[Any]):
    id = key(help_text="The visit's key in the sender's system.")
    status = Choice(
        choices=VISIT_STATUSES,
        required=False,
        help_text="Needed for appointment.updated; else the event says it.",
    )
    starts_at = Instant(required=False, allow_null=True, default=None)
    ends_at = Instant(required=False, allow_null=True, default=None)
    slot_id = optional_key("The slot it stands on.")
    provider_id = optional_key()
    location_id = optional_key()
    visit_type = optional_key("The sender's code for it.")
    cancelled_by = Choice(
        choices=[str(who) for who in CancelledBy], default=str(CancelledBy.UNKNOWN)
    )
    cancel_reason = words(160)
    version = words(40)


class AppointmentEventInput(serializers.Serializer[Any]):
    """One statement about one visit."""

    event = Choice(choices=[str(event) for event in AppointmentEvent])
    source = key(  # type: ignore[assignment]
        help_text="The EHR whose visit it is; keys are unique within it."
    )
    sent_at = Instant(help_text="Orders statements: an older one never undoes a newer one.")
    appointment = AppointmentInput()
    patient = PatientInput(required=False, allow_null=True, default=None)
    tells_slots = serializers.BooleanField(
        default=True,
        help_text=(
            "Whether this sender also posts slots. If not, the clinic's signed rule decides "
            "whether a cancelled visit frees its slot."
        ),
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        said = data["appointment"].get("status")
        meant = STATUS_OF.get(AppointmentEvent(data["event"]))
        if meant is None and said is None:
            raise serializers.ValidationError(
                {"appointment": {"status": "An update needs the state that the visit is in."}}
            )
        if meant is not None and said not in {None, str(meant)}:
            raise serializers.ValidationError(
                {"appointment": {"status": "This contradicts the event."}}
            )
        return data


class SlotInput(PeriodMixin, serializers.Serializer[Any]):
    id = key(help_text="The slot's key in the sender's system.")
    status = Choice(choices=SLOT_STATUSES)
    starts_at = Instant(required=False, allow_null=True, default=None)
    ends_at = Instant(required=False, allow_null=True, default=None)
    provider_id = optional_key("Needed, with place, type and times, for a slot that is new.")
    location_id = optional_key()
    visit_type = optional_key("The sender's code for it.")
    version = words(40)


class SlotEventInput(serializers.Serializer[Any]):
    """One statement about one slot."""

    event = Choice(choices=[SLOT_EVENT])
    source = key(  # type: ignore[assignment]
        help_text="The EHR whose slot it is; keys are unique within it."
    )
    sent_at = Instant(help_text="Orders statements: an older one never undoes a newer one.")
    slot = SlotInput()
