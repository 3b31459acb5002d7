"""Who it is about, and that nothing of them shows before two identifiers."""

from __future__ import annotations

import re

import pytest

from crm.models import AuditEntry, Interaction, InteractionStep, Patient, Verification
from crm.states import IdentifierKind, Role, StepKind
from desk.screen.panels import PANELS
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, AppointmentFactory, PatientFactory, ProxyFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.MARKETING, Role.INTEGRATION])
def test_others_than_the_care_team_see_no_desk_and_change_nothing(
    cast: Cast, desk: Desk, role: Role
) -> None:
    desk.client.force_login(cast.staff(role), backend="django.contrib.auth.backends.ModelBackend")
    assert desk.client.get("/desk/").status_code == 403
    assert desk.post("identify", patient=desk.patient.pk).status_code == 403
    assert desk.fresh().patient is None


def test_the_desk_opens_the_one_contact_in_hand(desk: Desk) -> None:
    assert desk.client.get("/desk/")["location"] == desk.url("contact")
    assert desk.get("contact").status_code == 200


def test_what_finds_a_patient_also_verifies_them(desk: Desk) -> None:
    """Nobody is asked twice for what they have just said."""
    found = desk.post("people", said="rosa delgado 3/14/1972")
    assert "It is them, verified" in found.content.decode()
    desk.post("identify", patient=desk.patient.pk, said="rosa delgado 3/14/1972")
    tried = Verification.objects.get()
    assert tried.passed
    assert tried.matched == [IdentifierKind.FULL_NAME, IdentifierKind.BIRTH_DATE]
    assert desk.fresh().patient == desk.patient


def test_a_name_alone_verifies_nobody_and_shows_nothing_of_them(desk: Desk) -> None:
    AppointmentFactory.create(patient=desk.patient)
    desk.post("identify", patient=desk.patient.pk, said="rosa delgado")
    assert not Verification.objects.exists()
    for panel in PANELS:
        expected = 200 if panel.before_proof else 204
        assert desk.get("panel", panel.name).status_code == expected
    assert {panel.name for panel in PANELS if panel.before_proof} == {"knowledge"}
    page = desk.get("contact").content.decode()
    assert "1972-03-14" not in page
    assert "Nothing shows yet" in page


def test_a_second_identifier_that_does_not_fit_is_said_and_not_let_in(desk: Desk) -> None:
    desk.post("identify", patient=desk.patient.pk)
    refused = desk.post("verify", said="rosa delgado 3/15/1972")
    assert refused.status_code == 422
    assert "Does not fit: birth date." in refused.content.decode()
    assert not Verification.objects.get().passed
    desk.post("verify", said="3/14/1972, 85016")
    assert desk.get("panel", "appointments").status_code == 200


def test_another_patient_starts_unverified(desk: Desk) -> None:
    desk.know()
    other = PatientFactory.create()
    desk.post("identify", patient=other.pk)
    assert desk.get("panel", "appointments").status_code == 204


def test_no_name_stands_in_an_address_or_in_a_step(desk: Desk) -> None:
    answer = desk.post("people", said="rosa delgado 3/14/1972")
    assert "rosa" not in answer.headers.get("HX-Push-Url", "").lower()
    desk.know()
    details = str(list(InteractionStep.objects.values_list("code", "detail")))
    assert "delgado" not in details.lower()
    assert InteractionStep.objects.filter(kind=StepKind.VERIFY, code="passed").exists()


def test_whoever_is_named_is_audited(desk: Desk) -> None:
    desk.post("people", said="rosa delgado")
    assert AuditEntry.objects.filter(
        verb="crm.patient.viewed", patient_id=desk.patient.pk, detail__what="desk search"
    ).exists()


def test_a_contact_of_somebody_else_is_read_and_not_changed(cast: Cast, desk: Desk) -> None:
    desk.client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
    assert desk.get("contact").status_code == 200
    refused = desk.post("identify", patient=desk.patient.pk)
    assert refused.status_code == 409
    assert "Agent Cast has this contact" in refused.content.decode()
    assert Interaction.objects.get(pk=desk.contact.pk).patient is None


def test_it_works_without_script(desk: Desk) -> None:
    answer = desk.client.post(
        desk.url("identify"), {"patient": desk.patient.pk, "said": "rosa delgado 3/14/1972"}
    )
    assert answer.status_code == 302
    assert answer["location"] == desk.url("contact")


