"""Words for staff on the inbox page."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.translation import gettext_noop

from integrations.states import Door, InboxKind, InboxStatus, ReplayStatus


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str
    icon: str


#: In the order of the page: what may need a person comes first.
STATES: Final[dict[str, Chip]] = {
    InboxStatus.REFUSED: Chip(gettext_noop("Refused"), "a-2h", "alert-triangle"),
    InboxStatus.RECEIVED: Chip(gettext_noop("Waiting"), "accent", "hourglass"),
    InboxStatus.APPLIED: Chip(gettext_noop("Applied"), "good", "checks"),
    InboxStatus.IGNORED: Chip(gettext_noop("Nothing new"), "", "circle-check"),
    InboxStatus.SET_ASIDE: Chip(gettext_noop("Set aside"), "", "ban"),
}
KINDS: Final[dict[str, str]] = {
    InboxKind.HL7: "HL7 v2",
    InboxKind.FHIR: "FHIR",
    InboxKind.REST: "REST",
    InboxKind.CALLS: gettext_noop("Calls"),
}
#: What is said of a message that has no outcome of its own yet.
WITHOUT_OUTCOME: Final[dict[str, str]] = {
    InboxStatus.RECEIVED: gettext_noop("It is kept, and will be applied in a moment."),
    InboxStatus.SET_ASIDE: gettext_noop("A person has set it aside."),
}
#: All of a state, as a replay is named that was started for them.
ALL: Final[dict[str, str]] = {
    InboxStatus.REFUSED: gettext_noop("all refused"),
    InboxStatus.RECEIVED: gettext_noop("all waiting"),
    InboxStatus.APPLIED: gettext_noop("all applied"),
    InboxStatus.IGNORED: gettext_noop("all nothing new"),
    InboxStatus.SET_ASIDE: gettext_noop("all set aside"),
}
REPLAYS: Final[dict[str, str]] = {
    ReplayStatus.RUNNING: gettext_noop("Running"),
    ReplayStatus.DONE: gettext_noop("Done"),
    ReplayStatus.STOPPED: gettext_noop("Stopped"),
}
DOORS: Final[dict[str, str]] = {
    Door.FHIR: "FHIR",
    Door.REST: "REST",
    Door.TWILIO: "Twilio",
    Door.CALLS: gettext_noop("Calls"),
}
