"""The end of a contact, what comes next, and the way of its note into the EHR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from crm.actions.contacts import ContactOver, give_reason, identify_contact, open_contact
from crm.actions.wrapping import PATIENCE, SEND_NOTE, FollowUp, amend_note, send_again, wrap_up
from crm.engine import Actor, run_step
from crm.models import Event, Interaction, InteractionStep, PatientIdentifier, Task, WrapUp
from crm.note_ports import NoteRefused, NoteUnavailable, NoteUnknown
from crm.states import (
    Acuity,
    Channel,
    JourneyStatus,
    NoteStatus,
    StepKind,
    TaskKind,
    TaskStatus,
)
from crm.tasks_center import RETRY, SETTLING
from tests.cast import Cast
from tests.factories import NOW, SOURCE, TEST, PatientIdentifierFactory
from tests.fakes.notes import FakeNotes

pytestmark = pytest.mark.django_db
NOTE = "Call with the patient. Verified by birth date and ZIP code.\nBooked: Tue Dec 1, 9:40 AM."


@pytest.fixture(autouse=True)
def ehr(settings: Settings) -> Iterator[type[FakeNotes]]:
    settings.NOTE_GATEWAY = "tests.fakes.notes.FakeNotes"
    FakeNotes.reset()
    yield FakeNotes
    FakeNotes.reset()


@pytest.fixture
def contact(cast: Cast) -> Interaction:
    """A call about Rosa, with its reason, and so with a journey."""
    by = Actor.user(cast.agent)
    PatientIdentifierFactory.create(patient=cast.patient, value="p-7")
    made = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    identify_contact(contact_id=made.pk, patient=cast.patient, by=by, at=NOW)
    told: dict[str, Any] = {"reason": "same doctor", "call_type": "book", "need": "A visit"}
    return give_reason(contact_id=made.pk, acuity=Acuity.ROUTINE, by=by, at=NOW, **told)


def close(contact: Interaction, **facts: Any) -> WrapUp:
    by = Actor.user(contact.agent) if contact.agent else TEST
    do: dict[str, Any] = {
        "disposition": "booked",
        "note": NOTE,
        "was_edited": False,
        "by": by,
        "at": NOW,
    } | facts
    return wrap_up(contact_id=contact.pk, **do)


def send(kept: WrapUp, *, after: float = 0) -> WrapUp:
    """What the sweep does when the note is due."""
    run_step(SEND_NOTE, kept.pk, at=NOW + dt.timedelta(seconds=after))
    kept.refresh_from_db()
    return kept


class TestTheEnd:
    def test_ends_the_contact_and_resolves_the_journey(self, contact: Interaction) -> None:
        kept = close(contact)
        contact.refresh_from_db()
        assert contact.ended_at == NOW
        assert contact.journey is not None
        assert contact.journey.status == JourneyStatus.RESOLVED
        assert (kept.status, kept.due_at) == (NoteStatus.WAITING, NOW)
        assert InteractionStep.objects.filter(kind=StepKind.WRAP_UP, code="booked").exists()
        assert Event.objects.filter(name="crm.contact-wrapped").count() == 1

    def test_it_ended_when_they_hung_up(self, contact: Interaction) -> None:
        hung_up = NOW - dt.timedelta(minutes=2)
        Interaction.objects.update(ended_at=hung_up)
        close(contact)
        contact.refresh_from_db()
        assert contact.ended_at == hung_up

    def test_a_follow_up_keeps_the_journey_open_with_its_owner(
        self, contact: Interaction, cast: Cast
    ) -> None:
        due_at = NOW + dt.timedelta(days=2)
        close(contact, follow_up=FollowUp("Send the directions", due_at, owner=cast.front_desk))
        task = Task.objects.get()
        assert (task.kind, task.owner, task.due_at, task.status) == (
            TaskKind.FOLLOW_UP, cast.front_desk, due_at, TaskStatus.CLAIMED,
        )  # fmt: skip
        contact.refresh_from_db()
        assert contact.journey is not None
        assert contact.journey == task.journey
        assert contact.journey.status == JourneyStatus.OPEN

    def test_the_journey_stays_open_where_the_agent_says_so(self, contact: Interaction) -> None:
        close(contact, resolves_journey=False)
        contact.refresh_from_db()
        assert contact.journey is not None
        assert contact.journey.status == JourneyStatus.OPEN

    def test_happens_once(self, contact: Interaction) -> None:
        close(contact)
        with pytest.raises(ContactOver):
            close(contact, note="another", follow_up=FollowUp("x", NOW))
        assert WrapUp.objects.get().note == NOTE
        assert not Task.objects.exists()

    @pytest.mark.parametrize("changes", [{"is_training": True}, {"patient": None, "journey": None}])
    def test_training_and_callers_who_are_nobody_go_into_no_chart(
        self, contact: Interaction, ehr: type[FakeNotes], changes: dict[str, Any]
    ) -> None:
        Interaction.objects.update(**changes)
        kept = send(close(contact))
        assert kept.status == NoteStatus.KEPT
        assert not ehr.asked


class TestIntoTheEhr:
    def test_is_sent_with_what_the_ehr_must_know(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        kept = send(close(contact))
        assert (kept.status, kept.source_id) == (NoteStatus.SENT, "note-1")
        (note,) = ehr.asked
        assert (note.patient_id, note.text, note.author) == ("p-7", NOTE, "Agent Cast")
        assert (note.version, note.may_stand, note.title) == (1, False, "Telephone contact")

    def test_a_changed_note_goes_again_and_what_it_said_before_is_kept(
        self, contact: Interaction, cast: Cast, ehr: type[FakeNotes]
    ) -> None:
        kept = send(close(contact))
        by = Actor.user(cast.nurse)
        amend_note(contact_id=contact.pk, disposition="moved", note="Moved.", by=by, at=NOW)
        kept = send(kept)
        assert (kept.status, kept.version, kept.by) == (NoteStatus.SENT, 2, cast.nurse)
        assert kept.earlier[0]["note"] == NOTE
        assert (ehr.asked[1].text, ehr.asked[1].source_id) == ("Moved.", "note-1")
        assert ehr.asked[1].is_amended
        amend_note(contact_id=contact.pk, disposition="moved", note="Moved.", by=by, at=NOW)
        assert WrapUp.objects.get().version == 2  # nothing changed

    def test_one_that_changes_while_it_is_sent_goes_again(
        self, contact: Interaction, ehr: type[FakeNotes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = close(contact)
        send_note = FakeNotes.send_note

        def meanwhile(self: FakeNotes, note: Any) -> str:
            key = send_note(self, note)
            if note.version == 1:
                do = {"disposition": "booked", "note": "Second thought.", "by": TEST, "at": NOW}
                amend_note(contact_id=contact.pk, **do)  # type: ignore[arg-type]
            return key

        monkeypatch.setattr(FakeNotes, "send_note", meanwhile)
        kept = send(kept)
        assert (kept.status, kept.source_id) == (NoteStatus.WAITING, "note-1")
        assert send(kept).status == NoteStatus.SENT
        assert [note.text for note in ehr.asked] == [NOTE, "Second thought."]

    def test_without_an_answer_the_next_try_looks_first(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        ehr.trouble.append(NoteUnknown("No answer."))
        kept = send(close(contact))
        assert (kept.status, kept.due_at) == (NoteStatus.WAITING, NOW + max(SETTLING, RETRY * 0))
        ehr.trouble.append(NoteUnavailable("Down."))  # and then it is away
        send(kept, after=3)
        send(kept, after=60)
        assert [note.may_stand for note in ehr.asked] == [False, True, True]
        assert WrapUp.objects.get().status == NoteStatus.SENT

    def test_one_that_never_reached_it_is_simply_sent_again(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        wait = dt.timedelta(seconds=90)
        ehr.trouble.append(NoteUnavailable("Wait.", retry_after=wait))
        kept = send(close(contact))
        assert kept.due_at == NOW + wait
        send(kept, after=90)
        assert [note.may_stand for note in ehr.asked] == [False, False]

    def test_one_that_is_refused_is_a_task_until_it_is_sent_again(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        ehr.trouble.append(NoteRefused("The EHR does not accept this (HTTP 422)."))
        kept = send(close(contact))
        task = Task.objects.get()
        assert (kept.status, task.kind) == (NoteStatus.REFUSED, TaskKind.EHR_NOTE)
        assert "422" in task.why
        ehr.trouble.append(NoteRefused("Still not."))
        send_again(wrap_up_id=kept.pk, by=TEST, at=NOW)
        send(kept)
        task.refresh_from_db()
        assert (task.status, task.why) == (TaskStatus.OPEN, "Still not.")
        send_again(wrap_up_id=kept.pk, by=TEST, at=NOW)
        assert send(kept).status == NoteStatus.SENT
        assert Task.objects.get().status == TaskStatus.DONE

    def test_a_patient_whom_the_ehr_does_not_know_is_a_task(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        PatientIdentifier.objects.filter(system=SOURCE).delete()
        assert send(close(contact)).status == NoteStatus.REFUSED
        assert not ehr.asked
        assert "no record in this EHR" in Task.objects.get().why

    def test_after_many_tries_a_person_hears_of_it(
        self, contact: Interaction, ehr: type[FakeNotes]
    ) -> None:
        kept = close(contact)
        for _ in range(PATIENCE):
            ehr.trouble.append(NoteUnavailable("The EHR cannot be reached."))
            WrapUp.objects.update(due_at=NOW)
            send(kept)
        assert Task.objects.get().kind == TaskKind.EHR_NOTE
        send(kept, after=3600)
        assert Task.objects.get().status == TaskStatus.DONE
