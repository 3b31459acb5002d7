"""The offer's page for whoever has shown the date of birth: every way an offer can stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.models import AuditEntry, Patient
from outreach.models import Message
from scheduling.models import Appointment, Slot
from scheduling.states import AppointmentStatus, Modality, SlotStatus
from tests.factories import (
    AppointmentFactory,
    ClinicFactory,
    LocationFactory,
    PatientPhoneFactory,
    PhoneFactory,
    VisitTypeFactory,
)
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import Visitor, verified, words
from waitlist.models import Offer
from waitlist.queries.offers import find_other_offer
from waitlist.states import OfferStatus

HTMX = {"HX-Request": "true"}


@pytest.fixture
def maria(scene: Scene) -> Patient:
    return scene.add_candidate(given_name="Maria", family_name="Quintero")


@pytest.fixture
def offer(scene: Scene, maria: Patient) -> Iterator[Offer]:
    """An open offer to Maria: Saturday 21 November, 9:00 AM in Phoenix."""
    scene.free()
    with time_machine.travel(scene.at, tick=False):
        yield scene.offer_to(maria)


@pytest.fixture
def visitor(offer: Offer) -> Visitor:
    return verified(offer)


def status(offer: Offer) -> str:
    offer.refresh_from_db()
    return offer.status


# --- what it says ---------------------------------------------------------------------


def test_says_when_where_with_whom_and_what_becomes_of_the_later_visit(
    offer: Offer, visitor: Visitor
) -> None:
    page = words(visitor.get())
    assert "For Maria An earlier time is open Saturday, November 21 9:00 AM" in page
    location = offer.slot.role.clinic.location
    assert f"{location.name} 2200 E Camelback Rd, Phoenix, AZ 85016" in page
    assert f"With Dr. Grace {offer.slot.role.provider.family_name} Cardiology follow-up" in page
    assert "30 minutes" in page
    assert "Your visit on Sat Jan 2, 10:00 AM stays yours until the clinic has confirmed" in page
    assert "Quintero" not in page


def test_says_all_of_it_in_spanish_to_a_spanish_speaker(offer: Offer, visitor: Visitor) -> None:
    Patient.objects.filter(pk=offer.patient_id).update(language="es")
    page = words(visitor.get())
    assert "Para Maria Hay una cita antes Sábado 21 de noviembre 9:00 AM" in page
    assert "Su cita del sáb 2 ene, 10:00 AM sigue siendo suya" in page
    for english in ("minutes", "visit ", "Yes", "No, thank"):
        assert english not in page.replace("Cardiology follow-up", "")
    assert "An earlier time is open" in words(visitor.get(lang="en"))


def test_names_the_zone_only_where_the_patients_clock_differs(
    offer: Offer, visitor: Visitor
) -> None:
    assert "Arizona time" not in words(visitor.get())
    Patient.objects.filter(pk=offer.patient_id).update(zone="America/New_York")
    assert "Arizona time, the clock at Camelback" in words(visitor.get())
    Patient.objects.filter(pk=offer.patient_id).update(zone="")
    assert "Arizona time" not in words(visitor.get())


def label_visit_type(offer: Offer) -> None:
    type(offer.slot.visit_type).objects.filter(pk=offer.slot.visit_type_id).update(
        is_sensitive=True
    )


def label_patient(offer: Offer) -> None:
    Patient.objects.filter(pk=offer.patient_id).update(sensitivity=["adolescent"])
    offer.patient.patient_phones.update(is_confidential=True)


@pytest.mark.parametrize("label", [label_visit_type, label_patient])
def test_a_sensitive_visit_is_told_in_neutral_words(
    offer: Offer, visitor: Visitor, label: object
) -> None:
    type(offer.slot.visit_type).objects.update(preparation="Do not eat after midnight.")
    assert "Do not eat" in words(visitor.get())
    assert callable(label)
    label(offer)
    page = words(visitor.get())
    assert "Saturday, November 21 9:00 AM" in page
    for secret in ("Cardiology", "Grace", offer.slot.role.provider.family_name, "eat"):
        assert secret not in page
    assert "There is something to know before this visit. Please call (602) 555-0100." in page


def test_a_preparation_in_english_is_marked_so_on_a_spanish_page(
    offer: Offer, visitor: Visitor
) -> None:
    type(offer.slot.visit_type).objects.update(preparation="Bring your list of medicines.")
    page = visitor.get(lang="es").content.decode()
    assert '<p lang="en">Bring your list of medicines.</p>' in page
    assert "Esta indicación está en inglés." in page


@pytest.mark.parametrize(
    ("modality", "said"),
    [(Modality.VIDEO, "By video, not in person"), (Modality.PHONE, "By phone, not in person")],
)
def test_a_visit_from_afar_gives_no_address(
    offer: Offer, visitor: Visitor, modality: Modality, said: str
) -> None:
    type(offer.slot).objects.filter(pk=offer.slot_id).update(modality=modality)
    page = words(visitor.get())
    assert said in page
    assert "Camelback Rd" not in page


def test_names_cannot_carry_markup(offer: Offer, visitor: Visitor) -> None:
    Patient.objects.filter(pk=offer.patient_id).update(given_name="<script>alert(1)</script>")
    page = visitor.get().content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_each_look_is_in_the_audit(offer: Offer, visitor: Visitor) -> None:
    visitor.get()
    entry = AuditEntry.objects.get(verb="crm.patient.viewed")
    assert (entry.patient_id, entry.actor_kind) == (offer.patient_id, "patient")
    assert entry.detail == {"what": f"offer {offer.pk}"}


def test_reads_the_page_in_six_statements(
    visitor: Visitor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The offer with all it names, whose phone it is now in four, and the audit.
    with django_assert_num_queries(6):
        visitor.get()


# --- yes ------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_yes_is_confirmed_with_the_clinic_and_then_booked(
    scene: Scene, offer: Offer, headers: dict[str, str]
) -> None:
    visitor = verified(offer)
    visitor.headers = headers
    answer = visitor.post("accept")
    visitor.headers = {}
    assert (answer.status_code, answer.url) == (302, visitor.url())
    assert status(offer) == OfferStatus.ACCEPTED
    assert offer.answered_by == "web"
    page = words(visitor.get())
    assert "We are confirming it with the clinic It is not booked yet." in page
    assert "You are booked" not in page
    assert "stays yours until" in page
    scene.settle()
    page = words(visitor.get())
    assert "You are booked" in page
    assert "It replaces your visit on Sat Jan 2, 10:00 AM." in page
    assert scene.texts_to(offer.patient)[-1] == "offer_confirmed_given_up"


def test_a_yes_is_by_the_patient_on_the_web(offer: Offer, visitor: Visitor) -> None:
    visitor.post("accept")
    entry = AuditEntry.objects.get(subject_type="waitlist.offer", to_status="accepted")
    assert (entry.actor_kind, entry.actor_label) == ("patient", "patient by web")


def test_a_yes_said_again_changes_nothing(offer: Offer, visitor: Visitor) -> None:
    visitor.post("accept")
    texts, audited = Message.objects.count(), AuditEntry.objects.count()
    assert visitor.post("accept").status_code == 302
    assert Message.objects.count() == texts
    assert AuditEntry.objects.count() == audited
    assert Appointment.objects.filter(patient=offer.patient, origin="firstcall").count() == 1


def test_while_the_clinic_gives_the_old_visit_up_the_page_says_so(
    scene: Scene, offer: Offer, visitor: Visitor
) -> None:
    visitor.post("accept")
    scene.settle()
    Appointment.objects.filter(pk=scene.later_visit(offer.patient).pk).update(
        status=AppointmentStatus.BOOKED, cancelled_at=None, cancelled_by=""
    )
    assert "We are now giving up your visit on Sat Jan 2, 10:00 AM" in words(visitor.get())


def test_another_visit_at_that_time_is_said_and_nothing_is_booked(
    offer: Offer, visitor: Visitor
) -> None:
    AppointmentFactory.create(patient=offer.patient, starts_at=offer.slot.starts_at)
    answer = visitor.post("accept")
    assert answer.status_code == 409
    assert "There is another visit at that time" in words(answer)
    assert "call (602) 555-0100" in words(answer)
    assert status(offer) == OfferStatus.SENT
    assert not Appointment.objects.filter(origin="firstcall").exists()


def test_a_rule_against_it_is_said_and_nothing_is_booked(offer: Offer, visitor: Visitor) -> None:
    type(offer.slot).objects.filter(pk=offer.slot_id).update(restriction="new-patients")
    AppointmentFactory.create(
        patient=offer.patient,
        role=offer.slot.role,
        status=AppointmentStatus.FULFILLED,
        starts_at=offer.slot.starts_at - dt.timedelta(days=90),
    )
    answer = visitor.post("accept")
    assert answer.status_code == 409
    assert "We could not book this time from here. Nothing has changed." in words(answer)
    assert status(offer) == OfferStatus.SENT
    assert not Appointment.objects.filter(origin="firstcall").exists()


# --- in line --------------------------------------------------------------------------


@pytest.fixture
def behind(scene: Scene, maria: Patient) -> Iterator[Visitor]:
    """Maria's browser, after somebody else has said yes."""
    first = scene.add_candidate(given_name="Ana")
    scene.free()
    scene.settle(hours=3)
    with time_machine.travel(scene.at, tick=False):
        verified(scene.offer_to(first)).post("accept")
        yield verified(scene.offer_to(maria))


