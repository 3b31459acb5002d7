"""Interpreters: named and timed, never a child, a companion only as the patient wishes."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import open_contact
from crm.actions.interpreting import (
    Companion,
    InterpreterUnnamed,
    InterpretsAlready,
    NeverAChild,
    NotByTelephone,
    NotTheirWish,
    end_interpreter,
    set_aid,
    start_interpreter,
    want_interpreter,
)
from crm.engine import Actor
from crm.models import Call, Event, Interaction, InteractionStep, InterpreterSession, Task
from crm.queries.social import may_ask_safety
from crm.states import Aid, Channel, StepKind, TaskKind
from crm.states.social import InterpreterKind
from crm.subscribers_interpreting import on_call_ended, on_contact_wrapped
from tests.cast import Cast
from tests.factories import NOW

LATER = NOW + dt.timedelta(minutes=4)
SISTER = Companion(is_adult=True, asked_in_private=True, agrees=True, reason="Trusts her sister")


@pytest.fixture
def by(cast: Cast) -> Actor:
    return Actor.user(cast.agent)


@pytest.fixture
def contact(cast: Cast, by: Actor) -> Interaction:
    return open_contact(
        channel=Channel.VOICE, agent=cast.agent, patient=cast.patient, by=by, at=NOW
    )


def start(contact: Interaction, by: Actor, **changed: object) -> InterpreterSession:
    told: dict[str, object] = {
        "kind": InterpreterKind.SERVICE,
        "language": "Somali",
        "service": "LanguageLine",
        "interpreter_id": "40817",
        "at": NOW,
    }
    return start_interpreter(contact_id=contact.pk, by=by, **(told | changed))  # type: ignore[arg-type]


def companion(contact: Interaction, by: Actor, who: Companion | None) -> InterpreterSession:
    return start(
        contact, by, kind=InterpreterKind.COMPANION, service="", interpreter_id="", companion=who
    )


def test_logs_who_interprets_from_when_to_when(contact: Interaction, by: Actor) -> None:
    session = start(contact, by)
    with pytest.raises(InterpretsAlready):
        start(contact, by)
    assert InteractionStep.objects.filter(kind=StepKind.INTERPRETER).count() == 1
    assert end_interpreter(contact_id=contact.pk, by=by, at=LATER) == session
    step = InteractionStep.objects.get(pk=session.step_id)
    assert (step.at, step.ended_at) == (NOW, LATER)
    assert end_interpreter(contact_id=contact.pk, by=by, at=LATER) is None


@pytest.mark.parametrize("missing", ["language", "service", "interpreter_id"])
def test_needs_language_service_and_id(contact: Interaction, by: Actor, missing: str) -> None:
    with pytest.raises(InterpreterUnnamed):
        start(contact, by, **{missing: " "})
    assert not InterpreterSession.objects.exists()


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (None, NeverAChild),
        (Companion(is_adult=False, asked_in_private=True, agrees=True, reason="x"), NeverAChild),
        (Companion(is_adult=True, asked_in_private=False, agrees=True, reason="x"), NotTheirWish),
        (Companion(is_adult=True, asked_in_private=True, agrees=False, reason="x"), NotTheirWish),
        (Companion(is_adult=True, asked_in_private=True, agrees=True, reason=" "), NotTheirWish),
    ],
)
def test_refuses_a_child_and_whoever_the_patient_has_not_asked_for(
    contact: Interaction, by: Actor, who: Companion | None, refused: type[Exception]
) -> None:
    qualified = start(contact, by)
    with pytest.raises(refused):
        companion(contact, by, who)
    qualified.refresh_from_db()
    assert qualified.ended_at is None
    assert InterpreterSession.objects.get() == qualified


def test_a_companion_takes_over_from_an_interpreter_and_not_before(
    contact: Interaction, by: Actor
) -> None:
    with pytest.raises(NotTheirWish):
        companion(contact, by, SISTER)
    assert may_ask_safety(contact)
    qualified = start(contact, by)
    made = companion(contact, by, SISTER)
    qualified.refresh_from_db()
    assert qualified.ended_at == NOW
    assert made.reason == "Trusts her sister"
    assert not may_ask_safety(contact)


def test_ends_with_the_call_or_the_contact(contact: Interaction, by: Actor) -> None:
    call = Call.objects.create(
        interaction=contact, source="pbx", source_id="1", rang_at=NOW, ended_at=LATER
    )
    session = start(contact, by)
    on_call_ended(Event(name="crm.call-ended", subject_id=call.pk), LATER)
    session.refresh_from_db()
    assert session.ended_at == LATER
    again = start(contact, by, at=LATER)
    on_contact_wrapped(Event(name="crm.contact-wrapped", subject_id=contact.pk), LATER)
    again.refresh_from_db()
    assert again.ended_at == LATER


def test_remembers_for_next_time(contact: Interaction, by: Actor, cast: Cast) -> None:
    want_interpreter(contact_id=contact.pk, spoken="som", by=by, at=NOW)
    want_interpreter(contact_id=contact.pk, spoken="som", by=by, at=NOW)
    cast.patient.refresh_from_db()
    assert (cast.patient.needs_interpreter, cast.patient.spoken_language) == (True, "som")
    assert Task.objects.get().kind == TaskKind.EHR_DETAILS
    assert InteractionStep.objects.filter(kind=StepKind.UPDATE).count() == 1


def test_marks_relay_on_a_call_alone(contact: Interaction, by: Actor) -> None:
    with pytest.raises(NotByTelephone):
        set_aid(contact_id=contact.pk, aid=Aid.RELAY, by=by, at=NOW)
    Call.objects.create(interaction=contact, source="pbx", source_id="1", rang_at=NOW)
    assert set_aid(contact_id=contact.pk, aid=Aid.RELAY, by=by, at=NOW).aid == Aid.RELAY
