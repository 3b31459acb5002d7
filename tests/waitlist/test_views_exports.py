"""Openings and candidates as CSV: what is in it, who gets it, and that no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from django.http import HttpResponse
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Sensitivity
from tests.cast import Cast
from tests.waitlist.opening_desk import Desk, first_offer, looks
from waitlist.models import Opening
from waitlist.states import OpeningStatus

LIST = reverse("waitlist:openings-export")


def rows(response: HttpResponse) -> list[dict[str, str]]:
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def ranking(opening: Opening) -> str:
    return reverse("waitlist:opening-export", args=[opening.pk])


def test_exports_the_list_as_it_is_filtered(opening: Opening, agent: Desk) -> None:
    (row,) = rows(agent.get(LIST))
    assert row["state"] == "Offering"
    assert row["time"] == "Sat Nov 21, 9:00 AM"
    assert row["zone"] == "America/Phoenix"
    assert (row["considered"], row["could take it"], row["asked"]) == ("4", "3", "3")
    assert rows(agent.get(f"{LIST}?state=filled")) == []


def test_exports_the_ranking_and_writes_down_that_and_whom(
    opening: Opening, fiona: Desk, cast: Cast
) -> None:
    exported = rows(fiona.get(ranking(opening)))
    assert [row["rank"] for row in exported] == ["1", "2", "3"]
    first = first_offer(opening)
    assert exported[0]["patient"] == str(first.patient)
    assert exported[0]["record number"] == f"ehr-{first.patient_id}"
    assert exported[0]["answer"] == "Offered"
    assert "booked 6 weeks later for the same visit type" in exported[0]["reasons"]
    entry = AuditEntry.objects.get(verb="waitlist.opening.exported")
    assert (entry.actor_id, entry.subject_id, entry.detail) == (
        cast.front_desk.pk,
        opening.pk,
        {"rows": 3},
    )
    assert [what for _, _, what in looks()] == [f"export of opening {opening.pk}"] * 3


def test_names_a_labeled_patient_by_initials(opening: Opening, fiona: Desk) -> None:
    patient = first_offer(opening).patient
    patient.sensitivity = [Sensitivity.DOMESTIC_VIOLENCE]
    patient.save()
    assert rows(fiona.get(ranking(opening)))[0]["patient"] == patient.initials


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(opening: Opening, fiona: Desk, start: str) -> None:
    patient = first_offer(opening).patient
    patient.given_name, patient.family_name = f"{start}cmd|' /C calc'!A0", ""
    patient.save()
    Opening.objects.update(closed_why=f"{start}1+1", status=OpeningStatus.TAKEN, due_at=None)
    Opening.objects.update(closed_at=opening.opened_at)
    cells = [cell for row in rows(fiona.get(ranking(opening))) for cell in row.values()]
    cells += [cell for row in rows(fiona.get(f"{LIST}?state=ended")) for cell in row.values()]
    assert any("1+1" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("name", ["agent", "nurse", "marketing", "integration", "outsider"])
def test_gives_the_ranking_to_schedule_owners_only(opening: Opening, cast: Cast, name: str) -> None:
    response = Desk(getattr(cast, name)).get(ranking(opening))
    assert response.status_code == 403
    assert "Quintero" not in response.content.decode()
    assert not AuditEntry.objects.filter(verb="waitlist.opening.exported").exists()
    assert looks() == []


@pytest.mark.parametrize("name", ["marketing", "integration", "outsider"])
def test_gives_the_list_to_the_care_team_only(opening: Opening, cast: Cast, name: str) -> None:
    assert Desk(getattr(cast, name)).get(LIST).status_code == 403


def test_sends_a_visitor_to_sign_in(opening: Opening) -> None:
    for path in (LIST, ranking(opening)):
        assert Desk(None).get(path)["Location"].startswith(reverse("desk:sign-in"))


def test_takes_no_posts(opening: Opening, fiona: Desk) -> None:
    for path in (LIST, ranking(opening)):
        assert fiona.post(path, htmx=False).status_code == 405


def test_says_so_where_there_is_no_such_opening(fiona: Desk) -> None:
    assert fiona.get(ranking(Opening(pk=999))).status_code == 404
    assert not AuditEntry.objects.filter(verb="waitlist.opening.exported").exists()
