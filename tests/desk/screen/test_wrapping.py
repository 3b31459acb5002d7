"""The end of a contact on the screen: one press, and its note afterwards."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any

import pytest
from django.test import Client

from crm.actions import close_task, open_task
from crm.actions.contacts import note_step
from crm.actions.handoffs import accept_handoff, offer_handoff, withdraw_handoff
from crm.engine import Actor
from crm.models import Callback, Interaction, Task, WrapUp
from crm.states import HandoffTo, NoteStatus, StepKind, TaskKind, TaskStatus
from desk.models import CallExit, CallType
from desk.screen.contact import read_contact
from desk.screen.wrap_reading import propose
from desk.shipped.call_types import CALL_TYPES
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import (
    NOW,
    AppointmentFactory,
    LocationFactory,
    ProviderFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def visit(desk: Desk, kinds: dict[str, CallType]) -> Appointment:
    """What was booked in the call: Tue Dec 1, 9:40 in the morning."""
    book = kinds["book"]
    CallExit.objects.create(call_type=book, code="booked", words="Booked")
    CallExit.objects.create(call_type=book, code="call-back", words="We call back", resolves=False)
    desk.know()
    Interaction.objects.update(call_type="book", reason="same doctor as in January")
    made: Appointment = AppointmentFactory.create(
        patient=desk.patient,
        starts_at=dt.datetime(2026, 12, 1, 16, 40, tzinfo=dt.UTC),
        location=LocationFactory.create(short_name="Northgate"),
        provider=ProviderFactory.create(family_name="Park", given_name="Lena"),
        visit_type=VisitTypeFactory.create(name="Knee follow-up"),
        status=AppointmentStatus.BOOKED,
    )
    by = Actor.user(desk.agent)
    note_step(contact=desk.fresh(), kind=StepKind.BOOK, subject=made, by=by, at=NOW)
    return made


def proposed(desk: Desk) -> dict[str, str]:
    """What the dialog would send if nobody touched it."""
    found = propose(read_contact(desk.contact.pk, at=NOW), at=NOW)
    from desk.screen.wrap_views import digest

    note = found.note.text
    return {"disposition": found.chosen, "note": note, "written": digest(note)}


#: Of the kind of call: what was done in it, and how it is proposed to have ended.
ENDED = (
    ("book", [(StepKind.TELL, "waitlist")], "waitlisted"),
    ("book", [(StepKind.TELL, "waitlist"), (StepKind.TELL, "portal-link")], "waitlisted"),
    ("book", [(StepKind.TELL, "no-time-suits")], "no-time"),
    ("book", [(StepKind.TELL, "waitlist"), (StepKind.BOOK, "")], "booked"),
    ("book", [(StepKind.TASK, "script:book:1:call", TaskKind.CALL_BACK)], "call-back"),
    ("move", [(StepKind.TELL, "waitlist")], "no-time"),
    ("move", [(StepKind.TELL, "no-time-suits")], "kept"),
    ("move", [(StepKind.CANCEL, "")], "cancelled"),
    ("cancel", [(StepKind.MOVE, "")], "moved"),
    ("late", [(StepKind.TASK, "script:late:1:clinic", TaskKind.CALL_BACK)], "clinic-asked"),
    ("results", [(StepKind.TELL, "portal-link")], "link-sent"),
    ("results", [(StepKind.TASK, "labs:look-into")], "not-ready"),
    ("results", [(StepKind.TASK, "labs:call-back")], "call-back"),
    ("refill", [(StepKind.TASK, "refill:renew")], "sent"),
    ("refill", [(StepKind.TASK, "refill:nurse-now")], "nurse"),
    ("directions", [(StepKind.TELL, "place-link")], "link-sent"),
    ("", [(StepKind.TELL, "waitlist")], "waitlisted"),
)


@pytest.mark.parametrize(("kind", "steps", "ending"), ENDED)
def test_each_deed_proposes_the_ending_of_its_kind_of_call(
    desk: Desk, kind: str, steps: list[tuple[str, ...]], ending: str
) -> None:
    if kind:
        _with_its_exits(kind)
    desk.know()
    Interaction.objects.update(call_type=kind)
    for step, code, *task in steps:
        about: dict[str, Any] = {"task": str(task[0])} if task else {}
        by = Actor.user(desk.agent)
        note_step(contact=desk.fresh(), kind=StepKind(step), code=code, by=by, at=NOW, **about)
    assert proposed(desk)["disposition"] == ending


def test_whoever_went_to_a_colleague_was_handed_over(desk: Desk, cast: Cast) -> None:
    _with_its_exits("billing")
    desk.know()
    Interaction.objects.update(call_type="billing")
    by, to = Actor.user(desk.agent), HandoffTo.PERSON
    said: dict[str, Any] = {"to": to, "user": cast.front_desk, "question": "Yours?"}
    asked = offer_handoff(contact_id=desk.contact.pk, **said, by=by, at=NOW)
    taken = Actor.user(cast.front_desk)
    accept_handoff(handoff_id=asked.pk, user=cast.front_desk, by=taken, at=NOW)
    assert proposed(desk)["disposition"] == "office"


def _with_its_exits(code: str) -> None:
    """A kind of call with the endings that are shipped for it."""
    terms = next(one.terms for one in CALL_TYPES if one.code == code)
    said = {"name": terms.name, "words": [], "speakers": ["patient"], "need": terms.need}
    made, _ = CallType.objects.get_or_create(code=code, defaults=said)
    CallExit.objects.bulk_create(
        CallExit(call_type=made, code=one.code, words=one.words, resolves=one.resolves)
        for one in terms.exits
    )


class TestOnePress:
    def test_a_simple_booking_is_written_and_chosen(self, desk: Desk, visit: Appointment) -> None:
        shown = unescape(desk.get("wrap").content.decode())
        assert 'value="booked" required checked' in shown
        assert "Call with the patient. Verified by full name and birth date." in shown
        assert "Booked: Knee follow-up, Tue Dec 1, 9:40 AM, " in shown
        assert "Northgate." in shown

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_ends_the_contact(
        self, desk: Desk, visit: Appointment, headers: dict[str, str]
    ) -> None:
        answer = desk.client.post(desk.url("wrap"), proposed(desk), headers=headers)
        assert answer.status_code == (200 if headers else 302)
        kept = WrapUp.objects.get()
        assert (kept.disposition, kept.was_edited, kept.status) == (
            "booked", False, NoteStatus.WAITING,
        )  # fmt: skip
        assert "On its way into the EHR" in desk.get("contact").content.decode()

    def test_sees_that_the_note_was_changed(self, desk: Desk, visit: Appointment) -> None:
        said = proposed(desk)
        desk.post("wrap", **(said | {"note": said["note"] + "\r\nShe comes with her son."}))
        kept = WrapUp.objects.get()
        assert kept.was_edited
        assert kept.note.endswith("\nShe comes with her son.")

    def test_a_visit_that_is_not_confirmed_is_not_called_booked(
        self, desk: Desk, visit: Appointment
    ) -> None:
        Appointment.objects.update(status=AppointmentStatus.REQUESTED)
        note = proposed(desk)["note"]
        assert "Requested, not confirmed yet: Knee follow-up" in note
        assert "Booked" not in note

    def test_where_nothing_says_how_it_ended_a_person_does(
        self, desk: Desk, visit: Appointment
    ) -> None:
        desk.fresh().steps.filter(kind=StepKind.BOOK).delete()
        assert proposed(desk)["disposition"] == ""
        answer = desk.post("wrap", **proposed(desk))
        assert answer.status_code == 422
        assert not WrapUp.objects.exists()

    def test_a_call_without_a_kind_ends_in_general_words(self, desk: Desk) -> None:
        assert "Question answered" in desk.get("wrap").content.decode()
        assert desk.post("wrap", disposition="other", note="").status_code == 200
        assert WrapUp.objects.get().status == NoteStatus.KEPT


class TestWhatComesNext:
    def test_a_callback_is_a_task_with_its_hour_and_number(
        self, desk: Desk, visit: Appointment
    ) -> None:
        said = {"following": "call-back", "days": "1", "clock": "15:00", "mine": "on"}
        desk.post("wrap", **(proposed(desk) | said))
        task = Task.objects.get()
        three = dt.datetime(2026, 11, 19, 22, tzinfo=dt.UTC)  # in Phoenix
        assert (task.kind, task.due_at, task.owner) == (TaskKind.CALL_BACK, three, desk.agent)
        callback = Callback.objects.get()
        assert (callback.promised_at, callback.interaction) == (three, desk.contact)
        assert callback.phone == desk.contact.call.phone

    def test_a_task_says_what_is_to_be_done(self, desk: Desk, visit: Appointment) -> None:
        said = proposed(desk) | {"following": "task", "days": "0"}
        assert desk.post("wrap", **said).status_code == 422
        assert not WrapUp.objects.exists()
        desk.post("wrap", **(said | {"title": "Send the directions"}))
        task = Task.objects.get()
        assert (task.kind, task.title, task.status) == (
            TaskKind.FOLLOW_UP, "Send the directions", TaskStatus.OPEN,
        )  # fmt: skip


class TestAnEndingThatLeavesSomethingToDo:
    """No clinic decides, and nobody calls, unless somebody has it."""

    @pytest.fixture
    def said(self, desk: Desk, visit: Appointment, kinds: dict[str, CallType]) -> dict[str, str]:
        CallExit.objects.create(
            call_type=kinds["book"], code="clinic-asked", words="They decide", resolves=False
        )
        return proposed(desk) | {"disposition": "clinic-asked"}

    def test_needs_what_comes_next(self, desk: Desk, said: dict[str, str]) -> None:
        answer = desk.post("wrap", **said)
        assert answer.status_code == 422
        assert "“They decide” leaves something to do." in unescape(answer.content.decode())
        assert not WrapUp.objects.exists()
        task = {"following": "task", "title": "Ask the clinic", "days": "0"}
        assert desk.post("wrap", **said, **task).status_code == 200
        assert Task.objects.get().title == "Ask the clinic"

    def test_but_not_where_a_task_of_the_contact_is_open(
        self, desk: Desk, said: dict[str, str]
    ) -> None:
        by = Actor.user(desk.agent)
        task = open_task(
            kind=TaskKind.FOLLOW_UP, title="Ask", cause_key="x", due_at=NOW, by=by, at=NOW
        )
        note_step(contact=desk.fresh(), kind=StepKind.TASK, subject=task, by=by, at=NOW)
        close_task(task=task, by=by, at=NOW)
        assert desk.post("wrap", **said).status_code == 422
        Task.objects.update(status=TaskStatus.OPEN, closed_at=None)
        assert desk.post("wrap", **said).status_code == 200

    def test_that_we_call_back_is_set_already(self, desk: Desk, said: dict[str, str]) -> None:
        calls = said | {"disposition": "call-back"}
        answer = unescape(desk.post("wrap", **calls).content.decode())
        assert '<option value="call-back" selected>' in answer
        assert desk.post("wrap", **calls, following="call-back", days="0").status_code == 200
        assert Callback.objects.get().interaction == desk.contact

    def test_training_leaves_nothing_to_do(self, desk: Desk, said: dict[str, str]) -> None:
        Interaction.objects.update(is_training=True)
        assert desk.post("wrap", **said).status_code == 200


class TestNobodyLeaves:
    def test_while_a_required_step_is_open(
        self, desk: Desk, visit: Appointment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missing = "Still to do: “Read the preparation”."
        monkeypatch.setattr("desk.screen.wrap_reading._missing", lambda _: missing)
        assert missing in unescape(desk.get("wrap").content.decode())
        answer = desk.post("wrap", **proposed(desk))
        assert answer.status_code == 409
        assert missing in unescape(answer.content.decode())
        assert not WrapUp.objects.exists()

    def test_while_a_colleague_is_asked(self, desk: Desk, visit: Appointment) -> None:
        by = Actor.user(desk.agent)
        made = offer_handoff(
            contact_id=desk.contact.pk, to=HandoffTo.NURSE, question="Now?", by=by, at=NOW
        )
        answer = desk.post("wrap", **proposed(desk))
        assert answer.status_code == 409
        assert "A nurse has not answered yet. Wait, or take it back." in answer.content.decode()
        assert not WrapUp.objects.exists()
        withdraw_handoff(handoff_id=made.pk, by=by, at=NOW)
        assert desk.post("wrap", **proposed(desk)).status_code == 200

    def test_but_its_agent_and_only_once(self, desk: Desk, visit: Appointment, cast: Cast) -> None:
        said = proposed(desk)
        other = Client()
        for user, status in ((cast.nurse, 409), (cast.marketing, 403)):
            other.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            assert other.post(desk.url("wrap"), said, headers=HTMX).status_code == status
        assert not WrapUp.objects.exists()
        desk.post("wrap", **said)
        assert desk.post("wrap", **said).status_code == 409
        assert WrapUp.objects.count() == 1


class TestAfterwards:
    def test_the_note_is_changed_and_sent_again(self, desk: Desk, visit: Appointment) -> None:
        desk.post("wrap", **proposed(desk))
        shown = unescape(desk.get("note").content.decode())
        assert "Booked: Knee follow-up" in shown
        assert desk.post("note", disposition="booked", note=" ").status_code == 422
        assert desk.post("note", disposition="booked", note="She will come.").status_code == 200
        kept = WrapUp.objects.get()
        assert (kept.note, kept.version) == ("She will come.", 2)

    def test_only_by_its_agent_or_a_manager(
        self, desk: Desk, visit: Appointment, cast: Cast
    ) -> None:
        said = {"disposition": "booked", "note": "Other words."}
        assert desk.post("note", **said).status_code == 404  # not over yet
        desk.post("wrap", **proposed(desk))
        client = Client()
        client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(desk.url("note"), said).status_code == 403
        assert client.post(desk.url("note-again")).status_code == 403
        assert WrapUp.objects.get().version == 1
        client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(desk.url("note"), said, headers=HTMX).status_code == 200
        assert WrapUp.objects.get().note == "Other words."

    def test_one_that_was_refused_is_sent_again(self, desk: Desk, visit: Appointment) -> None:
        desk.post("wrap", **proposed(desk))
        WrapUp.objects.update(status=NoteStatus.REFUSED, answer="No such patient.", due_at=None)
        assert "Not in the EHR: No such patient." in desk.get("contact").content.decode()
        assert desk.post("note-again").status_code == 200
        kept = WrapUp.objects.get()
        assert (kept.status, kept.due_at) == (NoteStatus.WAITING, NOW)
