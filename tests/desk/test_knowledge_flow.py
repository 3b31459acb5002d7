"""Scripts in a contact, sign-offs, and training: by what Firstcall comes with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions.agents import set_agent_state
from crm.actions.contacts import give_reason, identify_contact, open_contact
from crm.engine import Actor
from crm.engine.models import AuditEntry
from crm.models import Agent, Call, Interaction, InteractionStep, Patient, PhoneLine, Queue
from crm.states import Acuity, AgentState, Channel, StepKind
from desk.actions.flow import ReasonMissing, StepGone, answer_step, skip_step
from desk.actions.scripts import add_script, publish_script
from desk.actions.sign_offs import MayNotSignOff, sign_off, start_training
from desk.actions.versions import start_draft
from desk.models import CallType, ScriptVersion
from desk.queries.scripts import find_flow, find_version
from desk.queries.sign_offs import NotSignedOff, check_signed_off, is_signed_off
from desk.rules.scripts import RequiredStepsMissing, UnknownAnswer, read_script
from desk.states import StepState
from outreach.models import Message
from scheduling.models import EhrWrite
from tests.cast import Cast
from tests.factories import NOW, TEST, LocationFactory, PatientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
HELLO: dict[str, Any] = {
    "steps": [{"key": "hello", "kind": "say", "words": "Hello.", "words_es": "Hola."}]
}


# --- which script ------------------------------------------------------------------------------


def test_the_script_of_a_site_comes_before_the_general_one() -> None:
    site = LocationFactory.create()
    late = CallType.objects.get(code="late")
    made = add_script(
        code="late-here",
        name="Late here",
        call_type=late,
        location=site,
        script=read_script(HELLO),
        by=TEST,
        at=NOW,
    )
    draft = made.versions.get()
    publish_script(version_id=draft.pk, revision=0, reason="here", by=TEST, at=NOW)
    assert find_version("late", location_id=site.pk) == draft
    general = find_version("late")
    assert general is not None
    assert general.script.code == "late"


def test_the_hour_is_the_one_of_the_lines_site(cast: Cast) -> None:
    late = CallType.objects.get(code="late")
    site = LocationFactory.create(zone="America/Phoenix")
    line = PhoneLine.objects.create(
        number="+16025550100",
        name="Main",
        queue=Queue.objects.create(code="q", name="Q"),
        location_id=site.pk,
    )
    closed = [{"about": "hour", "from": 10, "below": 11}]
    steps = [HELLO["steps"][0] | {"when": closed}]
    made = add_script(
        code="at-ten",
        name="At ten",
        call_type=late,
        line=line,
        script=read_script({"steps": steps}),
        by=TEST,
        at=NOW,
    )
    draft = made.versions.get()
    publish_script(version_id=draft.pk, revision=0, reason="hours", by=TEST, at=NOW)
    opened = open_contact(channel=Channel.VOICE, agent=cast.agent, by=TEST, at=NOW)
    Call.objects.create(interaction=opened, source="t", source_id="1", line=line, rang_at=NOW)
    Interaction.objects.update(call_type="late")
    contact = Interaction.objects.get()
    flow = find_flow(contact, is_verified=False, at=NOW)  # ten o'clock in Phoenix
    assert flow is not None
    assert flow.version == draft
    assert [each.step.key for each in flow.steps] == ["hello"]
    later = find_flow(contact, is_verified=False, at=NOW + dt.timedelta(hours=1))
    assert later is not None
    assert later.steps == ()


# --- in a contact ------------------------------------------------------------------------------


@pytest.fixture
def contact(cast: Cast) -> Interaction:
    """A call about being late, of a patient who is known."""
    by = Actor.user(cast.agent)
    made = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    identify_contact(contact_id=made.pk, patient=cast.patient, by=by, at=NOW)
    return give_reason(
        contact_id=made.pk,
        reason="stuck in traffic",
        call_type="late",
        need="Running late",
        acuity=Acuity.ROUTINE,
        by=by,
        at=NOW,
    )


def answer(contact: Interaction, key: str, said: str = "") -> None:
    answer_step(contact=contact, key=key, said=said, is_verified=True, by=TEST, at=NOW)


def test_a_contact_is_led_through_its_script(contact: Interaction) -> None:
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    assert flow.now is not None
    assert flow.now.step.key == "how-late"
    with pytest.raises(RequiredStepsMissing):
        flow.check_may_leave()
    answer(contact, "how-late", "30")
    with pytest.raises(StepGone):
        answer(contact, "new-time")
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    assert flow.now is not None
    assert flow.now.step.key == "tell-clinic"
    skip_step(
        contact=contact,
        key="tell-clinic",
        reason="Their line is busy",
        is_verified=True,
        by=TEST,
        at=NOW,
    )
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    flow.check_may_leave()
    skipped = AuditEntry.objects.get(verb="desk.script.step-skipped")
    assert (skipped.reason, skipped.detail["step"]) == ("Their line is busy", "tell-clinic")
    assert InteractionStep.objects.filter(code="skip:script:late:tell-clinic").exists()


def test_what_was_done_on_the_screen_ticks_its_step(contact: Interaction) -> None:
    answer(contact, "how-late", "15")
    InteractionStep.objects.create(interaction=contact, kind=StepKind.TASK, at=NOW)
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    told = flow.find("tell-clinic")
    assert told is not None
    assert told.state is StepState.DONE


def test_refuses_what_is_no_answer_and_a_skip_without_a_reason(contact: Interaction) -> None:
    with pytest.raises(UnknownAnswer):
        answer(contact, "how-late", "an hour")
    with pytest.raises(ReasonMissing):
        skip_step(contact=contact, key="how-late", reason=" ", is_verified=True, by=TEST, at=NOW)
    assert not contact.answers.exists()


def test_nothing_of_the_patient_is_said_before_they_are_verified(cast: Cast) -> None:
    by = Actor.user(cast.agent)
    opened = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    made = identify_contact(contact_id=opened.pk, patient=cast.patient, by=by, at=NOW)
    made.call_type = "cancel"
    before = find_flow(made, is_verified=False, at=NOW)
    after = find_flow(made, is_verified=True, at=NOW)
    assert before is not None
    assert after is not None
    assert not {name for name in before.facts.known if name.startswith(("patient.", "visit."))}
    assert (before.facts.age, before.facts.sex) == (None, "")
    assert after.facts.sex == cast.patient.sex


# --- sign-offs and training ------------------------------------------------------------------


def test_a_gated_call_is_closed_alone_only_after_a_sign_off(cast: Cast) -> None:
    threat = CallType.objects.get(code="threat")
    with pytest.raises(NotSignedOff, match="Threat"):
        check_signed_off(cast.agent, "threat")
    assert is_signed_off(cast.agent, "book")
    assert is_signed_off(cast.manager, "threat")
    by = Actor.user(cast.manager)
    made = sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    assert made is not None
    assert made.version == find_version("threat")
    assert is_signed_off(cast.agent, "threat")
    again = sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    assert again is None


@pytest.mark.parametrize("asks", [True, False])
def test_a_new_script_asks_for_a_new_sign_off_unless_a_word_was_mended(
    cast: Cast, asks: bool
) -> None:
    threat, by = CallType.objects.get(code="threat"), Actor.user(cast.manager)
    sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    present = find_version("threat")
    assert present is not None
    draft = start_draft(ScriptVersion, document_id=present.script_id, by=by, at=NOW)
    publish_script(version_id=draft.pk, revision=0, reason="x", asks_sign_off=asks, by=by, at=NOW)
    assert is_signed_off(cast.agent, "threat") is not asks


def test_nobody_signs_off_who_may_not(cast: Cast) -> None:
    threat, by = CallType.objects.get(code="threat"), Actor.user(cast.agent)
    for user, supervisor in ((cast.manager, cast.manager), (cast.agent, cast.nurse)):
        with pytest.raises(MayNotSignOff):
            sign_off(user=user, call_type=threat, supervisor=supervisor, by=by, at=NOW)
    assert not is_signed_off(cast.agent, "threat")


def test_training_is_on_made_up_patients_and_sends_nothing(cast: Cast) -> None:
    by, late = Actor.user(cast.agent), CallType.objects.get(code="late")
    PatientFactory.create()
    one = start_training(user=cast.agent, call_type=late, by=by, at=NOW)
    two = start_training(user=cast.agent, call_type=late, language="es", by=by, at=NOW)
    assert one.is_training
    assert two.is_training
    assert one.patient is not None
    assert one.patient.family_name == "Practice"
    assert two.patient is not None
    assert two.patient.language == "es"
    assert start_training(user=cast.agent, call_type=late, by=by, at=NOW).patient == one.patient
    assert Patient.objects.filter(identifiers__system="firstcall:training").count() == 2
    assert not Message.objects.exists()
    assert not EhrWrite.objects.exists()
    assert Agent.objects.get(user=cast.agent).status == AgentState.TRAINING


def test_whoever_has_a_caller_is_not_in_training_for_practicing(
    cast: Cast,
) -> None:
    by, late = Actor.user(cast.agent), CallType.objects.get(code="late")
    set_agent_state(user=cast.agent, to=AgentState.ON_CONTACT, by=by, at=NOW)
    start_training(user=cast.agent, call_type=late, by=by, at=NOW)
    assert Agent.objects.get(user=cast.agent).status == AgentState.ON_CONTACT
