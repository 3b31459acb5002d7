"""Random stories: whatever happens to a few visits in whatever order, nobody is told wrong.

Hypothesis draws what people, the EHR, the carrier, the workers and the clock do next. After each
of it the invariants hold; and in the end, when everything runs again and the days have passed,
nothing is left over. A story that fails is printed as the shortest one that does.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.engine import Actor, run_step
from crm.engine.setback import beat
from crm.engine.steps import all_steps
from crm.models import Patient
from outreach.ports import SmsUnavailable, SmsUnknown
from scheduling.actions import BookingRefused, apply_appointment_report
from scheduling.models import Appointment, Slot
from scheduling.ports import AppointmentReport, BookingDraft, EhrAppointment, ReportKind
from scheduling.states import LIVE, AppointmentStatus, CancelledBy, SlotStatus
from tests.factories import SOURCE
from tests.fakes.ehr import FakeEhr
from tests.fakes.sms import FakeSms, after_taking
from tests.faults.dying import CALLS, Deathbed, Died
from tests.faults.invariants import broken, check_at_rest
from tests.waitlist.scene import EHR, Scene
from waitlist.actions import (
    OpeningClosed,
    book_by_hand,
    pause_opening,
    resume_opening,
    withdraw_opening,
)
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OPENING

pytestmark = [pytest.mark.faults, pytest.mark.fault(3), pytest.mark.fault(9)]

BY = Actor.system("agent")
#: What patients text, most often an answer. STOP is a word of its own: it ends all texts.
WORDS = ("Yes", "Yes", "YES", "No", "Sí", "no gracias", "Stop", "Start", "Who is this?", "Yes")
PEOPLE = 4
#: Refusals and failures of an EHR, by HTTP status.
STATUSES = (409, 412, 422, 429, 500, 503)
#: After the last wave's deadline, and the quiet nights that a last text may wait for.
UNTIL_ALL_IS_OVER = dt.timedelta(days=60)

numbers = st.integers(min_value=0, max_value=11)


class ForgetfulEhr(FakeEhr):
    """An EHR that knows no If-None-Exist: only our own looking keeps us from asking twice."""

    def book(self, draft: BookingDraft) -> EhrAppointment:
        self._answer("book")
        self._refuse_if_told()
        with self._lock:
            visit = self._book(draft)
        self._lose_answer_if_told()
        return visit


class Fills(RuleBasedStateMachine):
    """One clinic with a few visits, its EHR and its carrier; `scene.at` is our clock."""

    @initialize()
    def open_the_clinic(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        FakeSms.reset()
        patch = pytest.MonkeyPatch()
        self.stack.callback(patch.undo)
        patch.setattr("tests.waitlist.scene.FakeEhr", ForgetfulEhr)
        self.scene = scene = Scene()
        self.ahead = dt.timedelta(0)  # of the true time, by which the EHR goes
        scene.ehr._clock = lambda: self.true_time
        self.bed = Deathbed()
        self.people = [scene.add_candidate(days=20 + 7 * n) for n in range(PEOPLE)]
        for user in ("tasks", "gateways"):
            patch.setattr(f"scheduling.{user}.get_ehr", lambda: scene.ehr)
        for name in CALLS["ehr"]:
            patch.setattr(scene.ehr, name, self._point(f"ehr.{name}", getattr(scene.ehr, name)))
        for name in CALLS["carrier"]:
            patch.setattr(FakeSms, name, self._point(f"carrier.{name}", getattr(FakeSms, name)))
        # Else most stories would be about nothing.
        self._cancel_in_ehr(scene.visit, by=CancelledBy.PATIENT)

    def _point(self, name: str, call: Any) -> Any:
        """A point that a worker may die at, before and after; whoever the worker is by then."""

        def called(*args: Any, **kwargs: Any) -> Any:
            return self.bed.around(name, call)(*args, **kwargs)

        return called

    @property
    def true_time(self) -> dt.datetime:
        return self.scene.at - self.ahead

    # --- what people do ----------------------------------------------------------------

    @rule(which=numbers, by=st.sampled_from(list(CancelledBy)))
    def somebody_cancels_at_the_clinic(self, which: int, by: CancelledBy) -> None:
        live = Appointment.objects.filter(status__in=LIVE, starts_at__gt=self.scene.at)
        visits = list(live.exclude(source_id="").order_by("starts_at", "pk"))
        if visits:
            self._cancel_in_ehr(visits[which % len(visits)], by=by)

    @rule(who=numbers, what=st.sampled_from(WORDS))
    def a_patient_texts(self, who: int, what: str) -> None:
        self.scene.reply(self._person(who), what, work=False)

    @rule(who=numbers)
    def a_patient_says_yes_twice(self, who: int) -> None:
        for _ in range(2):
            self.scene.reply(self._person(who), "Yes", work=False)

    @rule(which=numbers)
    def somebody_who_was_asked_says_yes(self, which: int) -> None:
        asked = list(Offer.objects.order_by("pk").select_related("patient"))
        if asked:
            self.scene.reply(asked[which % len(asked)].patient, "Yes", work=False)

    @rule(which=numbers, who=numbers)
    def staff_book_by_hand(self, which: int, who: int) -> None:
        opening, patient = self._opening(which), self._person(who)
        if opening is None:
            return
        with suppress(OpeningClosed, BookingRefused):
            book_by_hand(
                opening_id=opening.pk, patient=patient, gives_up=None, by=BY, at=self.scene.at
            )

    @rule(which=numbers, what=st.sampled_from(["pause", "resume", "withdraw"]))
    def staff_steer(self, which: int, what: str) -> None:
        opening = self._opening(which)
        if opening is None:
            return
        about: dict[str, Any] = {"opening_id": opening.pk, "by": BY, "at": self.scene.at}
        with suppress(OpeningClosed):
            if what == "pause":
                pause_opening(**about)
            elif what == "resume":
                resume_opening(**about)
            else:
                withdraw_opening(**about, reason="the room is needed")

    # --- what the EHR does -------------------------------------------------------------

    @rule(which=numbers, tells=st.booleans())
    def the_ehr_gives_a_free_slot_away(self, which: int, tells: bool) -> None:
        slots = list(Slot.objects.filter(status=SlotStatus.FREE).order_by("pk"))
        free = [s for s in slots if self._ehr_slot(s) is SlotStatus.FREE]
        if not free:
            return
        slot = free[which % len(free)]
        self.scene.ehr.take_slot(slot.source_id)
        if tells:
            self.scene.ehr_says(slot, SlotStatus.BUSY)

    @rule(status=st.sampled_from(STATUSES), times=st.integers(1, 3))
    def the_ehr_refuses(self, status: int, times: int) -> None:
        self.scene.ehr.refuse_next(status, times=times)

    @rule()
    def the_ehr_does_it_and_its_answer_is_lost(self) -> None:
        self.scene.ehr.lose_next_answer()

    @rule(away=st.booleans())
    def the_ehr_comes_and_goes(self, away: bool) -> None:
        if away:
            self.scene.ehr.go_away()
        else:
            self.scene.ehr.come_back()

    # --- what the carrier does ---------------------------------------------------------

    @rule(kind=st.sampled_from(["full", "lost", "taken"]))
    def the_carrier_fails(self, kind: str) -> None:
        trouble: Exception = SmsUnknown("No answer in time.")
        if kind == "full":
            trouble = SmsUnavailable("Queue full.", code="21611")
        FakeSms.trouble.append(after_taking(trouble) if kind == "taken" else trouble)

    # --- what the workers do -----------------------------------------------------------

    @rule()
    def everything_due_is_done(self) -> None:
        self.scene.settle()

    @rule(which=numbers)
    def one_ring_is_heard(self, which: int) -> None:
        due = [
            (step.name, pk)
            for step in all_steps()
            for pk in step.model._base_manager.filter(due_at__lte=self.scene.at)
            .order_by("pk")
            .values_list("pk", flat=True)
        ]
        if due:
            name, pk = due[which % len(due)]
            run_step(name, pk, at=self.scene.at)

    @rule(at=st.integers(0, 40))
    def a_worker_dies(self, at: int) -> None:
        self.bed = Deathbed(at=at)
        with suppress(Died), self.bed.watch_commits():
            self.scene.settle()
        self.bed = Deathbed()

    # --- what time does ----------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 5, 30, 120, 600, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.scene.settle(minutes=minutes)

    @precondition(lambda self: not self.ahead)
    @rule(minutes=st.sampled_from([5, 60]))
    def the_clock_is_set_ahead(self, minutes: int) -> None:
        self.ahead = dt.timedelta(minutes=minutes)
        self.scene.at += self.ahead
        beat(at=self.scene.at)

    @precondition(lambda self: bool(self.ahead))
    @rule()
    def the_clock_is_set_back(self) -> None:
        beat(at=self.scene.at)  # the last sweep before
        self.scene.at -= self.ahead
        self.ahead = dt.timedelta(0)
        beat(at=self.scene.at)

    # --- what must be ------------------------------------------------------------------

    @invariant()
    def nothing_is_broken(self) -> None:
        if not hasattr(self, "scene"):
            return
        found = broken(ehr=self.scene.ehr.visits.values(), texts=self._texts())
        assert not found, "\n".join(found)

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        with self.stack:
            self._let_it_end()
            check_at_rest(ehr=self.scene.ehr.visits.values(), texts=self._texts(), at=self.scene.at)

    def _let_it_end(self) -> None:
        """Everything runs again; the days pass."""
        self.scene.ehr.come_back()
        self.scene.ehr._refusals.clear()
        FakeSms.trouble.clear()
        over = self.scene.at + UNTIL_ALL_IS_OVER
        while self.scene.at < over:
            self.scene.settle(minutes=2)
            if not self._anything_left():
                return
            self.scene.settle(hours=11)

    def _anything_left(self) -> bool:
        return any(
            step.model._base_manager.filter(due_at__isnull=False).exists() for step in all_steps()
        )

    # --- in few words ------------------------------------------------------------------

    def _person(self, n: int) -> Patient:
        return self.people[n % len(self.people)]

    def _opening(self, n: int) -> Opening | None:
        live = list(Opening.objects.filter(status__in=LIVE_OPENING).order_by("pk"))
        return live[n % len(live)] if live else None

    def _ehr_slot(self, slot: Slot) -> SlotStatus | None:
        found = self.scene.ehr.slots.get(slot.source_id)
        return found.status if found else None

    def _texts(self) -> list[tuple[str, str]]:
        return [(text.to, text.body) for _, text in FakeSms.texts]

    def _cancel_in_ehr(self, visit: Appointment, *, by: CancelledBy) -> None:
        self.scene.ehr.set_status(visit.source_id, AppointmentStatus.CANCELLED)
        report = AppointmentReport(
            source=SOURCE,
            kind=ReportKind.STATE,
            appointment_id=visit.source_id,
            status=AppointmentStatus.CANCELLED,
            sent_at=self.true_time,
            tells_slots=True,
            cancelled_by=by,
        )
        apply_appointment_report(report, by=EHR, at=self.scene.at)


SHORT = settings(
    max_examples=12,
    stateful_step_count=18,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(SHORT, max_examples=60, stateful_step_count=40, derandomize=False)


@pytest.mark.django_db
def test_a_few_stories_come_right(carrier: type[FakeSms]) -> None:
    run_state_machine_as_test(Fills, settings=SHORT)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.django_db
def test_many_stories_come_right(carrier: type[FakeSms]) -> None:
    run_state_machine_as_test(Fills, settings=LONG)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_a_worker_that_does_not_look_before_it_asks_again_is_found_out(
    carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stories can fail: here every look for our identifier finds nothing."""
    monkeypatch.setattr(ForgetfulEhr, "find", lambda self, identifier: None)
    stories = settings(SHORT, max_examples=400, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Fills, settings=stories)