def test_says_that_somebody_was_faster_and_offers_a_place_in_line(
    scene: Scene, behind: Visitor, maria: Patient
) -> None:
    page = words(behind.get())
    assert "Someone said yes before you" in page
    assert "Yes, put me in line" in page
    assert "It goes to the first person" not in page
    behind.post("accept")
    assert scene.offer_to(maria).status == OfferStatus.NEXT_IN_LINE
    assert "You are in line" in words(behind.get())
    assert "booked" not in words(behind.get())


def test_leaving_the_line_is_a_no_that_can_be_taken_back(
    scene: Scene, behind: Visitor, maria: Patient
) -> None:
    behind.post("accept")
    behind.post("decline")
    assert scene.offer_to(maria).status == OfferStatus.DECLINED
    page = words(behind.get())
    assert "You said no to this time" in page
    assert "Yes, put me in line" in page
    assert "It is still open" not in page


# --- no -------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_no_keeps_everything_and_can_be_taken_back(
    scene: Scene, offer: Offer, visitor: Visitor, headers: dict[str, str]
) -> None:
    visitor.headers = headers
    answer = visitor.post("decline")
    visitor.headers = {}
    assert (answer.status_code, answer.url) == (302, visitor.url())
    assert status(offer) == OfferStatus.DECLINED
    page = words(visitor.get())
    assert "You said no to this time You keep your place on our list" in page
    assert "Changed your mind? It is still open." in page
    visitor.post("decline")
    assert AuditEntry.objects.filter(to_status="declined").count() == 1
    visitor.post("accept")
    scene.settle()
    assert status(offer) == OfferStatus.WON


