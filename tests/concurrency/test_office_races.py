"""What clinics keep: papers, catalog, schedules, trees. Two at once, with the guard and without.

Beside test_trees.py and test_schedules.py, where many meet.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from crm.engine.models import Event
from crm.states import Channel
from scheduling.actions import (
    close_booked,
    close_search,
    give_estimate,
    keep_search,
    set_clearance,
    set_fill_mode,
    void_estimate,
)
from scheduling.actions.catalog import answer_question, ask_about
from scheduling.actions.demand import QUIET, close_quiet_search
from scheduling.actions.online_visits import set_online
from scheduling.actions.papers import Received
from scheduling.actions.schedule_ahead import note_made
from scheduling.actions.schedule_runs import run_some, stop_run
from scheduling.actions.schedules import keep_holidays, save_pattern
from scheduling.actions.telemedicine import end_video, keep_links, want_video
from scheduling.actions.tree_runs import answer_run, leave_run, start_run
from scheduling.actions.trees import add_tree, edit_draft, publish_draft, start_draft
from scheduling.models import (
    CatalogQuestion,
    Clearance,
    DecisionTree,
    Estimate,
    OnlineVisit,
    ScheduleAhead,
    SearchRecord,
    SiteHoliday,
    Slot,
    TreeRun,
    TreeVersion,
    VideoVisit,
    VisitType,
    WeeklyPattern,
)
from scheduling.ports import VideoLink
from scheduling.rules.search import Criteria
from scheduling.rules.trees import AnswerDraft, Facts, Tree, put_question
from scheduling.states import (
    ClearanceKind,
    ClearanceStatus,
    Declined,
    EstimateStatus,
    FillMode,
    Holiday,
    LeftWhy,
    Modality,
    SearchStatus,
    TreeRunStatus,
    TreeStatus,
    VideoStatus,
)
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    kept,
    lock,
    names,
    with_guards,
    without_guards,
)
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    ClearanceFactory,
    ClinicFactory,
    EstimateFactory,
    LocationFactory,
    ProviderRoleFactory,
    ScheduleRunFactory,
    SlotFactory,
    VisitTypeFactory,
    WeeklyPatternFactory,
)
from tests.scheduling.trees import KNEE

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

DO: dict[str, Any] = {"by": TEST, "at": NOW}


# --- papers, links -----------------------------------------------------------------------


def referral_asked_for_while_it_comes() -> Scene:
    """Without the lock whoever asks the referrer falls over: it has come meanwhile."""
    visit = ClearanceFactory.create(kind=ClearanceKind.REFERRAL).appointment
    set_it = partial(set_clearance, appointment_id=visit.pk, kind=ClearanceKind.REFERRAL, **DO)
    return Scene(
        partial(set_it, to=ClearanceStatus.ASKED, asked_of="Dr. Lee"),
        partial(set_it, to=ClearanceStatus.RECEIVED, received=Received("R-7")),
        lambda: Clearance.objects.get(appointment=visit).status,
    )


def estimate_given_and_void() -> Scene:
    row = EstimateFactory.create()
    pk = row.appointment_id
    return Scene(
        partial(give_estimate, appointment_id=pk, amount=Decimal(90), **DO),
        partial(void_estimate, appointment_id=pk, why="Insured", **DO),
        lambda: Estimate.objects.get(pk=row.pk).status,
    )


def by_video() -> Any:
    slot = SlotFactory.create(modality=Modality.VIDEO)
    return AppointmentFactory.create(slot=slot, role=slot.role, starts_at=slot.starts_at)


def links_come_while_the_visit_is_called_off() -> Scene:
    """Without the lock the links of a visit that is off fall over it, again and again."""
    visit = by_video()
    want_video(appointment_id=visit.pk, **DO)
    links = VideoLink("https://meet.example.org/a", "https://meet.example.org/b")
    return Scene(
        partial(keep_links, appointment_id=visit.pk, links=links, made_for=visit.starts_at, **DO),
        partial(end_video, appointment_id=visit.pk, **DO),
        lambda: VideoVisit.objects.get(appointment=visit).status,
    )


# --- the catalog, clinics ----------------------------------------------------------------


def question_answered_by_two() -> Scene:
    """Without the lock the second answer is lost, and nobody hears of it."""
    asked = ask_about(visit_type_id=VisitTypeFactory.create().pk, asked="With a scan?", **DO)

    def answer(words: str) -> Act:
        return partial(
            answer_question, question_id=asked.pk, answer=words, answered_by="Dr. Lee", **DO
        )

    return Scene(
        answer("Yes"), answer("No"), lambda: CatalogQuestion.objects.get(pk=asked.pk).answer
    )


def mode_switched_by_two() -> Scene:
    """Without the lock those who fill its slots hear of it twice."""
    clinic = ClinicFactory.create(mode=FillMode.SHADOW)
    told = Event.objects.filter(name="scheduling.fill-mode-changed", subject_id=clinic.pk)
    switch = partial(set_fill_mode, clinic_id=clinic.pk, to=FillMode.AUTOMATIC, **DO)
    return Scene(switch, switch, told.count)


def holidays_of_two_lists() -> Scene:
    """Without the lock the site is closed on the days of both."""
    site = LocationFactory.create()

    def keep(*days: Holiday) -> Act:
        return partial(keep_holidays, location=site, holidays=days, **DO)

    first, second = list(Holiday)[:2]
    held = SiteHoliday.objects.filter(location=site)
    return Scene(keep(first), keep(second), lambda: len(held.values_list("holiday", flat=True)))


def online_visits_of_two_lists() -> Scene:
    """Without the lock patients may book what either manager lets them."""
    clinic = ClinicFactory.create()

    def let(kind: VisitType) -> Act:
        return partial(set_online, clinic=clinic, named={kind.pk: ("", "")}, **DO)

    first, second = VisitTypeFactory.create_batch(2)
    return Scene(let(first), let(second), OnlineVisit.objects.filter(clinic=clinic).count)


# --- schedules ---------------------------------------------------------------------------


def one_clinician_in_two_places() -> Scene:
    """Two clinics give one clinician the same Monday morning."""
    role = ProviderRoleFactory.create(clinic=ClinicFactory.create(owns_schedule=True))
    other = ProviderRoleFactory.create(
        provider=role.provider, clinic=ClinicFactory.create(owns_schedule=True)
    )
    kind = VisitTypeFactory.create()

    def save(at: Any) -> Act:
        pattern = WeeklyPatternFactory.build(role=at, visit_type=kind)
        return partial(save_pattern, pattern=pattern, **DO)

    theirs = WeeklyPattern.objects.filter(role__provider=role.provider)
    return Scene(save(role), save(other), theirs.count)


def stopped_while_it_writes() -> Scene:
    """Without the lock it says that it has stopped, and writes on."""
    pattern = WeeklyPatternFactory.create()
    run = ScheduleRunFactory.create(role_ids=[pattern.role_id])
    made = Slot.objects.filter(role=pattern.role)
    seen: list[int] = []

    def stop() -> None:
        stop_run(run_id=run.pk, **DO)
        seen.append(made.count())

    return Scene(partial(run_some, run.pk, NOW), stop, lambda: (seen[0], made.count()))


def two_that_make_it_ahead() -> Scene:
    """Until when a clinic's slots are made: without the lock, not so far as they are."""
    clinic = ClinicFactory.create(owns_schedule=True)
    role = ProviderRoleFactory.create(clinic=clinic)
    first_on = NOW.date()
    ScheduleAhead.objects.create(clinic=clinic, made_until_on=first_on, due_at=NOW)

    def made(days: int) -> Act:
        last_on = first_on + dt.timedelta(days=days)
        said: dict[str, Any] = {"role_ids": [role.pk], "first_on": first_on, "last_on": last_on}
        return partial(note_made, **said, kept=False, **DO)

    def look() -> int:
        until: dt.date = ScheduleAhead.objects.get(clinic=clinic).made_until_on
        return (until - first_on).days

    return Scene(made(14), made(28), look)


