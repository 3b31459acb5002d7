"""What the wrap-up proposes: how the contact ended, its note, and what still stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm.models import Handoff, InteractionStep, User
from crm.queries.handoffs import say_it_waits
from crm.rules.chart_labs import LabAct
from crm.rules.refills import RefillWay
from crm.rules.wrapping import (
    DISPOSITIONS,
    Disposition,
    Done,
    Facts,
    NoteDraft,
    Said,
    write_note,
)
from crm.saying import translated
from crm.states import (
    Acuity,
    Channel,
    HandoffStatus,
    HandoffTo,
    IdentifierKind,
    Role,
    Speaker,
    StepKind,
    TaskKind,
)
from desk.actions.declining import LOST, NEXT, WAITS
from desk.queries.call_types import exits_of
from desk.queries.scripts import Flow, find_flow
from desk.queries.sign_offs import NotSignedOff, check_signed_off
from desk.rules.danger import NOT_NOW, RULED_OUT
from desk.rules.scripts import RequiredStepsMissing, put_in
from desk.screen.contact import DeskContact
from desk.screen.panels.portal import CODE as PORTAL_LINK
from desk.screen.panels.sending import What
from desk.screen.wrap_words import describer

#: Which ways of ending a call type (by their codes) stand for what was done, the best first.
_EXITS: Final[Mapping[Disposition, tuple[str, ...]]] = {
    Disposition.EMERGENCY: ("911", "reported"),
    Disposition.HANDED_OVER: ("nurse", "connected", "handed-over"),
    Disposition.BOOKED: ("booked",),
    Disposition.REQUESTED: ("booked", "moved"),
    Disposition.MOVED: ("moved",),
    Disposition.CANCELLED: ("cancelled",),
    Disposition.PASSED_ON: ("sent", "clinic-asked", "clinic-told", "filed", "waits", "referred"),
    Disposition.TOLD: ("told", "answered"),
    Disposition.NOT_VERIFIED: ("nothing-said",),
}
#: The same for one deed that says more than its kind: by kind of step and code. A caller who waits
#: for a time has no visit yet, or keeps the one they have; one whom no time suited keeps it, too.
_DEEDS: Final[Mapping[tuple[StepKind, str], tuple[str, ...]]] = {
    (StepKind.TELL, WAITS): ("waitlisted", "no-time"),
    (StepKind.TELL, NEXT): ("waitlisted", "no-time"),
    (StepKind.TELL, LOST): ("kept", "no-time"),
    (StepKind.TELL, PORTAL_LINK): ("link-sent",),
    **{(StepKind.TELL, f"{what}-link"): ("link-sent",) for what in What},
    (StepKind.TASK, f"refill:{RefillWay.NURSE_NOW}"): ("nurse",),
    (StepKind.TASK, f"labs:{LabAct.CALL_BACK}"): ("call-back",),
    (StepKind.TASK, f"labs:{LabAct.LOOK_INTO}"): ("not-ready",),
    (StepKind.TASK, f"labs:{LabAct.TELL_WHERE}"): ("told",),
}
#: A task to call them, by whatever step of a script it was left.
_CALLS: Final = ("clinic-asked", "call-back")
#: Another colleague than a clinician has it, and nothing else says how it ended.
_HANDED: Final = ("handed-over", "office", "billing", "privacy")
#: What was done to a visit, and a nurse who took them, weigh more than any of these.
_LIGHT: Final = frozenset(
    {Disposition.PASSED_ON, Disposition.UPDATED, Disposition.TOLD, Disposition.OTHER}
)
_DANGER_WORDS: Final[Mapping[str, str]] = {
    NOT_NOW: "Asked whether they have it now",
    RULED_OUT: "A nurse ruled the danger out, because",
}
#: Where a contact without a call type leaves something to do.
_OPEN_ENDS: Final = frozenset(
    {Disposition.PASSED_ON, Disposition.REQUESTED, Disposition.WAITLISTED}
)


@dataclass(frozen=True, slots=True)
class Ending:
    """One way in which the contact may have ended. `resolves`: nothing is left to do."""

    code: str
    words: str
    resolves: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the dialog shows at first. `missing` says what must be done before; else empty.

    `chosen` is empty where what was done says nothing about how it ended: then a person says it.
    """

    note: NoteDraft
    endings: tuple[Ending, ...]
    chosen: str
    missing: str


