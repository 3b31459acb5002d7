"""The page that finds slots: who may, what it shows, and what each button does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry, Patient, User
from crm.queries.finding import find_patients
from crm.states import Role
from outreach.rules.times import say_time
from scheduling.models import Appointment, Hold, SearchRecord, Slot, VisitType
from scheduling.states import (
    AppointmentStatus,
    Declined,
    HoldStatus,
    Lack,
    Restriction,
    SearchStatus,
)
from tests.cast import Cast
from tests.factories import (
    NOW,
    AppointmentFactory,
    PatientFactory,
    PatientIdentifierFactory,
    SlotFactory,
    VisitTypeFactory,
    reachable_patient,
)
from waitlist.models import WaitlistEntry

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visit_type() -> VisitType:
    return VisitTypeFactory.create(name="Cardiology follow-up")


@pytest.fixture
def slot(visit_type: VisitType) -> Slot:
    return SlotFactory.create(visit_type=visit_type)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(visit_type: VisitType, patient: Patient | None = None, **more: Any) -> str:
    said = {"visit_type": visit_type.pk, **({"patient": patient.pk} if patient else {}), **more}
    return reverse("desk:slots") + "?" + "&".join(f"{name}={value}" for name, value in said.items())


def do(name: str, pk: int, address: str) -> str:
    """The address of a button, on that page."""
    return reverse(f"desk:{name}", args=[pk]) + "?" + address.partition("?")[2]


@pytest.mark.parametrize("role", [Role.MARKETING, Role.INTEGRATION])
def test_others_than_the_care_team_find_and_hold_nothing(
    cast: Cast, slot: Slot, visit_type: VisitType, role: Role
) -> None:
    client = signed_in(cast.staff(role))
    assert client.get(page(visit_type)).status_code == 403
    assert client.post(do("slot-hold", slot.pk, "")).status_code == 403
    assert client.post(reverse("desk:slot-people"), {"who": "Rosa"}).status_code == 403
    assert not Hold.objects.exists()
    assert not SearchRecord.objects.exists()
    assert Client().get(page(visit_type)).status_code == 302


@pytest.mark.parametrize("name", ["slot-hold", "hold-book", "hold-release"])
def test_buttons_are_posted(cast: Cast, slot: Slot, name: str) -> None:
    assert signed_in(cast.agent).get(do(name, slot.pk, "")).status_code == 405


def test_finds_holds_and_books_without_script(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    client, here = signed_in(cast.agent), page(visit_type, cast.patient)
    answer = client.get(here)
    assert "Dr. Grace" in answer.content.decode()
    search = SearchRecord.objects.get()
    assert (search.status, search.shown, search.patient) == (SearchStatus.OPEN, 1, cast.patient)

    held = client.post(do("slot-hold", slot.pk, here), follow=True)
    hold = Hold.objects.get()
    assert (hold.owner, hold.user, hold.patient) == ("Agent Cast", cast.agent, cast.patient)
    assert "Held for you" in held.content.decode()
    assert f"hold={hold.pk}" in held.redirect_chain[0][0]

    done = client.post(do("hold-book", hold.pk, here), follow=True)
    assert "Requested." in done.content.decode()
    visit = Appointment.objects.get()
    assert (visit.slot, visit.patient, visit.visit_type) == (slot, cast.patient, visit_type)
    assert visit.status == AppointmentStatus.REQUESTED
    hold.refresh_from_db()
    search.refresh_from_db()
    assert hold.status == HoldStatus.USED
    assert (search.status, search.appointment) == (SearchStatus.BOOKED, visit)


def test_a_hold_goes_into_the_panel_and_is_given_back(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    client, here = signed_in(cast.agent), page(visit_type)
    client.get(here)
    htmx = {"HX-Request": "true", "HX-Target": "slot-panel"}
    held = client.post(do("slot-hold", slot.pk, here), headers=htmx)
    hold = Hold.objects.get()
    assert held.status_code == 200
    assert "<html" not in held.content.decode()
    assert "Choose the patient first" in held.content.decode()
    assert "worklist:refresh" in held["HX-Trigger"]
    assert f"hold={hold.pk}" in held["HX-Push-Url"]
    refused = client.post(do("hold-book", hold.pk, here), headers=htmx)
    assert refused.status_code == 422
    assert not Appointment.objects.exists()
    client.post(do("hold-release", hold.pk, here), headers=htmx)
    hold.refresh_from_db()
    assert hold.status == HoldStatus.RELEASED


def test_everybody_sees_who_holds_a_time_and_cannot_take_it(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    here = page(visit_type)
    signed_in(cast.agent).post(do("slot-hold", slot.pk, here))
    other = signed_in(cast.nurse)
    assert "Held by Agent Cast" in other.get(here).content.decode()
    late = other.post(do("slot-hold", slot.pk, here), headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "Held by Agent Cast" in late.content.decode()
    hold = Hold.objects.get()
    assert other.post(do("hold-book", hold.pk, page(visit_type, cast.patient))).status_code == 404
    assert other.post(do("hold-release", hold.pk, here)).status_code == 409
    hold.refresh_from_db()
    assert hold.status == HoldStatus.HELD
    assert not Appointment.objects.exists()


def test_a_later_visit_of_the_kind_may_be_given_back(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    later = AppointmentFactory.create(patient=cast.patient, visit_type=visit_type)
    strangers = AppointmentFactory.create(visit_type=visit_type)
    client, here = signed_in(cast.agent), page(visit_type, cast.patient)
    held = client.post(do("slot-hold", slot.pk, here), follow=True)
    assert "Give back" in held.content.decode()
    hold = Hold.objects.get()
    client.post(do("hold-book", hold.pk, here), {"gives_up": strangers.pk})
    visit = Appointment.objects.get(slot=slot)
    assert visit.gives_up is None, "somebody else's visit is not theirs to give"
    Appointment.objects.filter(pk=visit.pk).update(gives_up=later)
    assert later.status == AppointmentStatus.BOOKED


def test_a_visit_is_moved_to_the_time_that_was_found_for_it(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    visit = AppointmentFactory.create(
        patient=cast.patient,
        visit_type=visit_type,
        starts_at=slot.starts_at - dt.timedelta(days=1),
        source_id="17",
    )
    here = page(visit_type, cast.patient, moves=visit.pk)
    client = signed_in(cast.agent)
    held = client.post(do("slot-hold", slot.pk, here), follow=True)
    assert "Moves the visit of" in held.content.decode()
    client.post(do("hold-book", Hold.objects.get().pk, here))
    new = Appointment.objects.get(slot=slot)
    assert (new.gives_up, new.gives_up_code) == (visit, "other-time")
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("moves", [True, False])
def test_a_visit_whose_site_nobody_knows_goes_by_its_patients_clock(
    cast: Cast, slot: Slot, visit_type: VisitType, moves: bool
) -> None:
    Patient.objects.filter(pk=cast.patient.pk).update(zone="America/New_York")
    visit = AppointmentFactory.create(
        patient=cast.patient,
        visit_type=visit_type,
        location=None,
        starts_at=slot.starts_at + DAY,
        source_id="17",
    )
    here = page(visit_type, cast.patient, **({"moves": visit.pk} if moves else {}))
    held = signed_in(cast.agent).post(do("slot-hold", slot.pk, here), follow=True)
    assert held.status_code == 200
    there = say_time(visit.starts_at, "America/New_York", "en")
    assert there in held.content.decode()


def test_what_is_left_out_is_shown_with_its_rule_and_who_may_go_past(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    Slot.objects.filter(pk=slot.pk).update(
        restriction=Restriction.HELD_FOR_REVIEW, restriction_owner="Ana at the front desk"
    )
    here = page(visit_type, cast.patient)
    body = signed_in(cast.agent).get(here).content.decode()
    assert "The clinic reviews who gets it, ask Ana at the front desk." in body
    assert "May be set aside with a reason, by the front desk, managers, administrators" in body
    assert "Book with a reason" not in body, "an agent may not"
    assert "All hidden by a rule" in body
    search = SearchRecord.objects.get()
    assert (search.lack, search.lack_rule, search.hidden) == (
        Lack.HIDDEN,
        "held-for-review",
        {"held-for-review": 1},
    )
    assert "Book with a reason" in signed_in(cast.manager).get(here).content.decode()


def test_a_rule_is_set_aside_with_a_reason_by_those_who_may(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    Slot.objects.filter(pk=slot.pk).update(restriction=Restriction.HELD_FOR_REVIEW)
    there = do("slot-override", slot.pk, page(visit_type, cast.patient))
    said = {"rules": "held-for-review", "reason": "Dr. Park asked for her"}
    agent = signed_in(cast.agent)
    assert "You may not set this aside" in agent.get(there).content.decode()
    assert agent.post(there, said).status_code == 422
    manager = signed_in(cast.manager)
    assert manager.post(there, said | {"reason": " "}).status_code == 422
    assert not Appointment.objects.exists()
    assert manager.post(there, said).status_code == 302
    visit = Appointment.objects.get()
    entry = AuditEntry.objects.get(verb="scheduling.rules.set-aside")
    assert (entry.subject_id, entry.reason) == (visit.pk, "Dr. Park asked for her")


def test_held_past_a_rule_it_is_booked_without_a_second_reason(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    Slot.objects.filter(pk=slot.pk).update(restriction=Restriction.HELD_FOR_REVIEW)
    here = page(visit_type, cast.patient)
    there, manager = do("slot-override", slot.pk, here), signed_in(cast.manager)
    said = {"rules": "held-for-review", "reason": "Dr. Park asked for her", "do": "hold"}
    assert "Set aside and hold" in manager.get(there).text
    assert signed_in(cast.agent).post(there, said).status_code == 422
    assert not Hold.objects.exists()
    panel = manager.post(there, said, follow=True)
    held = Hold.objects.get()
    assert f"hold={held.pk}" in panel.redirect_chain[0][0]
    assert "Set aside: “Dr. Park asked for her”" in panel.text
    manager.post(do("hold-book", held.pk, here))
    assert Appointment.objects.get().slot == slot
    held.refresh_from_db()
    assert held.status == HoldStatus.USED


def test_what_is_held_without_a_reason_is_booked_with_one(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    Slot.objects.filter(pk=slot.pk).update(restriction=Restriction.HELD_FOR_REVIEW)
    here, manager = page(visit_type, cast.patient), signed_in(cast.manager)
    panel = manager.post(do("slot-hold", slot.pk, here), follow=True)
    held = Hold.objects.get()
    assert 'id="panel-override"' in panel.text
    assert manager.post(do("hold-book", held.pk, here)).status_code == 409
    there = do("slot-override", slot.pk, here)
    assert "Set aside and hold" not in manager.get(there).text
    manager.post(there, {"rules": "held-for-review", "reason": "Dr. Park asked for her"})
    assert Appointment.objects.get().slot == slot
    held.refresh_from_db()
    assert held.status == HoldStatus.USED


def test_none_of_these_suits_because(cast: Cast, slot: Slot, visit_type: VisitType) -> None:
    client, here = signed_in(cast.agent), page(visit_type, cast.patient)
    client.get(here)
    search = SearchRecord.objects.get()
    there = do("search-close", search.pk, here)
    assert "None of these suits, because" in client.get(there).content.decode()
    assert client.post(there, {"declined": ""}).status_code == 422
    other = signed_in(cast.nurse)
    assert other.post(there, {"declined": Declined.TOO_LATE}).status_code == 404
    search.refresh_from_db()
    assert search.status == SearchStatus.OPEN
    client.post(there, {"declined": Declined.TOO_LATE, "note": "in May", "wait": "on"})
    search.refresh_from_db()
    assert (search.status, search.lack, search.note) == (SearchStatus.LOST, "declined", "in May")
    assert search.waits_since == NOW
    assert WaitlistEntry.objects.get().patient == cast.patient
    again = client.post(there, {"declined": Declined.COST})
    assert again.status_code == 409
    assert WaitlistEntry.objects.count() == 1


def test_a_refresh_and_the_next_page_are_no_new_looks(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    client, here = signed_in(cast.agent), page(visit_type)
    client.get(here)
    for headers in ({"HX-Request": "true", "HX-Target": "slot-results"},):
        answer = client.get(here, headers=headers)
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()
    client.get(here + "&after=2026-11-20_1_1")
    assert SearchRecord.objects.get().looks == 1
    client.get(here + "&window=3-days")
    assert SearchRecord.objects.get().looks == 2


def test_each_look_at_a_patient_is_written_down(
    cast: Cast, slot: Slot, visit_type: VisitType
) -> None:
    signed_in(cast.agent).get(page(visit_type, cast.patient))
    assert AuditEntry.objects.filter(patient_id=cast.patient.pk, verb="crm.patient.viewed").exists()


@pytest.mark.parametrize(
    "said",
    [
        "guzman",
        "GUZMÁN arturo",
        "art guz",
        "1988-05-02",
        "5/2/1988 Ponce",
        "(602) 555-0777",
        "602.555.0777 guz",
        "s011469",
    ],
)
def test_a_patient_is_found_by_what_the_caller_says(said: str) -> None:
    wanted = reachable_patient(
        given_name="Arturo",
        family_name="Guzmán Ponce",
        birth_on=dt.date(1988, 5, 2),
        number="+16025550777",
    )
    PatientIdentifierFactory.create(patient=wanted, value="S011469")
    PatientFactory.create(given_name="Ana", family_name="Ortiz", birth_on=dt.date(1990, 1, 1))
    assert find_patients(said) == (wanted,)


@pytest.mark.parametrize("said", ["", "  ", "(602) 555-9999", "guzmán 1990-01-01", "%", "zzz"])
def test_nobody_is_found_by_what_fits_nobody(said: str) -> None:
    reachable_patient(
        given_name="Arturo",
        family_name="Guzmán",
        birth_on=dt.date(1988, 5, 2),
        number="+16025550777",
    )
    assert find_patients(said) == ()


def test_patients_and_reasons_are_posted_and_stand_in_no_address(
    cast: Cast, visit_type: VisitType
) -> None:
    client = signed_in(cast.agent)
    found = client.post(
        reverse("desk:slot-people"), {"who": "Delgado"}, headers={"HX-Request": "1"}
    )
    assert f"patient={cast.patient.pk}" in found.content.decode()
    assert "who=" not in found.content.decode()
    seen = AuditEntry.objects.filter(verb="crm.patient.viewed", patient_id=cast.patient.pk)
    assert seen.exists()
    meant = client.post(reverse("desk:slot-reason"), {"reason": "cardiology"})
    assert "Cardiology follow-up" in meant.content.decode()
    assert "reason=" not in meant.content.decode()
    danger = client.post(reverse("desk:slot-reason"), {"reason": "chest pain and cannot breathe"})
    assert "Stay on the line" in danger.content.decode()
    assert f"visit_type={visit_type.pk}" not in danger.content.decode()


def test_lost_demand_opens_to_its_rows_and_goes_along_as_csv(
    cast: Cast, visit_type: VisitType
) -> None:
    client = signed_in(cast.manager)
    assert "No searches in this time" in client.get(reverse("desk:demand")).content.decode()
    agent, here = signed_in(cast.agent), page(visit_type, cast.patient, parts="evening")
    agent.get(here)
    search = SearchRecord.objects.get()
    agent.post(do("search-close", search.pk, here), {"declined": "other", "note": "=1+1"})
    body = client.get(reverse("desk:demand")).content.decode()
    assert "No times at all" in body
    assert "Evenings" in body
    assert "Rosa Delgado" in body
    only = client.get(reverse("desk:demand") + f"?visit_type={visit_type.pk}&lack=declined")
    assert "No searches in this time" in only.content.decode()
    csv = client.get(reverse("desk:demand-export")).content.decode()
    assert "Delgado" not in csv, "an export names no patients"
    assert "'=1+1" in csv
    assert signed_in(cast.marketing).get(reverse("desk:demand-export")).status_code == 403


def test_somebody_of_the_ledger_is_put_on_the_waitlist(cast: Cast, visit_type: VisitType) -> None:
    agent, here = signed_in(cast.agent), page(visit_type, cast.patient)
    agent.get(here)
    search = SearchRecord.objects.get()
    agent.post(do("search-close", search.pk, here), {"declined": "too-late"})
    there = reverse("desk:demand-wait", args=[search.pk])
    assert signed_in(cast.marketing).post(there).status_code == 403
    assert not WaitlistEntry.objects.exists()
    assert agent.post(there).status_code == 302
    entry = WaitlistEntry.objects.get()
    assert (entry.patient, entry.visit_type) == (cast.patient, visit_type)
    assert "waits" in agent.get(reverse("desk:demand")).content.decode()
