"""Why somebody stands where they stand, in words for staff.

Only what the score really looked at is told, the weightiest first.
"""

from __future__ import annotations

from collections.abc import Iterator

from scheduling.rules.words import say_date, say_days, say_list, say_miles
from waitlist.rules.facts import OutsideScore, PersonFacts, SlotFacts
from waitlist.rules.fit import Fit
from waitlist.states import CandidateKind, ScoreKind, Urgency

WORTH_SAYING_DAYS = 7
_URGENCY = {
    Urgency.URGENT: "marked urgent by a clinician",
    Urgency.SOON: "marked to be seen soon by a clinician",
}
#: What an outside model scores, in words.
IMPORTED = {
    ScoreKind.NO_SHOW_RISK: "no-show risk",
    ScoreKind.ACCEPTANCE: "likelihood to accept",
}


def reasons(
    slot: SlotFacts, person: PersonFacts, fit: Fit, imported: tuple[OutsideScore, ...] = ()
) -> tuple[str, ...]:
    """ "booked 6 weeks later for the same visit type", "lives 3 miles away", "prefers mornings".

    :param imported: the scores of outside models that counted.
    """
    return (*_reasons(slot, person, fit), *(_imported(slot, score) for score in imported))


def _reasons(slot: SlotFacts, person: PersonFacts, fit: Fit) -> Iterator[str]:
    if person.urgency in _URGENCY:
        yield _URGENCY[person.urgency]
    yield from _claim(slot, person, fit)
    if fit.miles is not None:
        yield f"lives {say_miles(fit.miles)} away"
    if person.prefers_parts_of_day:
        yield _part_of_day(slot, person)
    if slot.provider_id is not None and person.later_provider_id == slot.provider_id:
        yield "same provider as booked"
    if person.accepted_ever:
        yield "has taken an offered time before"
    if person.offers_recent:
        yield _asked_lately(person)


def _claim(slot: SlotFacts, person: PersonFacts, fit: Fit) -> Iterator[str]:
    """What makes them a candidate, and for how long they have waited."""
    waited = say_days(fit.waited_days) if fit.waited_days else ""
    if person.kind is CandidateKind.WAITLIST:
        yield f"on the waitlist for {waited}" if waited else "on the waitlist since today"
    elif person.kind is CandidateKind.UNMET_REQUEST:
        yield f"asked {waited} ago and found no time" if waited else "asked today, found no time"
    if fit.days_gained is not None:
        same = person.visit_type_id == slot.visit_type_id
        what = "the same visit type" if same else "a visit type that this one can stand in for"
        yield f"booked {say_days(fit.days_gained)} later for {what}"
    if person.kind is CandidateKind.LATER_VISIT and fit.waited_days >= WORTH_SAYING_DAYS:
        yield f"waiting for {waited}"


def _part_of_day(slot: SlotFacts, person: PersonFacts) -> str:
    order = ("morning", "afternoon", "evening")
    wanted = say_list(f"{part}s" for part in order if part in person.prefers_parts_of_day)
    if slot.local_part_of_day in person.prefers_parts_of_day:
        return f"prefers {wanted}"
    return f"prefers {wanted}, which this is not"


def _asked_lately(person: PersonFacts) -> str:
    times = "once" if person.offers_recent == 1 else f"{person.offers_recent} times"
    declined = f", declined {person.declined_recent}" if person.declined_recent else ""
    return f"already asked {times} in the last 30 days{declined}"


def _imported(slot: SlotFacts, score: OutsideScore) -> str:
    """Whose number it is, and until when: the one reason that we cannot explain ourselves."""
    until = say_date(slot.date_of(score.expires_at))
    return (
        f"imported: {IMPORTED[score.kind]} {score.value:.2f}, weight {score.weight:g}, from "
        f"{score.source} ({score.model} {score.version}), valid to {until}"
    )
