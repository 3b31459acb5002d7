"""Asking the rules again about candidates who were ranked a while ago."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, record
from scheduling.models import Slot
from waitlist.models import Candidate, Opening
from waitlist.queries.people import Person, gather, slot_facts
from waitlist.rules.eligibility import RuleName, refusal

NO_LONGER_WAITS = "no-longer-waits"


def recheck(
    opening: Opening, slot: Slot, candidates: list[Candidate], *, by: Actor, at: dt.datetime
) -> list[Candidate]:
    """Those of the candidates who could still take it, in the same order; the others leave.

    Between matching and their turn lie hours or weeks: somebody has won another opening, moved
    the later visit, or is busy now. Who stays is one for the visit and the entry that they have
    by now. Whether they may be texted is not asked here.
    """
    ids = [candidate.patient_id for candidate in candidates]
    people = {p.facts.patient_id: p for p in gather(opening, slot, at=at, only=ids)}
    facts = slot_facts(slot, at=at)
    stay = []
    for candidate in candidates:
        person = people.get(candidate.patient_id)
        why = refusal(facts, person.facts, at=at) if person else None
        if person is None:
            _leave(candidate, NO_LONGER_WAITS, "No longer waits for such a visit.", by=by, at=at)
        elif why is not None and not why.rule.startswith(RuleName.CONTACT):
            _leave(candidate, why.rule, why.sentence, by=by, at=at)
        else:
            _refresh(candidate, person, by=by, at=at)
            stay.append(candidate)
    return stay


def _refresh(candidate: Candidate, person: Person, *, by: Actor, at: dt.datetime) -> None:
    """What was asked about just now is what the offer will be about."""
    asked = {
        "kind": person.facts.kind,
        "appointment_id": person.appointment_id,
        "entry_id": person.entry_id,
    }
    changed = [name for name, value in asked.items() if getattr(candidate, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(candidate, name, asked[name])
    candidate.save(update_fields=changed)
    record("waitlist.candidate.refreshed", candidate, by=by, at=at, fields=changed)


def _leave(candidate: Candidate, rule: str, sentence: str, *, by: Actor, at: dt.datetime) -> None:
    candidate.rank, candidate.left_out_by, candidate.left_out_why = None, rule[:40], sentence[:200]
    candidate.save(update_fields=["rank", "left_out_by", "left_out_why"])
    record("waitlist.candidate.left", candidate, by=by, at=at, rule=rule)
