"""The catalog of visit types: its lines, its list, its CSV, and who may keep it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Role
from scheduling.models import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    LookAlike,
    SourceCode,
    VisitType,
)
from scheduling.queries.catalog import get_catalog_page
from scheduling.rules.catalog import what_is_wrong_with_code
from tests.cast import Cast
from tests.desk.test_task_views import client_of, htmx, text_of
from tests.desk.test_tree_pages import EDITORS, OUTSIDERS, READERS
from tests.factories import NOW, ClinicFactory, SourceCodeFactory, VisitTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def injection(db: None) -> VisitType:
    return VisitTypeFactory.create(code="BONES-INJ", name="Joint injection", specialty="Bones")


@pytest.fixture
def follow_up(db: None) -> VisitType:
    return VisitTypeFactory.create(code="BONES-FU", name="Bones follow-up", specialty="Bones")


@pytest.fixture
def manager(cast: Cast) -> Client:
    return client_of(cast.manager)


def add(client: Client, kind: VisitType, part: str, **said: str) -> Any:
    body = {f"{part}-{name}": value for name, value in said.items()}
    return client.post(reverse("desk:visit-type-add", args=[kind.pk, part]), body)


# --- codes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "right", "wrong"),
    [
        ("cpt", ["99213", "0001F", "0042T", "0001U"], ["9921", "99213A", "A0001", "9921X"]),
        ("hcpcs", ["G0438", "J1030"], ["W0438", "G438", "99213"]),
        ("benefit", ["98", "1", "UC"], ["098", "u!", ""]),
    ],
)
def test_codes_are_told_by_their_shape(system: str, right: list[str], wrong: list[str]) -> None:
    assert not [code for code in right if what_is_wrong_with_code(system, code)]
    assert all("is written as" in what_is_wrong_with_code(system, code) for code in wrong)


# --- who may -------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*READERS, *OUTSIDERS, None])
def test_the_care_team_reads_and_managers_keep(
    cast: Cast, injection: VisitType, role: Role | None
) -> None:
    client = client_of(cast.staff(role) if role else cast.outsider)
    question = CatalogQuestion.objects.create(
        visit_type=injection, asked="Fasting?", asked_at=NOW, asked_by="x"
    )
    pages = [
        reverse("desk:visit-types"),
        reverse("desk:visit-types-export"),
        reverse("desk:visit-type", args=[injection.pk]),
    ]
    forms = [
        reverse("desk:visit-type-edit", args=[injection.pk]),
        reverse("desk:visit-type-answer", args=[injection.pk, question.pk]),
    ]
    for address in pages:
        assert client.get(address).status_code == (200 if role in READERS else 403), address
    for address in forms:
        assert client.get(address).status_code == (200 if role in EDITORS else 403), address
    if role not in EDITORS:
        assert client.post(forms[0], {"purpose": "x"}).status_code == 403
        assert add(client, injection, "billing", system="cpt", code="20610").status_code == 403
        assert not BillingCode.objects.exists()
        assert not CatalogEntry.objects.exists()
        assert "sign-in" in Client().get(pages[0])["Location"]


# --- its lines -----------------------------------------------------------------------


def test_lines_are_added_once_and_taken_out(
    manager: Client, injection: VisitType, follow_up: VisitType
) -> None:
    assert add(manager, injection, "billing", system="cpt", code=" 20610 ").status_code == 302
    add(manager, injection, "source", source="epic", code="INJ")
    how = "Without an order it is a follow-up."
    other = str(follow_up.pk)
    add(manager, injection, "look-alike", other=other, how_to_tell=how, is_mutual="on")
    page = get_catalog_page(injection.pk)
    assert [code.code for code in page.billing_codes] == ["20610"]
    assert [(code.source, code.kind, code.code) for code in page.ehr_codes] == [
        ("epic", "visit-type", "INJ")
    ]
    assert [(t.other, t.how_to_tell) for t in get_catalog_page(follow_up.pk).twins] == [
        (injection, how)
    ]
    again = add(manager, injection, "billing", system="cpt", code="20610")
    assert (again.status_code, "has this code already" in text_of(again)) == (422, True)
    for part, model in (
        ("billing", BillingCode),
        ("source", SourceCode),
        ("look-alike", LookAlike),
    ):
        row = model.objects.get()
        manager.post(reverse("desk:visit-type-remove", args=[injection.pk, part, row.pk]))
        assert not model.objects.exists()
    verbs = AuditEntry.objects.filter(subject_id=injection.pk).values_list("verb", flat=True)
    assert set(verbs) == {
        f"scheduling.visittype.{what}"
        for what in (
            *("billing-code-added", "source-code-added", "look-alike-added"),
            *("billingcode-removed", "sourcecode-removed", "lookalike-removed"),
        )
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("billing", {"system": "cpt", "code": "12"}), "is written as five figures"),
        (("source", {"source": "practice-ehr", "code": "FU"}), "uses this code for a visit type"),
        (("look-alike", {"other": "self", "how_to_tell": "x"}), "Select a valid choice"),
        (("look-alike", {"other": "other"}), "Say how to tell them apart"),
        (("question", {}), "Write the question"),
    ],
)
def test_what_does_not_fit_is_said_beside_it_and_not_kept(
    manager: Client,
    injection: VisitType,
    follow_up: VisitType,
    line: tuple[str, dict[str, str]],
    says: str,
) -> None:
    part, said = line
    SourceCodeFactory.create(kind="visit-type", code="FU", visit_type=follow_up)
    keys = {"self": str(injection.pk), "other": str(follow_up.pk)}
    body = {name: keys.get(value, value) for name, value in said.items()}
    response = add(manager, injection, part, **body)
    assert (response.status_code, says in text_of(response)) == (422, True)
    assert not any(m.objects.exists() for m in (BillingCode, LookAlike, CatalogQuestion))
    assert SourceCode.objects.count() == 1


def test_only_lines_of_this_visit_type_are_taken_out(
    manager: Client, injection: VisitType, follow_up: VisitType
) -> None:
    row = BillingCode.objects.create(visit_type=follow_up, system="cpt", code="99213")
    manager.post(reverse("desk:visit-type-remove", args=[injection.pk, "billing", row.pk]))
    assert BillingCode.objects.filter(pk=row.pk).exists()
    strange = reverse("desk:visit-type-remove", args=[injection.pk, "owner", 1])
    assert manager.post(strange).status_code == 404


def test_the_owner_is_of_the_staff_or_somebody_at_the_clinic(
    manager: Client, cast: Cast, injection: VisitType
) -> None:
    address = reverse("desk:visit-type-edit", args=[injection.pk])
    body = {"purpose": "An injection.", "owner": cast.front_desk.pk, "owner_contact": "ext. 7"}
    assert manager.post(address, body).status_code == 302
    page = text_of(manager.get(reverse("desk:visit-type", args=[injection.pk])))
    assert "Fiona Cast, ext. 7" in page
    assert manager.post(address, {"owner": cast.marketing.pk}).status_code == 422
    manager.post(address, {"owner_name": "Denise", "is_retired": "on"})
    entry = CatalogEntry.objects.get()
    assert (entry.owner, entry.owner_name, entry.is_retired) == (None, "Denise", True)


# --- questions -----------------------------------------------------------------------


def test_a_question_is_answered_once_and_notes_of_one_visit_stand_together(
    manager: Client, injection: VisitType
) -> None:
    clinic = ClinicFactory.create(specialty="Bones", name="Bones, North")
    for asked in ("Fasting?", "How many a morning?"):
        add(manager, injection, "question", asked=asked)
    first, second = CatalogQuestion.objects.order_by("pk")
    said = {
        "answer": "No.",
        "answered_by": "Denise",
        "clinic": clinic.pk,
        "visited_on": "2026-11-10",
    }
    for question in (first, second):
        address = reverse("desk:visit-type-answer", args=[injection.pk, question.pk])
        assert manager.post(address, said).status_code == 302
    visit = ClinicVisit.objects.get()
    assert (visit.visited_on, visit.spoke_with) == (dt.date(2026, 11, 10), "Denise")
    assert visit.questions.count() == 2
    address = reverse("desk:visit-type-answer", args=[injection.pk, first.pk])
    again = manager.post(address, said | {"answer": "Yes."})
    assert (again.status_code, "answered this meanwhile" in text_of(again)) == (409, True)
    first.refresh_from_db()
    assert first.answer == "No."
    page = text_of(manager.get(reverse("desk:visit-type", args=[injection.pk])))
    assert "Bones, North, Tue Nov 10, 2026" in page


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"answer": ""}, "Write what the clinic said"),
        ({"answered_by": ""}, "Write who said it"),
        ({"visited_on": ""}, "Say on which day"),
    ],
)
def test_an_answer_says_who_and_on_which_visit(
    manager: Client, injection: VisitType, changed: dict[str, str], says: str
) -> None:
    clinic = ClinicFactory.create(specialty="Bones")
    add(manager, injection, "question", asked="Fasting?")
    question = CatalogQuestion.objects.get()
    said: dict[str, Any] = {"answer": "No.", "answered_by": "Denise", "clinic": clinic.pk}
    address = reverse("desk:visit-type-answer", args=[injection.pk, question.pk])
    response = manager.post(address, said | {"visited_on": "2026-11-10"} | changed)
    assert (response.status_code, says in text_of(response)) == (422, True)
    question.refresh_from_db()
    assert question.answered_at is None


# --- the list ------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["joint", "BONES-INJ", "20610", "inj-1", "denise inj", "ordered"])
def test_the_list_is_searched_by_what_anybody_calls_it(
    manager: Client, injection: VisitType, follow_up: VisitType, text: str
) -> None:
    BillingCode.objects.create(visit_type=injection, system="cpt", code="20610")
    SourceCodeFactory.create(kind="visit-type", code="INJ-1", visit_type=injection)
    CatalogEntry.objects.create(visit_type=injection, purpose="As ordered", owner_name="Denise")
    page = text_of(manager.get(reverse("desk:visit-types"), {"q": text}, headers=htmx()))
    assert "Joint injection" in page
    assert "Bones follow-up" not in page
    assert "<html" not in page


def test_the_csv_has_every_code_and_no_formula(
    manager: Client, injection: VisitType, follow_up: VisitType
) -> None:
    CatalogEntry.objects.create(visit_type=injection, purpose="=1+1", owner_name="Denise")
    BillingCode.objects.create(visit_type=injection, system="cpt", code="20610")
    BillingCode.objects.create(visit_type=injection, system="benefit", code="98")
    LookAlike.objects.create(visit_type=follow_up, other=injection, how_to_tell="No order.")
    response = manager.get(reverse("desk:visit-types-export"))
    rows = list(csv.DictReader(io.StringIO(text_of(response))))
    row = next(row for row in rows if row["code"] == "BONES-INJ")
    assert row["what it is for"] == "'=1+1"
    assert (row["CPT"], row["benefit"]) == ("20610", "98")
    assert row["not to be confused with"] == "Bones follow-up: No order."
    assert len(rows) == 2