# --- searches ----------------------------------------------------------------------------


def a_search(kind: VisitType, **said: Any) -> SearchRecord:
    looked: dict[str, Any] = {"shown": 3, "hidden": {}, "lack": None, "by": TEST} | said
    return keep_search(criteria=Criteria(visit_type_id=kind.pk), **looked)


def booked_while_it_is_closed() -> Scene:
    """The agent says "none suits" just as the patient takes one: without the lock, an error."""
    search, visit = a_search(VisitTypeFactory.create(), at=NOW), AppointmentFactory.create()
    return Scene(
        partial(close_search, search_id=search.pk, declined=Declined.OTHER, note="", **DO),
        partial(close_booked, search_id=search.pk, appointment=visit, **DO),
        lambda: SearchRecord.objects.get(pk=search.pk).status,
    )


def refined_while_it_is_closed() -> Scene:
    """Without the lock somebody goes on with a search that is over, and no new one begins."""
    kind = VisitTypeFactory.create()
    search = a_search(kind, at=NOW)
    later, before = SearchRecord.objects.filter(pk__gte=search.pk), dt.timedelta(seconds=1)
    return Scene(
        partial(close_quiet_search, search_id=search.pk, by=TEST, at=NOW + QUIET),
        lambda: a_search(kind, at=NOW + QUIET - before, search_id=search.pk),
        lambda: sorted(later.values_list("status", flat=True)),
    )