def test_a_no_after_the_yes_leaves_the_yes(offer: Offer, visitor: Visitor) -> None:
    visitor.post("accept")
    visitor.post("decline")
    assert status(offer) == OfferStatus.ACCEPTED


# --- over -----------------------------------------------------------------------------


def test_a_time_that_is_gone_is_said_kindly(scene: Scene, offer: Offer, visitor: Visitor) -> None:
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    page = words(visitor.get())
    assert "Sorry, this time is no longer open Saturday, November 21, 9:00 AM" in page
    assert "any visit you have stays as it is" in page
    assert "Is another time open?" in page


def test_a_yes_to_a_time_that_is_gone_books_nothing(
    scene: Scene, offer: Offer, visitor: Visitor
) -> None:
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    assert visitor.post("accept").status_code == 302
    assert status(offer) == OfferStatus.CLOSED
    assert not Appointment.objects.filter(origin="firstcall").exists()


def test_the_deadline_closes_the_page(scene: Scene, offer: Offer, visitor: Visitor) -> None:
    late = offer.opening.deadline_at + dt.timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        visitor = verified(offer)
        assert "The time to answer has passed" in words(visitor.get())
        visitor.post("accept")
    assert not Appointment.objects.filter(origin="firstcall").exists()


def test_a_refusal_by_the_clinic_is_said(scene: Scene, offer: Offer, visitor: Visitor) -> None:
    scene.ehr.refuse_next(422)
    visitor.post("accept")
    scene.settle()
    assert status(offer) == OfferStatus.REFUSED
    assert "the clinic could not confirm this time" in words(visitor.get())


