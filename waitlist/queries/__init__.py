"""Named reads of waitlist."""

from waitlist.queries.people import gather, slot_facts

__all__ = ["gather", "slot_facts"]