# --- trees -------------------------------------------------------------------------------


def a_draft() -> TreeVersion:
    """Of a tree that could be published."""
    tree = add_tree(name=uuid4().hex, specialty="", words=[], **DO)
    for code in ("BONES-NEW", "BONES-FU"):
        if not VisitType.objects.filter(code=code).exists():
            VisitTypeFactory.create(code=code)
    version = TreeVersion.objects.get(tree=tree)
    TreeVersion.objects.filter(pk=version.pk).update(body=KNEE)
    return version


def published() -> DecisionTree:
    version = a_draft()
    publish_draft(version_id=version.pk, revision=0, reason="First", **DO)
    return version.tree


def edited_while_it_is_published() -> Scene:
    """Without the lock what is published is not what was checked."""
    version = a_draft()

    def edit(tree: Tree) -> Tree:
        answers = [AnswerDraft(text="Yes", to="")]
        return put_question(tree, "q2", text="?", help_text="", fact=None, answers=answers)

    def look() -> tuple[str, int]:
        found = TreeVersion.objects.get(pk=version.pk)
        return found.status, found.revision

    return Scene(
        partial(publish_draft, version_id=version.pk, revision=0, reason="Now", **DO),
        partial(edit_draft, version_id=version.pk, revision=0, edit=edit, **DO),
        look,
    )


def drafted_by_two() -> Scene:
    tree = published()
    start = partial(start_draft, tree_id=tree.pk, **DO)
    return Scene(start, start, tree.versions.filter(status=TreeStatus.DRAFT).count)


def answered_while_it_is_left() -> Scene:
    """A tab is closed while another goes on."""
    tree = published()
    run = start_run(tree_id=tree.pk, facts=Facts(), channel=Channel.DESK, **DO)
    return Scene(
        partial(leave_run, run_id=run.pk, why=next(iter(LeftWhy)), **DO),
        partial(answer_run, run_id=run.pk, question="q1", answer="a1", **DO),
        lambda: TreeRun.objects.get(pk=run.pk).status,
    )


def on(name: str) -> str:
    return f"scheduling.locks.{name}"


