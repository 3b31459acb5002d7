"""The page of records: who may, side by side, merged, told apart, taken back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm.actions.duplicates import flag_duplicate
from crm.actions.merging import merge_patients
from crm.models import AuditEntry, Patient, PatientMerge, Task
from crm.queries.patient_links import links
from crm.states import Role, Sex, StaffLanguage, TaskKind
from crm.states.merging import MergeStatus
from desk.records_words import KINDS, TOLD
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    OfferFactory,
    PatientFactory,
    PatientIdentifierFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ACTS = ("record-merge", "record-apart", "record-undo", "record-swap")


@pytest.fixture
def merge() -> PatientMerge:
    stays = PatientFactory.create(given_name="Rosa", family_name="Delgado", email="a@example.com")
    gone = PatientFactory.create(given_name="Rosa", family_name="Degado", email="")
    PatientIdentifierFactory.create(patient=stays, value="S0001")
    AppointmentFactory.create(patient=gone)
    return flag_duplicate(one=stays, other=gone, why="Same voice", by=TEST, at=NOW)


def signed_in(role: Role = Role.FRONT_DESK) -> Client:
    client = Client()
    client.force_login(UserFactory.create(roles=[role]))
    return client


def at(name: str, merge: PatientMerge) -> str:
    return reverse(f"desk:{name}", args=[merge.pk])


def status(merge: PatientMerge) -> str:
    return PatientMerge.objects.get(pk=merge.pk).status


def test_lists_what_waits_and_says_when_nothing_does(merge: PatientMerge) -> None:
    page = signed_in().get(reverse("desk:records")).content.decode()
    assert "Rosa Delgado" in page
    assert "S0001" in page
    assert "Same voice" in page
    merge.delete()
    assert "Nobody is flagged twice" in signed_in().get(reverse("desk:records")).content.decode()


def test_shows_both_with_what_differs_and_what_hangs_on_each(merge: PatientMerge) -> None:
    page = signed_in().get(at("record-pair", merge))
    lines = {line.name: line for line in page.context["lines"]}
    assert lines["Family name"].differs
    assert not lines["First name"].differs
    assert not lines["Email"].differs, "only one says it"
    assert not lines["Born"].differs
    counts = {one.what: (one.first, one.second) for one in page.context["counts"]}
    assert counts["Visits"] == (0, 1)
    Patient.objects.filter(pk=merge.other_id).update(birth_on="1980-03-15")
    lines = {line.name: line for line in signed_in().get(at("record-pair", merge)).context["lines"]}
    assert lines["Born"].differs
    seen = AuditEntry.objects.filter(verb="crm.patient.viewed").values_list("patient_id", flat=True)
    assert set(seen) == {merge.survivor_id, merge.other_id}


@pytest.mark.parametrize("htmx", [False, True])
def test_merges_undoes_and_swaps(merge: PatientMerge, htmx: bool) -> None:
    client, headers = signed_in(), HTMX if htmx else {}
    keep = {"keep": merge.other_id}
    done = client.post(at("record-merge", merge), keep, headers=headers)
    assert done.status_code == (200 if htmx else 302)
    assert Patient.objects.get(pk=merge.survivor_id).merged_into_id == merge.other_id
    assert "Undo the merge" in client.get(at("record-pair", merge)).content.decode()
    swapped = client.post(at("record-swap", merge), headers=headers)
    assert swapped.status_code == (200 if htmx else 302)
    other = PatientMerge.objects.get(status=MergeStatus.MERGED)
    assert (other.survivor_id, other.other_id) == (merge.survivor_id, merge.other_id)
    assert swapped["HX-Redirect" if htmx else "Location"] == at("record-pair", other)
    client.post(at("record-undo", other), headers=headers)
    assert not Patient.objects.exclude(merged_into=None).exists()
    assert "once more" in client.get(at("record-pair", other)).content.decode()


def test_says_that_they_are_two(merge: PatientMerge) -> None:
    client = signed_in()
    assert client.post(at("record-apart", merge)).status_code == 302
    assert status(merge) == MergeStatus.DISMISSED
    page = client.post(at("record-merge", merge), {"keep": merge.other_id})
    assert page.status_code == 409
    assert "Somebody has decided this pair" in page.content.decode()


@pytest.mark.parametrize("htmx", [False, True])
def test_answers_422_without_a_choice_and_409_while_something_is_in_flight(
    merge: PatientMerge, htmx: bool
) -> None:
    client, headers = signed_in(), HTMX if htmx else {}
    assert client.post(at("record-merge", merge), headers=headers).status_code == 422
    third = {"keep": PatientFactory.create().pk}
    assert client.post(at("record-merge", merge), third, headers=headers).status_code == 409
    OfferFactory.create(patient=merge.other)
    keep = {"keep": merge.survivor_id}
    refused = client.post(at("record-merge", merge), keep, headers=headers)
    assert refused.status_code == 409
    assert "on offer to one of them" in refused.content.decode()
    assert ("<html" in refused.content.decode()) is not htmx
    assert status(merge) == MergeStatus.FLAGGED


def test_points_to_the_merge_that_has_to_go_first(merge: PatientMerge) -> None:
    merge_patients(merge_id=merge.pk, by=TEST, at=NOW)
    third = PatientFactory.create()
    above = flag_duplicate(one=third, other=merge.survivor, by=TEST, at=NOW)
    merge_patients(merge_id=above.pk, keep=third.pk, by=TEST, at=NOW)
    client = signed_in()
    assert at("record-pair", above) in client.get(at("record-pair", merge)).content.decode()
    assert client.post(at("record-undo", merge)).status_code == 409


@pytest.mark.parametrize("role", [Role.AGENT, Role.NURSE, Role.MARKETING, Role.INTEGRATION])
def test_others_see_and_change_nothing(merge: PatientMerge, role: Role) -> None:
    client = signed_in(role)
    for url in (reverse("desk:records"), reverse("desk:records-export"), at("record-pair", merge)):
        assert client.get(url).status_code == 403
    for name in ACTS:
        assert client.post(at(name, merge), {"keep": merge.survivor_id}).status_code == 403
    assert status(merge) == MergeStatus.FLAGGED
    assert Client().get(reverse("desk:records")).status_code == 302


def test_acts_are_posted_and_pairs_exist(merge: PatientMerge) -> None:
    client = signed_in()
    for name in ACTS:
        assert client.get(at(name, merge)).status_code == 405
        assert client.post(reverse(f"desk:{name}", args=[999]), {"keep": 1}).status_code == 404
    assert client.get(reverse("desk:record-pair", args=[999])).status_code == 404


def test_an_agent_flags_in_one_click(merge: PatientMerge) -> None:
    one, other = PatientFactory.create_batch(2)
    said = {"one": one.pk, "other": other.pk, "why": "Both are Ana"}
    client = signed_in(Role.AGENT)
    answer = client.post(reverse("desk:record-flag"), said, headers=HTMX)
    assert (answer.status_code, answer.content) == (200, b"Flagged. Records staff will look.")
    assert Task.objects.filter(kind=TaskKind.DUPLICATE).count() == 2
    assert client.post(reverse("desk:record-flag"), {"one": one.pk}).status_code == 422
    same = {"one": one.pk, "other": one.pk}
    assert client.post(reverse("desk:record-flag"), same).status_code == 409
    denied = signed_in(Role.MARKETING).post(reverse("desk:record-flag"), said)
    assert denied.status_code == 403
    assert PatientMerge.objects.count() == 2


def test_speaks_spanish_to_whoever_chose_it(merge: PatientMerge) -> None:
    Patient.objects.filter(pk=merge.other_id).update(
        sex=Sex.FEMALE, spoken_language="vi", sensitivity=["vip", "behavioral-health"]
    )
    client = Client()
    client.force_login(UserFactory.create(roles=[Role.FRONT_DESK], language=StaffLanguage.SPANISH))
    assert "Por decidir" in client.get(reverse("desk:records")).content.decode()
    page = client.get(at("record-pair", merge))
    lines = {line.name: line.second for line in page.context["lines"]}
    assert lines["Sexo"] == "Femenino"
    assert lines["Idioma"] == "Vietnamita"
    assert lines["Marcas de privacidad"] == "VIP, Salud conductual"
    OfferFactory.create(patient=merge.other)
    refused = client.post(at("record-merge", merge), {"keep": merge.survivor_id})
    assert "Espere la respuesta" in refused.content.decode()
    merge.refresh_from_db()
    assert merge.why == "Same voice"
    task = Task.objects.get(kind=TaskKind.DUPLICATE)
    assert task.title == "Two records that may be one person"


def test_names_each_kind_that_hangs_on_a_patient_in_words_of_staff() -> None:
    known = {*KINDS, *TOLD, "crm.patient"}
    assert not {link.model._meta.label_lower for link in links()} - known


def test_the_sheet_names_nobody(merge: PatientMerge) -> None:
    sheet = signed_in().get(reverse("desk:records-export")).content.decode()
    assert f"{merge.pk},{merge.survivor_id},{merge.other_id},flagged" in sheet
    assert "Rosa" not in sheet
