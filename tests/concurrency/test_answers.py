"""Given twice at once: answers, decisions, flags and papers, which nobody locks.

The engine's compare-and-set lets one through, and a unique index keeps one row of a kind. Both
acts have read the row as it was; nobody waits. Each has its twin without the guard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import Model, QuerySet

from crm.engine import Actor
from crm.engine.models import Event
from scheduling.actions import (
    approve_restriction,
    decline_restriction,
    drop_papers,
    give_estimate,
    lift_restriction,
    open_papers,
)
from scheduling.actions.feedback import (
    answer_flag,
    flag_slot,
    reopen_flag,
    take_back_flag,
    tell_answers,
)
from scheduling.actions.policies import review_missed
from scheduling.actions.proposals import answer_proposal, propose_change, withdraw_proposal
from scheduling.actions.schedules import add_exception
from scheduling.actions.writes import start_write
from scheduling.models import (
    Appointment,
    Clearance,
    EhrWrite,
    PatientRestriction,
    PatternException,
    SlotFeedback,
    TemplateProposal,
)
from scheduling.states import (
    AppointmentStatus,
    EhrWriteStatus,
    EstimateStatus,
    FeedbackStatus,
    MissedBecause,
    ProposalKind,
    ProposalStatus,
    RestrictionStatus,
)
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    compare_and_set,
    constraint,
    kept,
    names,
    with_guards,
    without_guards,
)
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    EhrWriteFactory,
    EstimateFactory,
    PatientRestrictionFactory,
    PatternExceptionFactory,
    ProviderRoleFactory,
    SlotFactory,
    SlotFeedbackFactory,
    TemplateProposalFactory,
    UserFactory,
    VisitTypeFactory,
    WeeklyPatternFactory,
)

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

DO: dict[str, Any] = {"by": TEST, "at": NOW}


def told_of(row: Any, event: str) -> Callable[[], tuple[str, int]]:
    """The row's status, and how often the outside was told."""
    name = f"scheduling.{event}"
    about = f"{row._meta.app_label}.{row._meta.model_name}"
    told = Event.objects.filter(name=name, subject_type=about, subject_id=row.pk)
    return lambda: (_again(row).status, told.count())


def _again(row: Any) -> Any:
    """As it is now: each act has read it for itself."""
    return type(row)._base_manager.get(pk=row.pk)


# --- proposals to clinics ----------------------------------------------------------------


def accepted_and_declined() -> Scene:
    row = TemplateProposalFactory.create()

    def answer(accept: bool) -> Act:
        return partial(answer_proposal, proposal=_again(row), accept=accept, answer="As said", **DO)

    return Scene(answer(True), answer(False), told_of(row, "proposal-answered"))


def withdrawn_while_it_is_answered() -> Scene:
    row = TemplateProposalFactory.create()
    read = _again(row)
    return Scene(
        partial(withdraw_proposal, proposal=read, **DO),
        partial(answer_proposal, proposal=_again(row), accept=True, answer="Yes", **DO),
        told_of(row, "proposal-answered"),
    )


def proposed_by_two() -> Scene:
    slot = SlotFactory.create()
    said: dict[str, Any] = {"clinic": slot.role.clinic, "kind": ProposalKind.BLOCK, "slot": slot}
    propose = partial(propose_change, **said, what="Block it", why="Meeting", **DO)
    return Scene(propose, propose, TemplateProposal.objects.filter(slot=slot).count)


# --- flags on slots ----------------------------------------------------------------------


def flag_taken_back_while_it_is_answered() -> Scene:
    row = SlotFeedbackFactory.create()
    return Scene(
        partial(take_back_flag, feedback=_again(row), **DO),
        partial(answer_flag, feedback=_again(row), answer="Mended", **DO),
        told_of(row, "feedback-answered"),
    )


def answer_reopened_by_two() -> Scene:
    row = SlotFeedbackFactory.create(
        status=FeedbackStatus.ANSWERED, answer="No", answered_at=NOW, answered_by="Clinic"
    )
    reopen = [partial(reopen_flag, feedback=_again(row), **DO) for _ in range(2)]
    return Scene(reopen[0], reopen[1], told_of(row, "feedback-given"))


def flagged_by_two_clicks() -> Scene:
    slot, user = SlotFactory.create(), UserFactory.create()
    flag = partial(flag_slot, slot=slot, user=user, **DO)
    return Scene(flag, flag, SlotFeedback.objects.filter(slot=slot).count)


def flagged_again_while_it_is_answered() -> Scene:
    """The flag that it would add to has just been answered: it is a new one."""
    slot = SlotFactory.create()
    row = SlotFeedbackFactory.create(slot=slot)
    flags = SlotFeedback.objects.filter(slot=slot).order_by("pk")
    return Scene(
        partial(flag_slot, slot=slot, user=row.flagged_by, should_be="A consult", **DO),
        partial(answer_flag, feedback=_again(row), answer="Mended", **DO),
        lambda: list(flags.values_list("status", flat=True)),
    )


