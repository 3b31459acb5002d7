"""What whoever speaks may hear and have done, and that each look is written down once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine

from crm.actions.verifying import NotTheirProxy, check_may_speak_for
from crm.models import (
    AuditEntry,
    Interaction,
    Patient,
    PatientPhone,
    Phone,
    Proxy,
    Task,
    Verification,
)
from crm.states import Channel, ProxyScope, Sensitivity, Speaker, TaskKind
from desk.queries.script_facts import read_facts
from desk.rules.scripts import read_script
from desk.screen.callback_reading import phone_to_call
from desk.screen.contact import read_contact
from desk.screen.panels import timeline
from scheduling.models import Appointment, Hold
from scheduling.states import AppointmentStatus
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import (
    NOW,
    AppointmentFactory,
    MessageFactory,
    OfferFactory,
    PatientFactory,
    PhoneFactory,
    ProxyFactory,
    SlotFactory,
    VisitTypeFactory,
)
from waitlist.states import OfferStatus

pytestmark = pytest.mark.django_db

NOT_THEIRS = "Not for whoever speaks"


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def sign_in(desk: Desk) -> None:
    """Anew: days have passed."""
    desk.client.force_login(desk.agent, backend="django.contrib.auth.backends.ModelBackend")


def as_proxy(desk: Desk, *scope: ProxyScope) -> None:
    """A daughter speaks, with the right to these."""
    desk.know()
    proxy = Proxy.objects.create(
        patient=desk.patient, name="Bea", relationship="daughter", scope=list(scope)
    )
    Verification.objects.filter(passed=True).update(speaker=Speaker.PROXY, proxy=proxy)
    Interaction.objects.filter(pk=desk.contact.pk).update(speaker=Speaker.PROXY)


def quiet_visit(desk: Desk) -> Appointment:
    """Of a sensitive kind."""
    kind = VisitTypeFactory.create(is_sensitive=True, name="Quiet clinic")
    made: Appointment = AppointmentFactory.create(
        patient=desk.patient, visit_type=kind, starts_at=NOW + dt.timedelta(days=3)
    )
    return made


class TestWhoMayNotHearOfVisits:
    @pytest.fixture
    def visit(self, desk: Desk) -> Appointment:
        as_proxy(desk, ProxyScope.BILLING)
        made: Appointment = AppointmentFactory.create(patient=desk.patient)
        return made

    def test_is_told_none_in_any_panel(self, desk: Desk, visit: Appointment) -> None:
        Task.objects.create(
            patient=desk.patient,
            kind=TaskKind.ANSWER_TEXT,
            title="Ask about it",
            due_at=NOW,
            created_at=NOW,
        )
        shown = text_of(desk.get("panel", "appointments"))
        assert NOT_THEIRS in shown
        assert "Cardiology" not in shown
        story = timeline.panel(read_contact(desk.contact.pk), at=NOW)
        assert {line.is_now for line in story["lines"]} == {True}

    def test_has_none_given_up_moved_or_booked(self, desk: Desk, visit: Appointment) -> None:
        refused = desk.post("cancel", visit.pk, code="patient-request")
        assert refused.status_code == 409
        assert "may not hear of their visits" in text_of(refused)
        assert desk.post("offer", 1, answer="yes").status_code == 409
        visit.refresh_from_db()
        assert visit.status == AppointmentStatus.BOOKED

    def test_sees_why_nothing_can_be_booked_before_it_is_pressed(
        self, desk: Desk, visit: Appointment
    ) -> None:
        slot = SlotFactory.create(visit_type=visit.visit_type)
        query = f"visit_type={slot.visit_type_id}"
        desk.post("reason", call_type="book")
        page = text_of(desk.post("hold", slot.pk, query=query))
        book = re.search(r'<button[^>]*id="do-next"[^>]*>', page)
        assert book
        assert " disabled" in book[0]
        assert 'aria-describedby="no-book"' in book[0]
        assert "may not hear of their visits, nor change them" in page
        hold = Hold.objects.get()
        assert desk.post("book", hold.pk, query=f"{query}&hold={hold.pk}").status_code == 409
        Interaction.objects.filter(pk=desk.contact.pk).update(speaker=Speaker.PATIENT)
        Verification.objects.update(speaker=Speaker.PATIENT)
        page = text_of(desk.get("talk", query=f"{query}&hold={hold.pk}"))
        book = re.search(r'<button[^>]*id="do-next"[^>]*>', page)
        assert book
        assert " disabled" not in book[0]

    def test_hears_none_from_the_script(self, desk: Desk, visit: Appointment) -> None:
        desk.patient.email = "rosa@example.org"
        desk.patient.save()
        contact = read_contact(desk.contact.pk)
        script = read_script(
            {
                "steps": [
                    {
                        "key": "say",
                        "kind": "say",
                        "words": "{patient.name} {patient.email} {visit.next} {coverage.payer}",
                        "words_es": "{patient.name}",
                    }
                ]
            }
        )
        known = read_facts(contact.interaction, script, line=None, is_verified=True, at=NOW).known
        assert known.keys() & {"visit.next", "patient.email"} == set()
        assert known["patient.name"] == "Rosa Delgado"
        Interaction.objects.filter(pk=desk.contact.pk).update(speaker=Speaker.PATIENT)
        fresh = Interaction.objects.get(pk=desk.contact.pk)
        known = read_facts(fresh, script, line=None, is_verified=True, at=NOW).known
        assert {"visit.next", "patient.email"} <= known.keys()


class TestWhoMayNotHearWhatIsSensitive:
    def test_is_told_the_others(self, desk: Desk) -> None:
        as_proxy(desk, ProxyScope.SCHEDULING)
        AppointmentFactory.create(patient=desk.patient)
        quiet = quiet_visit(desk)
        MessageFactory.create(patient=desk.patient, body="About your quiet clinic")
        Task.objects.create(
            patient=desk.patient,
            kind=TaskKind.ANSWER_TEXT,
            title="Quiet matter",
            due_at=NOW,
            created_at=NOW,
        )
        shown = text_of(desk.get("panel", "appointments")) + text_of(desk.get("panel", "timeline"))
        assert "Cardiology" in shown
        assert "quiet" not in shown.lower()
        assert desk.get("cancel", quiet.pk).status_code == 404

    def test_has_none_of_it_moved_or_taken(self, desk: Desk) -> None:
        """Though the patient spoke before, and the page is still about it."""
        quiet = quiet_visit(desk)
        about = f"visit_type={quiet.visit_type_id}&moves={quiet.pk}"
        offer = OfferFactory.create(
            opening__slot__visit_type=quiet.visit_type,
            candidate__patient=desk.patient,
            status=OfferStatus.SENT,
        )
        desk.know()
        assert desk.get("talk", query=about).context["moves"] == quiet
        as_proxy(desk, ProxyScope.SCHEDULING)
        assert desk.get("talk", query=about).context["moves"] is None
        assert desk.post("offer", offer.pk, answer="yes").status_code == 404
        offer.refresh_from_db()
        assert offer.status == OfferStatus.SENT

    def test_is_asked_to_give_none_of_it_up(self, desk: Desk) -> None:
        """For an earlier time of that kind, which they may have named themselves."""
        quiet = quiet_visit(desk)
        earlier = SlotFactory.create(
            visit_type=quiet.visit_type, starts_at=NOW + dt.timedelta(days=1, hours=2)
        )
        about = f"visit_type={quiet.visit_type_id}"
        desk.know()
        desk.post("hold", earlier.pk, query=about)
        hold = Hold.objects.get()
        held = f"{about}&hold={hold.pk}"
        assert desk.get("talk", query=held).context["held"].later == [quiet]
        as_proxy(desk, ProxyScope.SCHEDULING)
        assert desk.get("talk", query=held).context["held"].later == []
        desk.post("book", hold.pk, query=held, gives_up=str(quiet.pk))
        assert not Appointment.objects.filter(gives_up=quiet).exists()

    def test_and_the_patient_is_told_all(self, desk: Desk) -> None:
        desk.know()
        quiet_visit(desk)
        shown = text_of(desk.get("panel", "appointments")) + text_of(desk.get("panel", "timeline"))
        assert shown.count("Quiet clinic") == 2


class TestRightsThatEnd:
    def test_the_day_a_right_ends_is_the_first_without_it(self, desk: Desk) -> None:
        today = NOW.date()
        proxy = ProxyFactory.create(patient=desk.patient, ends_on=today, court_restriction="")
        with pytest.raises(NotTheirProxy):
            check_may_speak_for(desk.patient, proxy, on=today)
        check_may_speak_for(desk.patient, proxy, on=today - dt.timedelta(days=1))

    def test_a_right_until_an_age_is_none_where_nobody_knows_the_age(self, desk: Desk) -> None:
        proxy = ProxyFactory.create(patient=desk.patient, until_age=18, court_restriction="")
        desk.patient.birth_on = None
        with pytest.raises(NotTheirProxy):
            check_may_speak_for(desk.patient, proxy, on=NOW.date())


class TestLabels:
    def test_a_merged_name_of_a_private_patient_is_not_told(self, desk: Desk) -> None:
        PatientFactory.create(
            given_name="Rosaura", family_name="Quintana", birth_on=desk.patient.birth_on,
            merged_into=desk.patient, merged_at=NOW,
        )  # fmt: skip
        assert "Rosaura" in text_of(desk.post("people", said="rosaura quintana"))
        Patient.objects.filter(pk=desk.patient.pk).update(sensitivity=[Sensitivity.VIP])
        found = desk.post("people", said="rosaura quintana").context["found"]
        assert [(one.name, one.under) for one in found] == [("R. D.", "")]

    def test_nor_the_name_of_one_who_looks_alike(self, desk: Desk) -> None:
        Patient.objects.filter(pk=desk.patient.pk).update(sensitivity=[Sensitivity.VIP])
        said = {"given": "Rosa", "family": "Delgado", "born": "3/14/1972", "sex": "female"}
        asked = text_of(desk.post("register", **said, language="en", compared=""))
        assert "<li>R. D.</li>" in asked


class TestTexts:
    def test_before_proof_only_those_of_this_contact_show(self, cast: Cast, desk: Desk) -> None:
        Interaction.objects.filter(pk=desk.contact.pk).update(
            channel=Channel.SMS, patient=desk.patient
        )
        common = {"patient": desk.patient, "inbound": True}
        MessageFactory.create(**common, phone=cast.phone, body="Asks now", interaction=desk.contact)
        MessageFactory.create(**common, phone=PhoneFactory.create(), body="Another phone")
        MessageFactory.create(**common, phone=cast.phone, body="Long before")
        shown = text_of(desk.get("talk"))
        assert "Asks now" in shown
        assert "Another phone" not in shown
        assert "Long before" not in shown
        desk.know()
        assert "Another phone" in text_of(desk.get("talk"))

    def test_whoever_they_name_is_audited(self, cast: Cast, desk: Desk) -> None:
        Interaction.objects.filter(pk=desk.contact.pk).update(channel=Channel.SMS)
        MessageFactory.create(
            patient=desk.patient, phone=cast.phone, inbound=True, interaction=desk.contact
        )
        desk.get("talk")
        assert AuditEntry.objects.filter(
            detail__what="contact texts", patient_id=desk.patient.pk
        ).exists()


class TestEachLook:
    def views(self) -> int:
        return AuditEntry.objects.filter(
            verb="crm.patient.viewed", detail__what="desk contact"
        ).count()

    def test_at_any_part_is_written_down(self, desk: Desk) -> None:
        desk.know()
        for part in ("talk", "side", "rest"):
            before = self.views()
            desk.get(part, query="seen_by=x")
            assert self.views() == before + 1
        before = self.views()
        desk.get("panel", "labs")
        assert self.views() == before + 1

    def test_at_a_page_is_one_row_whatever_its_parts_ask(self, desk: Desk) -> None:
        desk.know()
        before = self.views()
        page = desk.get("contact").content.decode()
        parts = set(re.findall(r'hx-get="(/desk/\d+/(?:talk|side|rest|panels)/[^"]*)"', page))
        tokens = re.search(r'name="seen_by" value="([^"]+)"', page)
        assert tokens
        asked = [part.replace("&amp;", "&") for part in parts if "seen_by=" in part]
        assert len(asked) >= 5
        for part in [*asked, f"{desk.url('side')}?seen_by={tokens[1]}"]:
            assert desk.client.get(part).status_code == 200
        assert self.views() == before + 1

    def test_at_whoever_waits_is_written_down_once_for_each(self, desk: Desk) -> None:
        desk.know()
        rows = AuditEntry.objects.filter(detail__what="desk waiting")
        rows_before = rows.count()
        listed = desk.client.get("/desk/left/").context["listed"]
        assert rows.count() == rows_before + 1
        other = PatientFactory.create()
        Task.objects.create(
            patient=other,
            owner=desk.agent,
            kind=TaskKind.ANSWER_TEXT,
            title="Call",
            due_at=NOW,
            created_at=NOW,
        )
        desk.client.get("/desk/left/", {"listed": listed})
        assert rows.count() == rows_before + 2
        assert rows.latest("pk").patient_id == other.pk


class TestCallingBack:
    def test_goes_to_the_confidential_phone_where_a_label_asks_for_it(
        self, cast: Cast, desk: Desk
    ) -> None:
        quiet = PhoneFactory.create()
        PatientPhone.objects.create(patient=desk.patient, phone=quiet, rank=2, is_confidential=True)
        assert self.call(desk.patient, cast.phone) == cast.phone
        desk.patient.sensitivity = [Sensitivity.DOMESTIC_VIOLENCE]
        desk.patient.save()
        assert self.call(desk.patient, cast.phone) == quiet
        assert self.call(desk.patient, None) == quiet
        assert self.call(desk.patient, PhoneFactory.create()) == quiet

    def test_goes_where_a_partner_asked_for_it(self, desk: Desk) -> None:
        theirs = PhoneFactory.create()
        assert self.call(desk.patient, theirs, Speaker.PHARMACY) == theirs
        assert self.call(desk.patient, None, Speaker.PHARMACY) is None

    def call(
        self, patient: Patient, asked: Phone | None, speaker: Speaker = Speaker.PATIENT
    ) -> Phone | None:
        return phone_to_call(patient, asked, speaker=speaker, at=NOW)


class TestVisitsWhoseSiteIsNotKnown:
    def test_show_by_the_patients_clock_on_each_page(self, desk: Desk) -> None:
        kind = VisitTypeFactory.create(preparation="Bring your list.")
        visit = AppointmentFactory.create(
            patient=desk.patient, visit_type=kind, location=None, role=None, provider=None,
            starts_at=dt.datetime(2026, 12, 1, 16, 40, tzinfo=dt.UTC),
        )  # fmt: skip
        desk.know()
        for response in (
            desk.get("panel", "appointments"),
            desk.get("panel", "sending"),
            desk.get("cancel", visit.pk),
        ):
            assert "9:40 AM" in text_of(response)
        desk.post("reason", call_type="book")
        query = f"visit_type={kind.pk}&moves={visit.pk}"
        assert desk.get("contact", query=query).status_code == 200


class TestDays:
    #: Eight in the evening of Nov 20 in Phoenix.
    EVENING = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)

    def test_go_by_the_patients_clock(self, desk: Desk) -> None:
        Patient.objects.filter(pk=desk.patient.pk).update(birth_on=dt.date(1972, 11, 21))
        desk.post("identify", patient=desk.patient.pk, said="rosa delgado 11/21/1972")
        with time_machine.travel(self.EVENING, tick=False):
            sign_in(desk)
            contact = read_contact(desk.contact.pk)
            assert contact.day_of(self.EVENING) == dt.date(2026, 11, 20)
            assert desk.get("talk").context["age"] == 53

    def test_a_right_that_ends_tomorrow_there_holds_today(self, desk: Desk) -> None:
        proxy = ProxyFactory.create(
            patient=desk.patient, ends_on=dt.date(2026, 11, 21), court_restriction=""
        )
        with time_machine.travel(self.EVENING, tick=False):
            sign_in(desk)
            desk.post("identify", patient=desk.patient.pk)
            desk.post("verify", said="rosa delgado 3/14/1972", speaks=proxy.pk)
        assert Verification.objects.get().proxy == proxy
