"""Words for staff on the inbox page."""

from __future__ import annotations

from typing import Final, NamedTuple

from integrations.states import InboxKind, InboxStatus


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str
    icon: str


#: In the order of the page: what may need a person comes first.
STATES: Final[dict[str, Chip]] = {
    InboxStatus.REFUSED: Chip("Refused", "a-2h", "alert-triangle"),
    InboxStatus.RECEIVED: Chip("Waiting", "accent", "hourglass"),
    InboxStatus.APPLIED: Chip("Applied", "good", "checks"),
    InboxStatus.IGNORED: Chip("Nothing new", "", "circle-check"),
    InboxStatus.SET_ASIDE: Chip("Set aside", "", "ban"),
}
KINDS: Final[dict[str, str]] = {
    InboxKind.HL7: "HL7 v2",
    InboxKind.FHIR: "FHIR",
    InboxKind.REST: "REST",
    InboxKind.CALLS: "Calls",
}
#: What is said of a message that has no outcome of its own yet.
WITHOUT_OUTCOME: Final[dict[str, str]] = {
    InboxStatus.RECEIVED: "It is kept, and will be applied in a moment.",
    InboxStatus.SET_ASIDE: "A person has set it aside.",
}
