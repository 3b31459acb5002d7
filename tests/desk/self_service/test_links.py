"""Booking links for staff: made, printed, texted, switched off, counted."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Role
from outreach.models import Message
from scheduling.models import BookingLink, OnlineVisit
from tests.cast import Cast
from tests.desk.self_service.handset import NUMBER, Handset, known, link, open_online
from tests.factories import NOW
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import words

PAGES = ("book-links:links", "book-links:export")
OF_ONE = ("book-links:link", "book-links:print", "book-links:qr")
CARE = {Role.AGENT, Role.NURSE, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_and_who_may_keep(cast: Cast, client: Client, role: Role) -> None:
    made = link()
    client.force_login(cast.staff(role))
    for name in PAGES:
        assert client.get(reverse(name)).status_code == (200 if role in CARE else 403)
    for name in OF_ONE:
        assert client.get(reverse(name, args=[made.pk])).status_code == (
            200 if role in CARE else 403
        )
    keeps = role in {Role.MANAGER, Role.ADMIN}
    answers = [
        client.post(reverse("book-links:links"), {"name": "Door"}),
        client.post(reverse("book-links:switch", args=[made.pk]), {"on": "0"}),
    ]
    assert [answer.status_code for answer in answers] == [302 if keeps else 403] * 2
    made.refresh_from_db()
    assert (BookingLink.objects.count(), made.is_active) == ((2, False) if keeps else (1, True))


def test_nobody_comes_in_without_signing_in(db: None, client: Client) -> None:
    made = link()
    for address in (*map(reverse, PAGES), *(reverse(name, args=[made.pk]) for name in OF_ONE)):
        assert client.get(address).headers["Location"].startswith("/sign-in/")


def test_the_code_is_an_svg_of_the_address(cast: Cast, client: Client) -> None:
    made = link()
    client.force_login(cast.agent)
    answer = client.get(reverse("book-links:qr", args=[made.pk]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content
    other = client.get(reverse("book-links:qr", args=[link().pk]))
    assert answer.content != other.content
    assert f"/book/{made.token}/" in words(client.get(reverse("book-links:link", args=[made.pk])))


def test_what_does_not_go_together_is_refused(cast: Cast, scene: Scene, client: Client) -> None:
    open_online(scene)
    elsewhere = Scene()
    open_online(elsewhere)
    client.force_login(cast.manager)
    chosen = {
        "name": "Wrong",
        "role": str(scene.role.pk),
        "location": str(elsewhere.role.clinic.location_id),
    }
    answer = client.post(reverse("book-links:links"), chosen)
    assert answer.status_code == 422
    assert "This clinician is not at that site." in words(answer)
    assert not BookingLink.objects.exists()


class TestSending:
    """A link by text: the send function decides."""

    def send(self, cast: Cast, client: Client, number: str = NUMBER) -> object:
        made = link()
        client.force_login(cast.agent)
        with time_machine.travel(NOW, tick=False):
            address = reverse("book-links:send", args=[made.pk])
            return client.post(address, {"phone": number})

    def test_goes_to_the_one_patient_who_has_the_phone(
        self, cast: Cast, scene: Scene, client: Client
    ) -> None:
        rosa = known()
        assert self.send(cast, client).status_code == 302  # type: ignore[attr-defined]
        scene.settle()
        sent = Message.objects.get(patient=rosa, sent_at__isnull=False)
        assert (sent.purpose, f"/book/{BookingLink.objects.get().token}/" in sent.body) == (
            "recall",
            True,
        )

    @pytest.mark.parametrize(
        ("case", "why"),
        [
            ("nobody", "Nobody on record has this phone"),
            ("two", "More than one person on record has this phone"),
            ("no consent", "Nobody has agreed to such texts on this phone."),
            ("stopped", "This phone has opted out of texts."),
        ],
    )
    def test_says_why_not_and_queues_nothing(
        self, cast: Cast, scene: Scene, client: Client, case: str, why: str
    ) -> None:
        if case != "nobody":
            rosa = known()
            if case == "two":
                known(given_name="Leo")
            if case == "no consent":
                scene.reply(rosa, "STOP")
                type(rosa.phones.get()).objects.filter(pk=rosa.phones.get().pk).update(
                    number="+16025550111"
                )
                from tests.factories import PatientPhoneFactory, PhoneFactory

                PatientPhoneFactory.create(patient=rosa, phone=PhoneFactory.create(number=NUMBER))
            if case == "stopped":
                scene.reply(rosa, "STOP")
        before = Message.objects.count()
        answer = self.send(cast, client)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert why in words(answer)
        assert Message.objects.count() == before


def test_a_clinic_opens_and_closes_what_patients_may_book(
    cast: Cast, scene: Scene, client: Client
) -> None:
    client.force_login(cast.manager)
    address, clinic = reverse("book-links:online"), str(scene.role.clinic.pk)
    kind = str(scene.visit_type.pk)
    names = {f"en-{kind}": " Heart  checkup ", f"es-{kind}": "Control del corazón"}
    for _ in range(2):
        client.post(address, {"clinic": clinic, "kind": [kind, "x", "99999"], **names})
    online = OnlineVisit.objects.get()
    assert (online.visit_type, online.name_en) == (scene.visit_type, "Heart checkup")
    assert "Control del corazón" in client.get(reverse("book-links:links")).content.decode()
    assert AuditEntry.objects.filter(verb="scheduling.clinic.online-visits").count() == 1
    client.post(address, {"clinic": clinic})
    assert not OnlineVisit.objects.exists()
    client.force_login(cast.agent)
    assert client.post(address, {"clinic": clinic, "kind": "1"}).status_code == 403


def test_figures_tell_what_became_of_sessions(cast: Cast, handset: Handset, client: Client) -> None:
    handset.link = link().token
    handset.begin("I have chest pain")
    handset.begin()
    client.force_login(cast.agent)
    sheet = client.get(reverse("book-links:export")).content.decode()
    assert sheet.splitlines()[1].endswith(",2,0,0,1")