def test_a_ring_pops_with_possible_names_and_no_more(desk: Desk) -> None:
    page = desk.get("contact").content.decode()
    assert "Rosa" in page
    assert "1972-03-14" not in page
    assert AuditEntry.objects.filter(detail__what="screen pop").count() == 1
    again = re.search(r'hx-get="/desk/\d+/talk/\?([^"]*)"', page)
    assert again
    desk.get("talk", query=again[1].replace("&amp;", "&"))
    assert AuditEntry.objects.filter(detail__what="screen pop").count() == 1
    desk.get("talk", query="seen_by=x")  # signed by nobody
    assert AuditEntry.objects.filter(detail__what="screen pop").count() == 2


def test_a_proxy_whom_a_court_keeps_away_is_not_offered_and_not_let_in(desk: Desk) -> None:
    away = ProxyFactory.create(patient=desk.patient, name="Al Ray", court_restriction="No contact")
    carer = ProxyFactory.create(patient=desk.patient, name="Bea Sol", court_restriction="")
    desk.post("identify", patient=desk.patient.pk)
    page = desk.get("talk").content.decode()
    assert "Bea Sol" in page
    assert "Al Ray" not in page
    said = "rosa delgado 3/14/1972"
    assert desk.post("verify", said=said, speaks=away.pk).status_code == 409
    assert not Verification.objects.exists()
    desk.post("verify", said=said, speaks=carer.pk)
    assert Verification.objects.get().proxy == carer


def test_somebody_new_is_registered_in_place_and_known_by_what_they_said(desk: Desk) -> None:
    said = {"given": "Nina", "family": "Ortiz", "born": "5/6/1990", "sex": "female"}
    desk.post("register", **said, language="es", phone="(480) 555-0177", compared="")
    contact = desk.fresh()
    assert contact.patient is not None
    assert (contact.patient.given_name, contact.patient.language) == ("Nina", "es")
    assert Verification.objects.get().passed


def test_whoever_looks_like_somebody_known_is_compared_first(desk: Desk) -> None:
    said = {"given": "Rosa", "family": "Delgado", "born": "3/14/1972", "sex": "female"}
    asked = desk.post("register", **said, language="en", compared="")
    assert asked.status_code == 409
    assert "Rosa Delgado" in asked.content.decode()
    assert desk.fresh().patient is None
    desk.post("register", **said, language="en", compared=str(desk.patient.pk))
    assert desk.fresh().patient not in {None, desk.patient}


def test_a_birth_date_that_is_none_is_asked_again(desk: Desk) -> None:
    said = {"given": "Nina", "family": "Ortiz", "born": "soon", "sex": "female"}
    asked = desk.post("register", **said, language="es")
    page = asked.content.decode()
    assert asked.status_code == 422
    assert desk.fresh().patient is None
    error = re.search(r'name="born"[^>]* aria-describedby="(\w+)"', page)
    assert error  # which the form names, and which is there
    assert f'id="{error[1]}"' in page


def test_a_language_is_called_by_its_name(desk: Desk) -> None:
    Patient.objects.filter(pk=desk.patient.pk).update(spoken_language="vie")
    desk.know()
    assert "speaks Vietnamese, reads English" in desk.get("talk").content.decode()


def test_a_record_that_was_merged_meanwhile_leads_to_the_one_that_stands(desk: Desk) -> None:
    old = PatientFactory.create(merged_into=desk.patient, merged_at=NOW)
    desk.post("identify", patient=old.pk)
    assert desk.fresh().patient == desk.patient


def test_the_command_bar_finds_people_and_actions_and_names_the_private_by_initials(
    desk: Desk,
) -> None:
    found = desk.client.post(
        "/desk/find/", {"said": "rosa delgado"}, headers={"hx-request": "true"}
    ).content.decode()
    assert "Rosa Delgado" in found
    type(desk.patient).objects.filter(pk=desk.patient.pk).update(sensitivity=["vip"])
    found = desk.client.post(
        "/desk/find/", {"said": "rosa delgado"}, headers={"hx-request": "true"}
    ).content.decode()
    assert "Rosa Delgado" not in found
    deeds = desk.client.post("/desk/find/", {"said": "slot"}, headers={"hx-request": "true"})
    assert "Find a slot" in deeds.content.decode()


def test_somebody_from_the_command_bar_comes_into_the_contact_in_hand(desk: Desk) -> None:
    desk.client.post("/desk/person/", {"patient": desk.patient.pk, "shown": desk.contact.pk})
    assert desk.fresh().patient == desk.patient
    assert Interaction.objects.count() == 1
    other = PatientFactory.create()
    desk.client.post("/desk/person/", {"patient": other.pk, "shown": desk.contact.pk})
    assert desk.fresh().patient == desk.patient  # the call stays hers; the other is a new contact
    assert Interaction.objects.get(patient=other).agent == desk.agent