def test_a_booked_visit_that_was_cancelled_is_no_longer_called_booked(
    scene: Scene, offer: Offer, visitor: Visitor
) -> None:
    visitor.post("accept")
    scene.settle()
    offer.refresh_from_db()
    assert offer.appointment is not None
    scene.cancel_in_ehr(offer.appointment)
    page = words(visitor.get())
    assert "This visit has changed" in page
    assert "You are booked" not in page
    assert visitor.get("calendar").status_code == 302


def test_a_booked_visit_that_moved_shows_its_new_time_and_place(
    scene: Scene, offer: Offer, visitor: Visitor
) -> None:
    visitor.post("accept")
    scene.settle()
    offer.refresh_from_db()
    assert offer.appointment is not None
    moved = offer.slot.starts_at + dt.timedelta(days=1, hours=2)
    place = LocationFactory.create(name="Tempe Health Center", short_name="Tempe")
    Appointment.objects.filter(pk=offer.appointment.pk).update(
        starts_at=moved, ends_at=moved + dt.timedelta(minutes=45), location=place
    )
    page = words(visitor.get())
    assert "Sunday, November 22 11:00 AM" in page
    assert "Tempe Health Center" in page
    assert "45 minutes" in page


# --- another opening ------------------------------------------------------------------


@pytest.fixture
def second(scene: Scene, maria: Patient) -> Iterator[Offer]:
    """Maria's first offer is gone, and another opening has her among its candidates.

    Returns her first offer.
    """
    other = scene.add_candidate(days=4, given_name="Ana")
    scene.free()
    first = scene.offer_to(maria)
    scene.cancel_in_ehr(scene.later_visit(other))
    scene.settle(minutes=1)
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle(minutes=1)
    with time_machine.travel(scene.at, tick=False):
        yield first


def test_leads_to_the_best_other_opening_without_asking_again(second: Offer) -> None:
    visitor = verified(second)
    answer = visitor.post("another")
    other = Offer.objects.get(patient=second.patient, status=OfferStatus.SENT)
    assert answer.url == f"/o/{other.token}/"
    assert "An earlier time is open" in words(visitor.client.get(answer.url))
    again = verified(second)  # the test's client keeps one cookie, not one for each path
    page = words(again.get())
    assert "Another time is open Wednesday, November 25 11:00 AM" in page
    assert "See this time" in page
    assert again.post("another").url == answer.url
    assert Offer.objects.filter(patient=second.patient).count() == 2


@pytest.mark.parametrize("is_sensitive", [True, False])
def test_names_a_sensitive_time_only_on_a_phone_that_may_hear_of_it(
    second: Offer, *, is_sensitive: bool
) -> None:
    verified(second).post("another")
    other = Offer.objects.get(patient=second.patient, status=OfferStatus.SENT)
    kind = VisitTypeFactory.create(is_sensitive=is_sensitive)
    Slot.objects.filter(pk=other.slot_id).update(visit_type=kind)
    PatientPhoneFactory.create(phone=second.phone)  # somebody else has the first one's phone
    same_phone = find_other_offer(second, at=other.offered_at)
    assert same_phone == other
    Offer.objects.filter(pk=other.pk).update(phone=PhoneFactory.create())
    found = find_other_offer(second, at=other.offered_at)
    assert found == (None if is_sensitive else other)


