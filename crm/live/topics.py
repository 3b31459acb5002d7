"""What a page may ask to hear, by the first words of event names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """The events that a page of one kind cares about."""

    prefixes: tuple[str, ...]
    demo_only: bool = False


#: Safety alerts reach every page of the staff.
ALERTS = ("triage.",)

TOPICS = {
    "all": Topic(("",)),
    "openings": Topic(("waitlist.", "scheduling.", "outreach.", *ALERTS)),
    "tasks": Topic(("crm.task-", "outreach.", "scheduling.", "waitlist.offer-", "triage.")),
    "mass": Topic(("scheduling.mass-", *ALERTS)),
    "slots": Topic(("scheduling.slot-", "scheduling.hold-", *ALERTS)),
    "desk": Topic(("crm.", "scheduling.", "waitlist.", "outreach.", "desk.", *ALERTS)),
    "oversight": Topic(
        ("crm.queue-", "crm.call-", "crm.agent-", "crm.contact-", "crm.handoff-", *ALERTS)
    ),
    "inbox": Topic(("integrations.message-", "integrations.replay-", *ALERTS)),
    "phones": Topic(("outreach.", "crm.call-"), demo_only=True),
}


class UnknownTopic(ValueError):
    """The page asked for a topic that does not exist; the message names those that do."""


class DemoOnlyTopic(PermissionError):
    """The page asked for something that exists in demo mode only."""


def prefixes_for(names: str, *, demo: bool) -> tuple[str, ...]:
    """The event-name prefixes behind a comma-separated list of topics; nothing means all.

    :raises UnknownTopic: for a name that is not in `TOPICS`.
    :raises DemoOnlyTopic: for a demo topic outside demo mode.
    """
    found: list[str] = []
    for name in [part.strip() for part in names.split(",") if part.strip()] or ["all"]:
        topic = TOPICS.get(name)
        if topic is None:
            raise UnknownTopic(f"There is no topic “{name}”. Topics: {', '.join(TOPICS)}.")
        if topic.demo_only and not demo:
            raise DemoOnlyTopic(f"The topic “{name}” exists in demo mode only.")
        found.extend(topic.prefixes)
    return tuple(dict.fromkeys(found))
