"""Nothing leaves the desk in mid-call, and nothing is asked twice or half done."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from crm.actions.contacts import ContactOver, keep_answer
from crm.actions.tasks import claim_task, open_task
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.models import Answer, Interaction, InteractionStep, Medication, Patient
from crm.states import MedicationStatus, StepKind, TaskKind
from desk.actions.flow import answer_step
from desk.models import CallType
from desk.queries.script_facts import read_facts
from desk.rules.scripts import ScriptDoc
from desk.screen.deeds import deeds_for
from scheduling.models import Appointment, Hold
from scheduling.states import CancelReason, Restriction
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen.scripting import publish
from tests.factories import NOW, TEST, AppointmentFactory, SlotFactory

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
DAY = dt.timedelta(days=1)


def wrapped(desk: Desk) -> None:
    """Wrapped up in another tab."""
    pk, by = desk.contact.pk, Actor.user(desk.agent)
    wrap_up(contact_id=pk, disposition="x", note="", was_edited=False, by=by, at=NOW)


def found(desk: Desk, said: str) -> str:
    told = {"said": said, "shown": desk.contact.pk}
    return desk.client.post("/desk/find/", told, headers=HTMX).content.decode()


def a_visit(desk: Desk) -> Appointment:
    at = NOW + 9 * DAY
    return AppointmentFactory.create(patient=desk.patient, starts_at=at, ends_at=at + DAY / 48)


class TestNothingLeaves:
    def test_deeds_of_the_contact_open_over_it(self, desk: Desk) -> None:
        for word, name in {"hand": "handoff", "wrap": "wrap", "interp": "interpreter"}.items():
            assert f'hx-get="{desk.url(name)}" hx-target="#dialog-body"' in found(desk, word)
        assert f'hx-get="{desk.url("register")}"' in found(desk, "register")
        visit = a_visit(desk)
        assert "Cancel the visit" not in found(desk, "cancel")
        desk.know()
        assert f'hx-get="{desk.url("cancel", visit.pk)}"' in found(desk, "cancel visit")
        assert 'href="#panel-refills"' in found(desk, "refill")
        assert desk.url("register") not in found(desk, "register")

    def test_are_offered_to_its_agent_alone(self, desk: Desk, cast: Cast) -> None:
        client = Client()
        client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
        told = {"said": "hand", "shown": desk.contact.pk}
        page = client.post("/desk/find/", told, headers=HTMX).content.decode()
        assert desk.url("handoff") not in page
        assert not deeds_for(" ", contact=None, user=cast.nurse)

    def test_pages_open_beside_it(self, desk: Desk) -> None:
        assert 'href="/tasks/" target="_blank"' in found(desk, "tasks")
        task = open_task(
            kind=TaskKind.FOLLOW_UP, title="Call", cause_key="x", due_at=NOW, by=TEST, at=NOW
        )
        claim_task(task=task, owner=desk.agent, by=TEST, at=NOW)
        left = desk.client.get("/desk/left/").content.decode()
        assert f'href="/tasks/{task.pk}/" target="_blank"' in left


class TestNothingTwice:
    @pytest.fixture
    def refill(self, desk: Desk) -> Desk:
        CallType.objects.create(
            code="refill", name="A refill", need="Refill", words=["refill"], speakers=["patient"]
        )
        desk.know()
        desk.post("reason", call_type="refill")
        said = {"refill-drug": "warfarin", "refill-days": "three", "refill-pharmacy": "Elm Street"}
        for key, value in said.items():
            keep_answer(contact=desk.contact, key=key, value=value, by=TEST, at=NOW)
        return desk

    def test_the_request_knows_what_the_script_has_asked(self, refill: Desk) -> None:
        drug = Medication.objects.create(
            patient=refill.patient,
            source_id="1",
            name="Warfarin 5 mg",
            status=MedicationStatus.ACTIVE,
        )
        page = refill.get("panel", "refills").content.decode()
        assert f'<option value="{drug.pk}" selected' in page
        assert 'name="refill-days_left" value="3"' in page
        assert 'value="Elm Street"' in page
        Medication.objects.all().delete()
        page = refill.get("panel", "refills").content.decode()
        assert '<option value="other" selected' in page
        assert 'value="warfarin"' in page

    @pytest.mark.parametrize("kind", [StepKind.TASK, StepKind.TELL])
    def test_asking_ticks_the_step_of_the_script(self, refill: Desk, kind: StepKind) -> None:
        """Also where the policy makes it a word to the caller: too early."""
        step = InteractionStep.objects.create(
            interaction=refill.contact, kind=kind, code="refill:renew", at=NOW
        )
        facts = read_facts(
            refill.fresh(), ScriptDoc(()), line=None, is_verified=True, steps=[step], at=NOW
        )
        assert "task:refill" in facts.done

    def test_why_a_visit_is_given_up_was_said_already(self, desk: Desk) -> None:
        visit = a_visit(desk)
        desk.know()
        keep_answer(contact=desk.contact, key="cancel-reason", value="ride", by=TEST, at=NOW)
        form = desk.get("cancel", visit.pk).context["form"]
        assert form["code"].value() == CancelReason.NO_RIDE


class TestNothingHalf:
    def test_somebody_is_chosen_though_the_contact_was_wrapped_up(self, desk: Desk) -> None:
        wrapped(desk)
        told = {"patient": desk.patient.pk, "shown": desk.contact.pk}
        answer = desk.client.post("/desk/person/", told)
        made = Interaction.objects.latest("pk")
        assert (made.patient, made.agent) == (desk.patient, desk.agent)
        assert answer["Location"] == f"/desk/{made.pk}/"
        assert desk.fresh().patient is None

    def test_nobody_is_registered_in_training_or_in_what_is_over(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = {"given": "Ada", "family": "Quist", "born": "3/14/1990", "language": "en"}
        told |= {"sex": "unknown", "phone": "", "postal_code": "", "compared": ""}
        before = Patient.objects.count()
        Interaction.objects.update(is_training=True)
        assert desk.post("register", **told).status_code == 409
        Interaction.objects.update(is_training=False)

        def over(**_: object) -> None:
            raise ContactOver("It was wrapped up meanwhile.")

        monkeypatch.setattr("crm.actions.registering.verify_contact", over)
        assert desk.post("register", **told).status_code == 409
        assert Patient.objects.count() == before
        assert desk.fresh().patient is None
        monkeypatch.undo()
        assert desk.post("register", **told).status_code == 200
        assert str(desk.fresh().patient) == "Ada Quist"

    def test_no_step_is_kept_in_what_was_wrapped_up_meanwhile(self, desk: Desk) -> None:
        ask = {"key": "x", "kind": "note", "words": "What else?"}
        publish(CallType.objects.get(code="book"), ask)
        desk.post("reason", call_type="book")
        stale, answers, by = desk.fresh(), Answer.objects.count(), Actor.user(desk.agent)
        assert not hasattr(stale, "wrap_up")  # as the view has read it
        wrapped(desk)
        with pytest.raises(ContactOver):
            answer_step(contact=stale, key="x", said="No", is_verified=False, by=by, at=NOW)
        assert Answer.objects.count() == answers

    def test_training_books_nothing_and_says_so(self, desk: Desk) -> None:
        slot = SlotFactory.create(restriction=Restriction.NEW_PATIENTS)
        free = SlotFactory.create(visit_type=slot.visit_type)
        query = f"visit_type={slot.visit_type_id}&why=on"
        desk.know()
        desk.post("hold", free.pk, query=query)
        kept = Hold.objects.get()
        Interaction.objects.update(is_training=True)
        assert desk.post("override", slot.pk, query=query).status_code == 409
        assert desk.post("book", kept.pk, query=f"{query}&hold={kept.pk}").status_code == 409
        assert "Book with a reason" not in desk.get("talk", query=query).content.decode()
        assert not Appointment.objects.exists()
