"""An interpreter at the desk, before anybody is verified if need be; relay and TTY."""

from __future__ import annotations

import pytest

from crm.models import Call, InterpreterSession
from crm.states import Aid
from crm.states.social import InterpreterKind
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen_panels.conftest import panel, said

SERVICE = {
    "kind": "service", "language": "Somali", "service": "LanguageLine", "interpreter_id": "40817",
}  # fmt: skip
SISTER = {
    "kind": "companion", "language": "Somali", "who": "adult", "asked_in_private": "on",
    "agrees": "on", "reason": "Trusts her sister",
}  # fmt: skip


def test_comes_in_before_anybody_is_known(desk: Desk) -> None:
    assert "LanguageLine" not in said(desk.get("interpreter"))
    assert desk.post("interpreter", **SERVICE).status_code == 204
    session = InterpreterSession.objects.get()
    assert (session.service, session.interpreter_id) == ("LanguageLine", "40817")
    desk.know()
    assert "LanguageLine 40817" in panel(desk, "interpreter")
    ended = desk.post("interpreter-end")
    assert (ended.status_code, ended.headers["HX-Retarget"]) == (200, "#panel-interpreter")
    session.refresh_from_db()
    assert session.ended_at is not None
    assert "LanguageLine" in said(desk.get("interpreter"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"who": "child"}, "A child may not interpret"),
        ({"who": ""}, "A child may not interpret"),
        ({"asked_in_private": ""}, "only if the patient asks for it alone"),
        ({"reason": ""}, "Write down why"),
    ],
)
def test_refuses_a_child_and_an_unasked_companion(
    desk: Desk, changed: dict[str, str], sentence: str
) -> None:
    desk.post("interpreter", **SERVICE)
    answer = desk.post("interpreter", **(SISTER | changed))
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert InterpreterSession.objects.get().kind == InterpreterKind.SERVICE


def test_lets_a_companion_take_over_as_the_patient_wishes(desk: Desk) -> None:
    assert "Get an interpreter first" in said(desk.post("interpreter", **SISTER))
    desk.post("interpreter", **SERVICE)
    assert desk.post("interpreter", **SISTER).status_code == 204
    assert InterpreterSession.objects.get(ended_at=None).reason == "Trusts her sister"


def test_remembers_for_next_time_once_verified(desk: Desk) -> None:
    desk.post("interpreter", **SERVICE)
    assert desk.post("interpreter-next").status_code == 409
    desk.patient.refresh_from_db()
    assert not desk.patient.needs_interpreter
    desk.know()
    assert desk.post("interpreter-next").status_code == 200
    desk.patient.refresh_from_db()
    assert (desk.patient.needs_interpreter, desk.patient.spoken_language) == (True, "som")


def test_marks_a_relay_call(known: Desk) -> None:
    assert known.post("aid", aid="relay").status_code == 200
    assert Call.objects.get().aid == Aid.RELAY
    assert 'value="relay" aria-pressed="true"' in panel(known, "interpreter")
    assert known.post("aid", aid="smoke").status_code == 409


def test_nobody_else_brings_one_in(desk: Desk, cast: Cast) -> None:
    for user, status in ((cast.nurse, 409), (cast.marketing, 403)):
        desk.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert desk.post("interpreter", **SERVICE).status_code == status
        assert desk.post("aid", aid="tty").status_code == status
    assert not InterpreterSession.objects.exists()
    assert Call.objects.get().aid == Aid.NONE


def test_works_without_script(desk: Desk) -> None:
    assert "<title>Desk" in said(desk.client.get(desk.url("interpreter")))
    assert desk.client.post(desk.url("interpreter"), SERVICE).status_code == 302
    assert InterpreterSession.objects.exists()
