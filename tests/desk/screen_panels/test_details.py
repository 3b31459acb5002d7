"""How somebody is reached: shown to whom it may be, changed in place, and told to the clinic."""

from __future__ import annotations

from typing import Any

import pytest

from crm.models import InteractionStep, Patient, PatientPhone, Task
from crm.states import ProxyScope, Sensitivity, StepKind, TaskKind
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen_panels.conftest import panel, proxy_speaks, said
from tests.factories import PatientPhoneFactory, PhoneFactory

ADDRESS = {
    "address-address_line": "12 Elm St",
    "address-city": "Mesa",
    "address-state": "AZ",
    "address-postal_code": "85201",
}


@pytest.fixture
def secret(known: Desk) -> PatientPhone:
    held: PatientPhone = PatientPhoneFactory.create(
        patient=known.patient,
        phone=PhoneFactory.create(number="+16025550177"),
        is_confidential=True,
        rank=2,
    )
    return held


def test_changes_the_address_and_says_what_the_ehr_is_told(known: Desk) -> None:
    answer = known.post("details", "address", **ADDRESS)
    assert "The clinic is asked to write it into the EHR" in said(answer)
    assert "contact:changed" in answer.headers["HX-Trigger"]
    known.patient.refresh_from_db()
    assert (known.patient.address_line, known.patient.postal_code) == ("12 Elm St", "85201")
    assert Task.objects.get().kind == TaskKind.EHR_DETAILS
    steps = InteractionStep.objects.filter(kind=StepKind.UPDATE)
    assert [step.code for step in steps] == ["address"]
    again = known.post("details", "address", **ADDRESS)
    assert "Nothing is different" in said(again)
    assert steps.count() == 1


def test_changes_phone_email_language_and_wishes(known: Desk) -> None:
    known.post("details", "phone", **{"phone-number": "602 555 0188", "phone-use": "home"})
    known.post("details", "email", **{"email-email": "rosa@example.org"})
    speaks = {"language-language": "es", "language-spoken_language": "Somali"}
    known.post("details", "language", **speaks)
    wishes: dict[str, Any] = {
        "preferences-prefers_weekdays": ["1", "3"],
        "preferences-prefers_parts_of_day": ["morning"],
    }
    answer = known.post("details", "preferences", **wishes)
    assert "no EHR is told" in said(answer)
    assert "mornings, Tue or Thu, no earlier times, please" in said(answer)
    known.patient.refresh_from_db()
    assert (known.patient.email, known.patient.language) == ("rosa@example.org", "es")
    assert known.patient.spoken_language == "som"
    assert known.patient.prefers_weekdays == [1, 3]
    assert known.patient.patient_phones.filter(phone__number="+16025550188").exists()


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("phone", {"phone-number": "12", "phone-use": "home"}),
        ("email", {"email-email": "rosa at home"}),
        ("language", {"language-language": "xx"}),
    ],
)
def test_says_what_is_wrong_and_changes_nothing(
    known: Desk, what: str, typed: dict[str, str]
) -> None:
    before = Patient.objects.values().get(pk=known.patient.pk)
    answer = known.post("details", what, **typed)
    assert answer.status_code == 422
    assert '<details class="desk-fold" open>' in said(answer)
    assert Patient.objects.values().get(pk=known.patient.pk) == before
    assert not InteractionStep.objects.filter(kind=StepKind.UPDATE).exists()


def test_marks_a_confidential_phone_and_hides_it_from_a_proxy(
    known: Desk, secret: PatientPhone
) -> None:
    shown = panel(known, "details")
    assert "555-0177" in shown
    assert "confidential" in shown
    proxy_speaks(known, ProxyScope.SCHEDULING)
    hidden = panel(known, "details")
    assert "555-0142" in hidden
    assert "555-0177" not in hidden
    assert "onfidential" not in hidden
    assert known.post("phone-ended", secret.pk).status_code == 404
    secret.refresh_from_db()
    assert secret.ended_on is None


def test_tells_and_changes_nothing_for_whoever_may_not_hear_it(known: Desk) -> None:
    proxy_speaks(known, ProxyScope.BILLING)
    assert "555-0142" not in panel(known, "details")
    assert known.post("details", "address", **ADDRESS).status_code == 404
    Patient.objects.filter(pk=known.patient.pk).update(sensitivity=[Sensitivity.DOMESTIC_VIOLENCE])
    proxy_speaks(known, ProxyScope.SCHEDULING)
    assert "555-0142" not in panel(known, "details")
    known.patient.refresh_from_db()
    assert known.patient.address_line != "12 Elm St"


def test_gives_a_number_up(known: Desk, cast: Cast) -> None:
    held = PatientPhone.objects.get(patient=known.patient)
    assert "No phone." in said(known.post("phone-ended", held.pk))
    held.refresh_from_db()
    assert held.ended_on is not None


def test_only_their_agent_changes_anything_and_only_once_verified(desk: Desk, cast: Cast) -> None:
    assert desk.post("details", "address", **ADDRESS).status_code == 404
    desk.know()
    for user, status in ((cast.manager, 409), (cast.marketing, 403)):
        desk.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert desk.post("details", "address", **ADDRESS).status_code == status
    assert desk.get("details", "address").status_code in {403, 405}
    desk.patient.refresh_from_db()
    assert desk.patient.address_line != "12 Elm St"


def test_works_without_script(known: Desk) -> None:
    answer = known.client.post(known.url("details", "address"), ADDRESS)
    assert answer.status_code == 302
    known.patient.refresh_from_db()
    assert known.patient.city == "Mesa"
