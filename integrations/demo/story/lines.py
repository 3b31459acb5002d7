"""What is said at each step, from the rows that the step wrote."""

from __future__ import annotations

from outreach.rules.times import say_time
from scheduling.models import Appointment, Slot
from waitlist.models import Candidate, Offer, Opening
from waitlist.opening_words import say_rule
from waitlist.queries.tallies import tally_of

#: Candidates named in the terminal.
NAMED = 3


def slot_words(slot: Slot) -> str:
    """ "Tue Dec 1, 9:40 AM with Dr. Lena Park, Camelback" """
    location = slot.role.clinic.location
    when = say_time(slot.starts_at, location.zone, "en")
    return f"{when} with {slot.role.provider}, {location.short_name}"


def visit_words(visit: Appointment) -> str:
    zone = visit.location.zone if visit.location else "UTC"
    return say_time(visit.starts_at, zone, "en")


def considered(opening: Opening) -> str:
    """How many were looked at, who may be asked, and which rules left out the others."""
    rules = sorted(opening.left_out.items(), key=lambda item: -item[1])
    out = ", ".join(f"{_rule_words(rule)} ({count})" for rule, count in rules[:4])
    more = sum(count for _, count in rules[4:])
    rest = f", by other rules ({more})" if more else ""
    left = f"; left out: {out}{rest}" if out else ""
    return f"{tally_of(opening).told}{left}"


def _rule_words(rule: str) -> str:
    said = say_rule(rule)
    return said[:1].lower() + said[1:]


def candidate(row: Candidate) -> str:
    return f"{row.rank}. {row.patient}: {'; '.join(row.reasons)}"


def first_candidates(opening: Opening) -> list[Candidate]:
    ranked = opening.candidates.filter(rank__isnull=False).select_related("patient")
    return list(ranked.order_by("rank")[:NAMED])


def offered(offers: list[Offer]) -> str:
    names = ", ".join(str(offer.patient) for offer in offers[:4])
    more = f" and {len(offers) - 4} more" if len(offers) > 4 else ""
    return f"{names}{more}"