def answers_told_by_two_pages() -> Scene:
    """Without the guard both pages tell of one answer."""
    row = SlotFeedbackFactory.create(
        status=FeedbackStatus.ANSWERED, answer="No", answered_at=NOW, answered_by="Clinic"
    )
    told: list[SlotFeedback] = []

    def tell() -> None:
        told.extend(tell_answers(user=row.flagged_by, at=NOW))

    return Scene(tell, tell, lambda: len(told))


def exception_added_by_two() -> Scene:
    """One date of a pattern."""
    pattern = WeeklyPatternFactory.create()
    add = [
        partial(add_exception, exception=PatternExceptionFactory.build(pattern=pattern), **DO)
        for _ in range(2)
    ]
    return Scene(add[0], add[1], PatternException.objects.filter(pattern=pattern).count)


# --- limits after missed visits ----------------------------------------------------------


def by_a_person() -> dict[str, Any]:
    return {"why": "We spoke", "by": Actor.user(UserFactory.create()), "at": NOW}


def approved_and_declined() -> Scene:
    row = PatientRestrictionFactory.create()
    return Scene(
        partial(approve_restriction, restriction_id=row.pk, **by_a_person()),
        partial(decline_restriction, restriction_id=row.pk, **by_a_person()),
        told_of(row, "restriction-decided"),
    )


def approved_by_two() -> Scene:
    row = PatientRestrictionFactory.create()
    approve = partial(approve_restriction, restriction_id=row.pk, **by_a_person())
    return Scene(approve, approve, told_of(row, "restriction-decided"))


def lifted_by_two() -> Scene:
    row = PatientRestrictionFactory.create(
        status=RestrictionStatus.APPROVED, decided_at=NOW, decided_by="Dana"
    )
    lift = partial(lift_restriction, restriction_id=row.pk, **by_a_person())
    return Scene(lift, lift, told_of(row, "restriction-decided"))


def withdrawn_while_it_is_approved() -> Scene:
    """Without the guard a step undoes what a person has just decided."""
    role = ProviderRoleFactory.create()
    visit = AppointmentFactory.create(role=role)
    row = PatientRestrictionFactory.create(patient=visit.patient, clinic=role.clinic)
    return Scene(
        partial(review_missed, appointment_id=visit.pk, **DO),
        partial(approve_restriction, restriction_id=row.pk, **by_a_person()),
        told_of(row, "restriction-decided"),
    )


def missed() -> list[Appointment]:
    """Three of one patient at one clinic: by its policy a person is asked about a limit."""
    first = AppointmentFactory.create(status=AppointmentStatus.NO_SHOW)
    again = {"patient": first.patient, "role": first.role, "status": AppointmentStatus.NO_SHOW}
    return [first, AppointmentFactory.create(**again), AppointmentFactory.create(**again)]


def limits_of(visit: Appointment) -> Callable[[], list[str]]:
    rows = PatientRestriction.objects.filter(patient=visit.patient)
    return lambda: list(rows.values_list("status", flat=True))


def limit_proposed_by_two_workers() -> Scene:
    visits = missed()
    review = [partial(review_missed, appointment_id=visit.pk, **DO) for visit in visits]
    return Scene(review[0], review[1], limits_of(visits[0]))


def excused_while_a_limit_is_proposed() -> Scene:
    """Without the lock a limit is proposed that nothing speaks for any more."""
    visits = missed()

    def excuse() -> None:
        rows = Appointment.objects.filter(pk=visits[1].pk)
        rows.update(missed_because=MissedBecause.TECHNICAL_FAILURE)
        review_missed(appointment_id=visits[1].pk, **DO)

    return Scene(
        partial(review_missed, appointment_id=visits[0].pk, **DO), excuse, limits_of(visits[0])
    )


# --- papers, and what the EHR is told ----------------------------------------------------


def dropped_while_an_estimate_is_given() -> Scene:
    row = EstimateFactory.create()
    pk = row.appointment_id
    return Scene(
        partial(drop_papers, appointment_id=pk, **DO),
        partial(give_estimate, appointment_id=pk, amount=Decimal(120), **DO),
        lambda: _again(row).status,
    )


def opened_by_two_workers() -> Scene:
    visit = AppointmentFactory.create(visit_type=VisitTypeFactory.create(needs_authorization=True))
    opening = partial(open_papers, appointment_id=visit.pk, **DO)
    return Scene(opening, opening, Clearance.objects.filter(appointment=visit).count)


def sent_by_two_workers() -> Scene:
    """Without the guard the EHR is asked twice."""
    row = EhrWriteFactory.create()
    start = [partial(start_write, _again(row), **DO) for _ in range(2)]
    return Scene(start[0], start[1], lambda: EhrWrite.objects.get(pk=row.pk).status)


