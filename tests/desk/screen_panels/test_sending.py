"""What to do before a visit, by link: sent by the one function, read by whom it is for."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.models import ConsentEntry, InteractionStep, Patient, PatientPhone, Phone
from crm.states import Channel, ConsentDecision, ProxyScope, Purpose, Sensitivity, StepKind
from desk.preparation_words import all_words
from outreach.models import Message
from outreach.rules.wording import find_health_words
from outreach.states import MessageStatus
from scheduling.models import Appointment, Location, PreparationLink, VideoVisit, VisitType
from scheduling.states import AppointmentStatus, VideoStatus
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen_panels.conftest import panel, proxy_speaks, said
from tests.factories import NOW, AppointmentFactory, VisitTypeFactory

FAST = "Do not eat after midnight."
BIRTH = {"month": "3", "day": "14", "year": "1972"}


@pytest.fixture
def visit(known: Desk) -> Appointment:
    kind = VisitTypeFactory.create(preparation=FAST)
    made: Appointment = AppointmentFactory.create(patient=known.patient, visit_type=kind)
    return made


@pytest.fixture
def link(visit: Appointment, known: Desk) -> PreparationLink:
    known.post("send", visit.pk, "preparation")
    return PreparationLink.objects.select_related("appointment").get()


def page(link: PreparationLink) -> str:
    return reverse("preparation:visit", args=[link.token])


def reader(link: PreparationLink) -> Client:
    client = Client()
    assert client.post(page(link), BIRTH).status_code == 302
    return client


def test_texts_a_link_that_says_nothing_of_the_visit(known: Desk, visit: Appointment) -> None:
    answer = known.post("send", visit.pk, "preparation")
    assert "waits to go out" in said(answer)
    text = Message.objects.get()
    assert f"/p/{PreparationLink.objects.get().token}/" in text.body
    assert "midnight" not in text.body
    assert not find_health_words(text.body)
    assert text.purpose == Purpose.CONFIRMATION
    step = InteractionStep.objects.get(kind=StepKind.TELL)
    assert (step.code, step.subject_id) == ("preparation-link", visit.pk)
    known.post("send", visit.pk, "preparation")
    assert Message.objects.count() == 1


def test_texts_again_where_it_did_not_come_through(link: PreparationLink, known: Desk) -> None:
    Message.objects.update(status=MessageStatus.FAILED)
    assert "did not arrive" in panel(known, "sending")
    known.post("send", link.appointment_id, "preparation")
    assert Message.objects.count() == 2
    assert PreparationLink.objects.count() == 1


def test_says_why_no_text_may_go_and_reads_it_out(known: Desk, visit: Appointment) -> None:
    phone = Phone.objects.get(patients=known.patient)
    ConsentEntry.objects.create(
        phone=phone,
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        decision=ConsentDecision.REVOKED,
        at=NOW - dt.timedelta(hours=1),
        source="sms-keyword",
        recorded_by="test",
    )
    shown = panel(known, "sending")
    assert "opted out" in shown
    assert FAST in shown
    assert "Text link" not in shown
    assert known.post("send", visit.pk, "preparation").status_code == 409
    assert not Message.objects.exists()
    assert "Noted that you read it" in said(known.post("read-out", visit.pk))
    assert InteractionStep.objects.get(kind=StepKind.TELL).code == "preparation-read"


def test_says_that_it_was_read_out_and_writes_it_down_once(known: Desk, visit: Appointment) -> None:
    assert "Noted that you read it to them." not in panel(known, "sending")
    for _ in range(2):
        assert "Noted that you read it to them." in said(known.post("read-out", visit.pk))
    assert "Noted that you read it to them." in panel(known, "sending")
    assert "I read it to them" not in panel(known, "sending")
    assert InteractionStep.objects.filter(code="preparation-read").count() == 1


def test_says_from_when_a_text_may_go(known: Desk, visit: Appointment) -> None:
    with time_machine.travel(NOW.replace(hour=9), tick=False):  # 2 AM in Phoenix
        shown = panel(known, "sending")
        assert "Texts go out from" in shown
        assert "Text it then" in shown


def test_texts_the_way_into_a_visit_by_video(known: Desk, visit: Appointment) -> None:
    video = VideoVisit.objects.create(appointment=visit, created_at=NOW)
    assert known.post("send", visit.pk, "video").status_code == 404
    VideoVisit.objects.update(status=VideoStatus.READY, patient_url="https://meet.example.org/r")
    known.post("send", visit.pk, "video")
    body = Message.objects.get().body
    assert f"/t/{video.token}/" in body
    assert "meet.example.org" not in body


@pytest.mark.parametrize(
    "changed",
    [
        {"status": AppointmentStatus.CANCELLED},
        {"starts_at": NOW - dt.timedelta(days=1), "ends_at": NOW - dt.timedelta(hours=23)},
    ],
)
def test_sends_nothing_of_a_visit_that_is_not_ahead(
    known: Desk, visit: Appointment, changed: dict[str, object]
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(**changed)
    assert known.post("send", visit.pk, "preparation").status_code == 404
    assert not Message.objects.exists()


def test_tells_nothing_to_whoever_may_not_hear_of_visits(known: Desk, visit: Appointment) -> None:
    proxy_speaks(known, ProxyScope.BILLING)
    assert FAST not in panel(known, "sending")
    assert known.post("send", visit.pk, "preparation").status_code == 404
    VisitType.objects.update(is_sensitive=True)
    proxy_speaks(known, ProxyScope.SCHEDULING)
    assert FAST not in panel(known, "sending")
    assert not Message.objects.exists()


def test_nobody_else_sends(known: Desk, visit: Appointment, cast: Cast) -> None:
    for user, status in ((cast.nurse, 409), (cast.marketing, 403)):
        known.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert known.post("send", visit.pk, "preparation").status_code == status
        assert known.post("read-out", visit.pk).status_code == status
    assert not Message.objects.exists()
    assert not InteractionStep.objects.filter(kind=StepKind.TELL).exists()


def test_texts_and_reads_out_where_it_is_where_there_is_nothing_to_do(known: Desk) -> None:
    visit = AppointmentFactory.create(patient=known.patient, status=AppointmentStatus.REQUESTED)
    Location.objects.update(address_line="12 Elm St", city="Mesa", state="AZ", postal_code="85201")
    assert "Day, time and the way there" not in panel(known, "sending")
    assert known.post("send", visit.pk, "place").status_code == 404
    Appointment.objects.update(status=AppointmentStatus.BOOKED)
    shown = panel(known, "sending")
    assert "Day, time and the way there" in shown
    assert "12 Elm St, Mesa, AZ 85201" in shown
    assert "waits to go out" in said(known.post("send", visit.pk, "place"))
    link = PreparationLink.objects.select_related("appointment").get()
    assert f"/p/{link.token}/" in Message.objects.get().body
    read = said(reader(link).get(page(link)))
    assert "12 Elm St, Mesa, AZ 85201" in read
    assert "openstreetmap.org/search?query=12+Elm+St" in read
    known.post("read-out", visit.pk)
    codes = InteractionStep.objects.filter(kind=StepKind.TELL).values_list("code", flat=True)
    assert set(codes) == {"place-link", "place-read"}


def test_the_page_of_a_labeled_patient_does_not_say_where(link: PreparationLink) -> None:
    Location.objects.update(address_line="12 Elm St")
    assert "12 Elm St" in said(reader(link).get(page(link)))
    Patient.objects.update(sensitivity=[Sensitivity.VIP])
    assert "12 Elm St" not in said(reader(link).get(page(link)))


# --- the patient's page ----------------------------------------------------------------


def test_shows_nothing_before_the_date_of_birth(link: PreparationLink) -> None:
    client = Client()
    first = said(client.get(page(link)))
    unknown = said(client.get(reverse("preparation:visit", args=["nothing-like-it"])))
    assert FAST not in first
    assert "Rosa" not in first
    assert first.count("<input") == unknown.count("<input")
    assert client.post(page(link), BIRTH | {"year": "1973"}).status_code == 422
    link.refresh_from_db()
    assert (link.failed_checks, link.opened_at) == (1, None)


def test_shows_what_to_do_in_both_languages(link: PreparationLink, known: Desk) -> None:
    client = reader(link)
    shown = client.get(page(link))
    assert FAST in said(shown)
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Antes de su cita" in said(client.get(f"{page(link)}?lang=es"))
    assert "they have read it" in panel(known, "sending")


def test_locks_after_too_many_dates(link: PreparationLink) -> None:
    client, wrong = Client(), BIRTH | {"year": "1973"}
    answers = [client.post(page(link), wrong).status_code for _ in range(6)]
    assert (answers[0], answers[-1]) == (422, 403)
    assert client.post(page(link), BIRTH).status_code == 403
    link.refresh_from_db()
    assert link.opened_at is None


def test_asks_them_to_call_where_a_label_stands(link: PreparationLink, known: Desk) -> None:
    Patient.objects.filter(pk=known.patient.pk).update(sensitivity=[Sensitivity.VIP])
    shown = said(reader(link).get(page(link)))
    assert FAST not in shown
    assert "Please call" in shown


def test_is_over_with_the_visit_or_the_phone(link: PreparationLink) -> None:
    client = reader(link)
    Appointment.objects.update(status=AppointmentStatus.CANCELLED)
    assert FAST not in said(client.get(page(link)))
    Appointment.objects.update(status=AppointmentStatus.BOOKED)
    assert FAST in said(client.get(page(link)))
    PatientPhone.objects.update(ended_on=NOW.date() - dt.timedelta(days=1))
    assert FAST not in said(client.get(page(link)))


def test_every_sentence_exists_in_both_languages() -> None:
    for key, words in all_words().items():
        assert words.en, key
        assert words.es, key
        assert "!" not in words.en + words.es
