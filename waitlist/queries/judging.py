"""The rules asked about a shortlist: few people, in their order, contact last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from outreach.queries import SendAnswer
from scheduling.models import Slot
from waitlist.models import Opening
from waitlist.queries.people import Person, answered, contact_answers, people_of
from waitlist.queries.shortlist import FIRST_LOOK, find_shortlist
from waitlist.rules.eligibility import contact_refusal
from waitlist.rules.facts import SlotFacts
from waitlist.rules.ranking import LeftOut, Ranked, Ranking, rank

#: So many more of a shortlist are judged at once than are to be found: rules, consent and the
#: contact budget leave some out.
MARGIN = 16
#: Somebody of those whom the rules accept who cannot be texted is no help: so many who can are
#: looked for beyond what one wave may ask.
SPARE = 4
#: What the contact budget says against a text (`outreach.queries.SendAnswer.rule`).
SPENT = frozenset({"per-day", "per-week"})
#: How much deeper to look when a look gave too few: then the rules leave nearly everybody out.
LOOKS = (1, 8, 64)


@dataclass(frozen=True, slots=True)
class Judged:
    """Who was looked at, by patient, and how the rules placed them.

    `is_everybody`: nobody else has a claim whom the rules would accept. `answers`: whether those
    may be texted now whom the other rules accept.
    """

    people: dict[int, Person]
    ranking: Ranking
    is_everybody: bool
    answers: dict[int, SendAnswer] = field(default_factory=dict)

    @property
    def ready(self) -> int:
        """Of those in the ranking, how many have a text left of their budget."""
        spent = (self.answers[p.person.patient_id].rule in SPENT for p in self.ranking.ranked)
        return len(self.ranking.ranked) - sum(spent)


def judge_shortlist(
    opening: Opening,
    slot: Slot,
    facts: SlotFacts,
    *,
    at: dt.datetime,
    without: Collection[int] = (),
) -> Judged:
    """The first in the ranking, so many that a wave can go out. Bounded, however many wait.

    Looks deeper while fewer than a wave may ask are found. :param without: patients to leave
    aside: those who were asked.
    """
    enough = wanted(slot)
    aside = {*without} | {opening.freed_appointment.patient_id if opening.freed_appointment else 0}
    judged = Judged({}, Ranking([], []), is_everybody=False)
    for times in LOOKS:
        depth = FIRST_LOOK.times(times)
        found = find_shortlist(slot, facts, at=at, depth=depth, without=aside)
        judged = _judge(found.patient_ids, opening, slot, facts, at=at, enough=enough)
        # Where only the budget stands against most of them, one deeper look must do.
        few = judged.ready < enough if times == 1 else len(judged.ranking.ranked) < enough
        if not few or found.is_everybody:
            seen_all = found.is_everybody and len(judged.people) == len(found.patient_ids)
            return replace(judged, is_everybody=seen_all)
    return judged


def wanted(slot: Slot) -> int:
    """So many who may be asked are enough: the largest wave of this clinic, and some to spare."""
    return slot.role.clinic.max_disappointed + SPARE


def _judge(
    patient_ids: Collection[int],
    opening: Opening,
    slot: Slot,
    facts: SlotFacts,
    *,
    at: dt.datetime,
    enough: int,
) -> Judged:
    """In their order, a batch at a time, until enough may be asked.

    Whoever had their text for today or this week is a candidate, and no help to this wave.
    """
    listed = list(patient_ids)
    judged = Judged({}, Ranking([], []), is_everybody=False)
    size = enough + MARGIN
    for start in range(0, len(listed), size):
        batch = judge(listed[start : start + size], opening, slot, facts, at=at)
        judged.people.update(batch.people)
        judged.ranking.ranked.extend(batch.ranking.ranked)
        judged.ranking.left_out.extend(batch.ranking.left_out)
        judged.answers.update(batch.answers)
        if judged.ready >= enough:
            break
    ranking = Ranking(in_order(judged.ranking.ranked), judged.ranking.left_out)
    return replace(judged, ranking=ranking)


def judge(
    patient_ids: Collection[int],
    opening: Opening,
    slot: Slot,
    facts: SlotFacts,
    *,
    at: dt.datetime,
    ask_contact: bool = True,
) -> Judged:
    """These patients under all rules. Contact is asked only of those whom the others accept."""
    people = {p.facts.patient_id: p for p in people_of(patient_ids, opening, slot, facts, at=at)}
    ranked, left_out = rank(facts, [p.facts for p in people.values()], at=at)
    if not ask_contact:
        return Judged(people, Ranking(ranked, left_out), is_everybody=False)
    answers = contact_answers([place.person.patient_id for place in ranked], slot, at=at)
    reached: list[Ranked] = []
    for place in ranked:
        pk = place.person.patient_id
        people[pk] = answered(people[pk], answers[pk], opening)
        person = people[pk].facts
        no = contact_refusal(person)
        if no is None:
            reached.append(Ranked(person, place.score))
        else:
            left_out.append(LeftOut(person, no))
    return Judged(people, Ranking(reached, left_out), is_everybody=False, answers=answers)


def in_order(ranked: list[Ranked]) -> list[Ranked]:
    """As `ranking.rank` orders them: points, then who has waited longer, then the key."""
    return sorted(
        ranked, key=lambda r: (-r.score.total, r.person.waiting_since, r.person.patient_id)
    )