@contextmanager
def seen_at() -> Iterator[None]:
    """Whoever has read an answer tells it, whether or not somebody has by then."""
    update = QuerySet.update

    def blind(rows: QuerySet[Any], **said: Any) -> int:
        return 1 if rows.model is SlotFeedback else update(rows, **said)

    with patch.object(QuerySet, "update", blind):
        yield


def in_(module: str) -> str:
    return f"scheduling.actions.{module}"


def one_of(
    scene: Callable[[], Scene],
    module: str,
    *,
    stands: Any,
    else_: Any,
    first: str = "MovedMeanwhile",
) -> Race:
    """One goes through by compare-and-set, and the first hears that somebody was faster."""
    return Race(
        scene,
        stops=f"<{in_(module)}.move",
        guards=[compare_and_set(in_(module))],
        kept=("MovedMeanwhile", "done", stands),
        broken=("done", "done", else_),
        waits=False,
    )


def once(
    scene: Callable[[], Scene], module: str, model: type[Model], index: str, *, first: str = "done"
) -> Race:
    """A unique index keeps one row."""
    return Race(
        scene,
        stops=f"<{in_(module)}.insert_or_none",
        guards=[constraint(model, index)],
        kept=(first, "done", 1),
        broken=("done", "done", 2),
        waits=False,
    )


P, F, R, E = ProposalStatus, FeedbackStatus, RestrictionStatus, EstimateStatus
RACES = (
    one_of(accepted_and_declined, "proposals", stands=(P.DECLINED, 1), else_=(P.ACCEPTED, 2)),
    one_of(
        withdrawn_while_it_is_answered,
        "proposals",
        stands=(P.ACCEPTED, 1),
        else_=(P.WITHDRAWN, 2),
    ),
    one_of(
        flag_taken_back_while_it_is_answered,
        "feedback",
        stands=(F.ANSWERED, 1),
        else_=(F.TAKEN_BACK, 2),
    ),
    one_of(answer_reopened_by_two, "feedback", stands=(F.OPEN, 1), else_=(F.OPEN, 2)),
    one_of(approved_and_declined, "policies", stands=(R.DECLINED, 1), else_=(R.APPROVED, 2)),
    one_of(approved_by_two, "policies", stands=(R.APPROVED, 1), else_=(R.APPROVED, 2)),
    one_of(lifted_by_two, "policies", stands=(R.LIFTED, 1), else_=(R.LIFTED, 2)),
    one_of(
        withdrawn_while_it_is_approved, "policies", stands=(R.APPROVED, 1), else_=(R.WITHDRAWN, 2)
    ),
    one_of(dropped_while_an_estimate_is_given, "papers", stands=E.GIVEN, else_=E.VOID),
    one_of(sent_by_two_workers, "writes", stands=EhrWriteStatus.SENT, else_=EhrWriteStatus.SENT),
    once(
        proposed_by_two,
        "proposals",
        TemplateProposal,
        "scheduling_proposal_once",
        first="AlreadyProposed",
    ),
    once(flagged_by_two_clicks, "feedback", SlotFeedback, "scheduling_feedback_once"),
    once(opened_by_two_workers, "papers", Clearance, "scheduling_clearance_once"),
    once(
        exception_added_by_two,
        "schedules",
        PatternException,
        "scheduling_exception_once",
        first="SameAgain",
    ),
    Race(
        answers_told_by_two_pages,
        stops="<django.db.models.query.QuerySet.update",
        guards=[seen_at],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
        waits=False,
    ),
    Race(
        limit_proposed_by_two_workers,
        stops="scheduling.actions.policies.limit_to_propose",
        guards=[names, constraint(PatientRestriction, "scheduling_restriction_once")],
        kept=("done", "done", [R.PROPOSED]),
        broken=("done", "done", [R.PROPOSED] * 2),
    ),
    Race(
        excused_while_a_limit_is_proposed,
        stops="scheduling.actions.policies.limit_to_propose",
        guards=[names],
        kept=("done", "done", [R.WITHDRAWN]),
        broken=("done", "done", [R.PROPOSED]),
    ),
)

#: No guard, but a second try: what stood in the way is gone.
ANSWERED = Race(
    flagged_again_while_it_is_answered,
    stops="scheduling.actions.feedback.insert_or_none",
    guards=[],
    kept=("done", "done", [F.ANSWERED, F.OPEN]),
    broken=("done", "done", [F.ANSWERED, F.OPEN]),
    waits=False,
)


def test_one_goes_through_and_the_other_hears_of_it() -> None:
    races = [*RACES, ANSWERED]
    assert with_guards(races) == kept(races)


def test_without_its_guard_each_goes_through_twice() -> None:
    """The races are real: what the test above shows is the guards at work."""
    assert without_guards(RACES) == broken(RACES)