def propose(contact: DeskContact, *, at: dt.datetime) -> Proposal:
    """Read off the contact's steps, answers and hand-offs; constant in statements."""
    steps = contact.steps
    flow = find_flow(contact.interaction, is_verified=contact.is_verified, steps=steps, at=at)
    done = [_done(step) for step in steps]
    said, questions = _said(flow)
    about_danger, facts = _said_of_danger(contact), _facts(contact)
    note = write_note(
        done,
        [*about_danger, *said],
        facts,
        describe=describer(steps),
        ask=lambda key: _DANGER_WORDS.get(key) or questions.get(key, ""),
    )
    endings = endings_of(contact.interaction.call_type)
    missing = _stands_against(contact) or _missing(flow) or _not_signed_off(contact)
    likely = _likely(note.disposition, steps, was_handed=bool(facts.handed_to))
    codes = {one.code for one in endings}
    chosen = next((code for code in likely if code in codes), "")
    return Proposal(note, endings, chosen, translated(missing))


def endings_of(call_type: str) -> tuple[Ending, ...]:
    """Of the call type; of any contact where it has none."""
    exits = exits_of(call_type) if call_type else ()
    if exits:
        return tuple(Ending(one.code, one.words, one.resolves) for one in exits)
    return tuple(
        Ending(code, words, code not in _OPEN_ENDS) for code, words in DISPOSITIONS.items()
    )


def _likely(
    found: Disposition, steps: Sequence[InteractionStep], *, was_handed: bool
) -> Iterator[str]:
    """Codes of how it may have ended, the best first: the last deed that says it, then the rest."""
    if found in _LIGHT:
        for step in reversed(steps):
            yield from _DEEDS.get((StepKind(step.kind), step.code), ())
            if step.detail.get("task") == TaskKind.CALL_BACK:
                yield from _CALLS
    yield str(found)
    yield from _EXITS.get(found, ())
    if was_handed:
        yield from _HANDED


def _stands_against(contact: DeskContact) -> str:
    """A danger that nobody has dealt with, and a colleague who is asked and has not answered."""
    handoff = contact.handoff
    waits = handoff is not None and handoff.status == HandoffStatus.OFFERED
    return (say_it_waits(handoff) if handoff and waits else "") or contact.danger.why_not_leave


def _missing(flow: Flow | None) -> str:
    """The one place that asks whether the contact may be left: the script says."""
    try:
        if flow is not None:
            flow.check_may_leave()
    except RequiredStepsMissing as missing:
        return str(missing)
    return ""


def _not_signed_off(contact: DeskContact) -> str:
    """Why its agent may not close such a contact alone; training is how they come to it."""
    one = contact.interaction
    if one.agent is None or one.is_training:
        return ""
    try:
        check_signed_off(one.agent, one.call_type)
    except NotSignedOff as not_yet:
        return str(not_yet)
    return ""


def _done(step: InteractionStep) -> Done:
    """`detail` names the step, for those whose words hang on it."""
    about = {**step.detail, "step": step.pk}
    return Done(StepKind(step.kind), step.code, step.subject_type, step.subject_id, about)


def _said(flow: Flow | None) -> tuple[list[Said], dict[str, str]]:
    """What the script's questions were answered, and the questions in words."""
    asked = [
        each
        for each in (flow.steps if flow else ())
        if each.step.kind.is_answered and each.value and not each.is_open and not each.was_known
    ]
    said = [Said(each.step.key, each.value) for each in asked]
    known = flow.facts.known if flow else {}
    return said, {each.step.key: put_in(each.step.words, known) for each in asked}


def _said_of_danger(contact: DeskContact) -> list[Said]:
    """What was answered to a danger, and by whom it was ruled out."""
    asked = {step.code for step in contact.steps} & _DANGER_WORDS.keys()
    if not asked:
        return []
    rows = contact.interaction.answers.filter(key__in=asked).select_related("user").order_by("pk")
    return [
        Said(row.key, "no" if row.key == NOT_NOW else f"{row.value} ({_name(row.user)})")
        for row in rows
        if row.user is not None
    ]


def _facts(contact: DeskContact) -> Facts:
    one, verified = contact.interaction, contact.verification
    proxy = verified.proxy if verified else None
    taken = _taken_by(contact.pk)
    return Facts(
        channel=Channel(one.channel),
        speaker=Speaker(one.speaker),
        proxy=f"{proxy.name}, {proxy.relationship}" if proxy else "",
        verified_by=[IdentifierKind(kind) for kind in verified.matched] if verified else (),
        reason=one.reason,
        acuity=Acuity(one.acuity) if one.acuity else None,
        handed_to=[(_name(user), question) for user, _, question in taken],
        to_clinician=any(to in _CLINICAL or user.has_role(Role.NURSE) for user, to, _ in taken),
    )


_CLINICAL: Final = frozenset({HandoffTo.NURSE, HandoffTo.PROVIDER})


def _taken_by(contact_id: int) -> list[tuple[User, str, str]]:
    """Who took the contact over, as whom they were asked, and the question."""
    taken = Handoff.objects.filter(interaction=contact_id, status=HandoffStatus.ACCEPTED)
    rows = taken.select_related("answered_by").order_by("answered_at", "pk")
    return [(row.answered_by, row.to, row.question) for row in rows if row.answered_by]


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()