VISIT, VIDEO = lock("lock_appointment"), lock("lock_video")
SEARCH, FOUND = lock("lock_search"), lock("find_locked_search")
RACES = (
    Race(
        referral_asked_for_while_it_comes,
        stops="<scheduling.actions.papers.move",
        guards=[VISIT],
        kept=("done", "done", ClearanceStatus.RECEIVED),
        broken=("MovedMeanwhile", "done", ClearanceStatus.RECEIVED),
    ),
    Race(
        estimate_given_and_void,
        stops="<scheduling.actions.papers.move",
        guards=[VISIT],
        kept=("done", "PaperRefused", EstimateStatus.GIVEN),
        broken=("MovedMeanwhile", "done", EstimateStatus.VOID),
    ),
    Race(
        links_come_while_the_visit_is_called_off,
        stops=on("lock_video"),
        guards=[VISIT, VIDEO, lock("find_locked_video")],
        kept=("done", "done", VideoStatus.ENDED),
        broken=("MovedMeanwhile", "done", VideoStatus.ENDED),
    ),
    Race(
        question_answered_by_two,
        stops="django.db.models.base.Model.refresh_from_db",
        guards=[lock("lock_visit_type")],
        kept=("done", "QuestionAnswered", "Yes"),
        broken=("done", "done", "Yes"),
    ),
    Race(
        mode_switched_by_two,
        stops=on("lock_clinic"),
        guards=[lock("lock_clinic")],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        holidays_of_two_lists,
        stops="<django.db.models.query.QuerySet.bulk_create",
        guards=[names],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        online_visits_of_two_lists,
        stops="<django.db.models.query.QuerySet.update_or_create",
        guards=[lock("lock_clinic")],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        one_clinician_in_two_places,
        stops="scheduling.actions.schedules._check_clash",
        guards=[lock("lock_roles")],
        kept=("done", "SessionsClash", 1),
        broken=("done", "done", 2),
    ),
    Race(
        stopped_while_it_writes,
        stops=on("lock_schedule_run"),
        guards=[lock("lock_schedule_run")],
        kept=("done", "done", (8, 8)),
        broken=("done", "done", (0, 8)),
    ),
    Race(
        two_that_make_it_ahead,
        stops=on("lock_schedule_ahead"),
        guards=[lock("lock_schedule_ahead")],
        kept=("done", "done", 28),
        broken=("done", "done", 14),
    ),
    Race(
        booked_while_it_is_closed,
        stops=on("lock_search"),
        guards=[SEARCH, FOUND],
        kept=("done", "done", SearchStatus.BOOKED),
        broken=("MovedMeanwhile", "done", SearchStatus.BOOKED),
    ),
    Race(
        refined_while_it_is_closed,
        stops=on("lock_search"),
        guards=[SEARCH, FOUND],
        kept=("done", "done", [SearchStatus.ABANDONED, SearchStatus.OPEN]),
        broken=("done", "done", [SearchStatus.ABANDONED]),
    ),
    Race(
        edited_while_it_is_published,
        stops="scheduling.actions.trees._lock_draft",
        guards=[lock("lock_tree")],
        kept=("done", "DraftChanged", (TreeStatus.PUBLISHED, 0)),
        broken=("done", "done", (TreeStatus.PUBLISHED, 1)),
    ),
    Race(
        drafted_by_two,
        stops="scheduling.actions.trees.find_draft",
        guards=[lock("lock_tree")],
        kept=("done", "done", 1),
        broken=("IntegrityError", "done", 1),
    ),
    Race(
        answered_while_it_is_left,
        stops=on("lock_tree_run"),
        guards=[lock("lock_tree_run")],
        kept=("done", "done", TreeRunStatus.ENDED),
        broken=("MovedMeanwhile", "done", TreeRunStatus.ENDED),
    ),
)


def test_who_comes_second_waits_for_the_first() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_its_guard_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the guards at work."""
    assert without_guards(RACES) == broken(RACES)