def test_a_late_yes_is_led_to_the_other_opening(second: Offer) -> None:
    visitor = verified(second)
    visitor.post("accept")
    assert "Another time is open" in words(visitor.get())


def test_says_so_when_no_other_time_is_open(scene: Scene, offer: Offer, visitor: Visitor) -> None:
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    answer = visitor.post("another")
    assert answer.url == f"{visitor.url()}?looked=1"
    assert "No other time is open for you right now." in words(visitor.client.get(answer.url))
    assert Offer.objects.filter(patient=offer.patient).count() == 1


def test_looks_for_no_other_opening_while_this_one_is_open(offer: Offer, visitor: Visitor) -> None:
    assert visitor.post("another").url == visitor.url()
    assert Offer.objects.filter(patient=offer.patient).count() == 1


# --- looking again by itself ----------------------------------------------------------


def test_an_unsettled_page_looks_again_and_loads_itself_when_it_is_settled(
    scene: Scene, visitor: Visitor
) -> None:
    visitor.post("accept")
    page = visitor.get().content.decode()
    assert f'hx-get="{visitor.url()}?seen=accepted"' in page
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    audited = AuditEntry.objects.count()
    visitor.headers = HTMX
    assert visitor.get(seen="accepted").status_code == 204
    assert AuditEntry.objects.count() == audited
    scene.settle()
    answer = visitor.get(seen="accepted")
    assert answer["HX-Refresh"] == "true"
    assert not answer.content
    visitor.headers = {}
    assert "hx-get" not in visitor.get().content.decode()


def test_looking_again_without_the_proof_loads_the_question(offer: Offer) -> None:
    stranger = Visitor(offer.token, HTMX)
    answer = stranger.get(seen="open")
    assert answer["HX-Refresh"] == "true"
    assert not answer.content


# --- the calendar file ----------------------------------------------------------------


def test_the_calendar_file_has_the_booked_time_in_neutral_words(
    scene: Scene, offer: Offer, visitor: Visitor
) -> None:
    visitor.post("accept")
    scene.settle()
    answer = visitor.get("calendar")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="visit.ics"'
    text = answer.content.decode().replace("\r\n ", "")
    assert "DTSTART:20261121T160000Z" in text
    assert "DTEND:20261121T163000Z" in text
    assert "SUMMARY:Visit at Camelback" in text
    assert "DESCRIPTION:Saturday\\, November 21\\, 9:00 AM (Arizona time)." in text
    for secret in ("Maria", "Cardiology", "Grace"):
        assert secret not in text
    assert "Cita en Camelback" in visitor.get("calendar", lang="es").content.decode()


def test_there_is_no_calendar_file_before_the_clinic_has_confirmed(visitor: Visitor) -> None:
    visitor.post("accept")
    assert visitor.get("calendar").url == visitor.url()


# --- methods --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("offer", "put"),
        ("offer", "delete"),
        ("accept", "get"),
        ("decline", "get"),
        ("another", "get"),
        ("accept", "delete"),
        ("calendar", "post"),
    ],
)
def test_refuses_the_wrong_method_and_changes_nothing(
    offer: Offer, visitor: Visitor, name: str, method: str
) -> None:
    assert getattr(visitor.client, method)(visitor.url(name)).status_code == 405
    assert status(offer) == OfferStatus.SENT


def test_refuses_an_answer_from_another_site(offer: Offer) -> None:
    visitor = verified(offer)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.client.cookies
    assert strict.post(visitor.url("accept")).status_code == 403
    assert status(offer) == OfferStatus.SENT


def test_another_zone_is_said_by_its_own_clock(scene: Scene, offer: Offer) -> None:
    clinic = ClinicFactory.create(location=LocationFactory.create(zone="America/Chicago"))
    type(offer.slot.role).objects.filter(pk=offer.slot.role_id).update(clinic=clinic)
    page = words(verified(offer).get())
    assert "Saturday, November 21 10:00 AM Central time" in page
