"""Who speaks: nobody is taken for the patient unasked, and partners are who their call says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils.html import escape

from crm.engine import Actor
from crm.models import Answer, Interaction, InteractionStep, Patient, Proxy, Verification
from crm.states import ProxyScope, Role, Speaker
from desk.actions.articles import add_article, publish_article
from desk.actions.scripts import add_script, publish_script
from desk.models import CallType
from desk.rules.scripts import read_script
from desk.screen.contact import read_contact
from desk.screen.panels import PANELS
from desk.states import Proof
from scheduling.models import Location
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, AppointmentFactory, PatientFactory, ProxyFactory

pytestmark = pytest.mark.django_db

SAID = "rosa delgado 3/14/1972"


def kind(code: str, *speakers: Speaker, proof: Proof = Proof.CALLBACK_NUMBER) -> CallType:
    return CallType.objects.create(
        code=code, name=code.title(), need=code, words=[code], speakers=speakers, proof=proof
    )


def script(
    desk: Desk, call_type: str, *steps: Any, code: str = "all", site: Location | None = None
) -> None:
    """Published for a kind of call, perhaps at one site."""
    by = Actor.user(desk.agent)
    made = add_script(
        code=code,
        name=code,
        call_type=CallType.objects.get(code=call_type),
        location=site,
        script=read_script({"steps": list(steps)}),
        by=by,
        at=NOW,
    )
    key = made.versions.get().pk
    publish_script(version_id=key, revision=0, reason="new", by=by, at=NOW)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def mother(desk: Desk) -> Proxy:
    """May speak for the patient, who is fifteen."""
    Patient.objects.filter(pk=desk.patient.pk).update(birth_on=NOW.date() - dt.timedelta(15 * 366))
    made: Proxy = ProxyFactory.create(
        patient=desk.patient, name="Ana Sol", scope=[ProxyScope.SCHEDULING], court_restriction=""
    )
    return made


@pytest.fixture
def born(mother: Proxy) -> str:
    return f"{Patient.objects.get(pk=mother.patient_id).birth_on:%m/%d/%Y}"


class TestTheirOwnCalls:
    def test_an_adult_whom_nobody_speaks_for_is_verified_by_two_identifiers_alone(
        self, desk: Desk
    ) -> None:
        desk.post("identify", patient=desk.patient.pk)
        assert desk.post("verify", said="3/14/1972 85016").status_code == 200
        assert Verification.objects.get().speaker == Speaker.PATIENT

    def test_where_somebody_may_speak_for_them_nobody_is_verified_unasked(
        self, desk: Desk, mother: Proxy, born: str
    ) -> None:
        found = text_of(desk.post("people", said=f"rosa delgado {born}"))
        assert "It is them, verified" not in found
        assert escape(str(mother)) in found
        asked = text_of(desk.post("identify", patient=desk.patient.pk, said=f"rosa delgado {born}"))
        assert not Verification.objects.exists()
        assert f'value="rosa delgado {born}"' in asked  # typed once
        refused = desk.post("verify", said=f"rosa delgado {born}")
        assert refused.status_code == 422
        assert "Choose who speaks first" in text_of(refused)
        assert not Verification.objects.exists()

    def test_a_child_is_not_taken_for_the_caller_either(self, desk: Desk, born: str) -> None:
        Proxy.objects.all().delete()
        desk.post("identify", patient=desk.patient.pk, said=f"rosa delgado {born}")
        assert not Verification.objects.exists()
        desk.post("verify", said=f"rosa delgado {born}", speaks="patient")
        assert Verification.objects.get().passed

    def test_who_speaks_is_chosen_beside_the_found(
        self, desk: Desk, mother: Proxy, born: str
    ) -> None:
        said = f"rosa delgado {born}"
        desk.post("identify", patient=desk.patient.pk, said=said, speaks=mother.pk)
        tried = Verification.objects.get()
        assert (tried.passed, tried.speaker, tried.proxy) == (True, Speaker.PROXY, mother)
        assert desk.fresh().speaker == Speaker.PROXY

    def test_somebody_else_for_them_verifies_nobody(self, desk: Desk) -> None:
        desk.post("identify", patient=desk.patient.pk)
        said = text_of(desk.post("verify", said=SAID, speaks="other"))
        assert "say nothing of them" in said
        assert desk.fresh().speaker == Speaker.OTHER
        assert not Verification.objects.exists()
        assert desk.get("panel", "appointments").status_code == 204

    def test_what_was_chosen_stays_chosen_where_something_is_wrong(
        self, desk: Desk, mother: Proxy
    ) -> None:
        desk.post("identify", patient=desk.patient.pk)
        wrong = desk.post("verify", said="rosa delgado 1/1/1950", speaks=mother.pk)
        assert wrong.status_code == 422
        assert f'<option value="{mother.pk}" selected>' in text_of(wrong)
        assert 'name="speaks" hx-preserve' in text_of(wrong)

    def test_a_proxy_of_somebody_else_is_let_in_by_no_choice(self, desk: Desk) -> None:
        other = ProxyFactory.create(patient=PatientFactory.create())
        answer = desk.post("identify", patient=desk.patient.pk, said=SAID, speaks=other.pk)
        assert answer.status_code == 409
        assert not Verification.objects.exists()


class TestPartners:
    @pytest.fixture
    def pharmacy(self, desk: Desk) -> CallType:
        return kind("pharmacy", Speaker.PHARMACY)

    def test_a_pharmacy_speaks_once_the_call_is_of_that_kind(
        self, desk: Desk, pharmacy: CallType
    ) -> None:
        desk.know()
        desk.post("reason", call_type="pharmacy")
        assert desk.fresh().speaker == Speaker.PHARMACY
        assert desk.get("panel", "labs").status_code == 204  # what the patient proved is not theirs
        desk.post("reason", call_type="book")
        assert desk.fresh().speaker == Speaker.PATIENT
        assert desk.get("panel", "labs").status_code == 200  # and nobody is asked twice

    def test_finding_somebody_verifies_no_partner(self, desk: Desk, pharmacy: CallType) -> None:
        desk.post("reason", call_type="pharmacy")
        assert "It is them, verified" not in text_of(desk.post("people", said=SAID))
        desk.post("identify", patient=desk.patient.pk, said=SAID)
        assert desk.fresh().speaker == Speaker.PHARMACY
        assert not Verification.objects.exists()

    def test_the_number_that_is_called_back_is_part_of_the_proof(
        self, desk: Desk, pharmacy: CallType
    ) -> None:
        desk.post("reason", call_type="pharmacy")
        desk.post("identify", patient=desk.patient.pk)
        refused = desk.post("verify", said=SAID)
        assert refused.status_code == 422
        assert "which number we can call back" in text_of(refused)
        assert not Verification.objects.exists()
        passed = desk.post("verify", said=SAID, number="(602) 555-0199")
        assert "callback number; a pharmacy" in text_of(passed)
        assert Answer.objects.get(key="callback-phone").value == "(602) 555-0199"

    def test_it_hears_what_is_its_business_and_no_more(
        self, desk: Desk, pharmacy: CallType
    ) -> None:
        AppointmentFactory.create(patient=desk.patient)
        desk.post("reason", call_type="pharmacy")
        desk.post("identify", patient=desk.patient.pk)
        desk.post("verify", said=SAID, number="(602) 555-0199")
        for name, hears in {
            "refills": True,
            "coverage": True,
            "labs": False,
            "visits": False,
        }.items():
            assert ("Not for whoever speaks" not in text_of(desk.get("panel", name))) is hears
        assert "Not for whoever speaks" in text_of(desk.get("panel", "appointments"))

    def test_several_partners_are_chosen_among(self, desk: Desk) -> None:
        kind("office", Speaker.CLINICIAN, Speaker.FACILITY)
        desk.post("reason", call_type="office")
        assert "A facility" in text_of(desk.post("identify", patient=desk.patient.pk))
        assert desk.post("verify", said=SAID, number="(602) 555-0199").status_code == 422
        assert not Verification.objects.exists()
        desk.post("verify", said=SAID, number="(602) 555-0199", speaks="facility")
        assert Verification.objects.get().speaker == Speaker.FACILITY


class TestWhereNothingIsSaid:
    @pytest.fixture
    def police(self, desk: Desk) -> Desk:
        desk.know()
        kind("police", Speaker.OFFICIAL, proof=Proof.NOTHING_SAID)
        desk.post("reason", call_type="police")
        return desk

    def test_nobody_is_looked_for_and_nothing_shows(self, police: Desk) -> None:
        page = text_of(police.get("talk")) + text_of(police.get("side"))
        assert "Delgado" not in page
        assert "Who is it about?" not in page
        assert "Nothing is said" in page
        shown = {one.name for one in PANELS if police.get("panel", one.name).status_code == 200}
        assert shown == {"knowledge"}

    def test_no_press_goes_round_it(self, police: Desk) -> None:
        tried = Verification.objects.count()
        posts: dict[str, dict[str, Any]] = {
            "people": {"said": SAID},
            "identify": {"patient": police.patient.pk, "said": SAID},
            "verify": {"said": SAID, "speaks": "patient"},
            "register": {},
        }
        for name, said in posts.items():
            assert police.post(name, **said).status_code == 409
        assert police.fresh().speaker == Speaker.OFFICIAL
        assert Verification.objects.count() == tried

    def test_the_command_bar_opens_another_contact(self, desk: Desk) -> None:
        kind("police", Speaker.OFFICIAL, proof=Proof.NOTHING_SAID)
        desk.post("reason", call_type="police")
        desk.client.post("/desk/person/", {"patient": desk.patient.pk, "shown": desk.contact.pk})
        assert desk.fresh().patient is None
        assert Interaction.objects.get(patient=desk.patient).pk != desk.contact.pk


class TestNotThem:
    def test_a_wrong_choice_is_taken_back(self, desk: Desk) -> None:
        desk.know()
        back = text_of(desk.post("not-them"))
        assert "Who is it about?" in back
        assert desk.fresh().patient is None
        assert desk.get("panel", "appointments").status_code == 204
        assert InteractionStep.objects.filter(kind="identify", code="not-them").exists()

    def test_whoever_is_chosen_again_is_asked_again(self, desk: Desk) -> None:
        desk.know()
        desk.post("not-them")
        desk.post("identify", patient=desk.patient.pk)
        assert not read_contact(desk.contact.pk).is_verified
        desk.know()
        assert read_contact(desk.contact.pk).is_verified

    def test_only_their_agent_presses_it(self, cast: Cast, desk: Desk) -> None:
        desk.know()
        user = cast.staff(Role.NURSE)
        desk.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert desk.post("not-them").status_code == 409
        assert desk.fresh().patient == desk.patient
        assert desk.get("not-them").status_code == 405


class TestTheSite:
    def test_is_the_one_of_the_next_visit_where_the_line_has_none(self, desk: Desk) -> None:
        visit = AppointmentFactory.create(patient=desk.patient)
        by = Actor.user(desk.agent)
        article = add_article(
            code="parking", title="Parking", words=["car"], body="Behind it.", by=by, at=NOW
        )
        assert visit.location
        article.locations.add(visit.location)
        publish_article(
            version_id=article.versions.get().pk, revision=0, reason="new", by=by, at=NOW
        )
        assert "Parking" not in text_of(desk.get("panel", "knowledge"))
        desk.know()
        assert "Parking" in text_of(desk.get("panel", "knowledge"))

    def test_of_the_next_visit_chooses_the_script(self, desk: Desk) -> None:
        visit = AppointmentFactory.create(patient=desk.patient)
        done = {"key": "done", "kind": "check", "words": "Done."}
        for code, site in {"all": None, "here": visit.location}.items():
            hello = {"key": "hi", "kind": "say", "words": f"Hello {code}.", "words_es": "Hola."}
            script(desk, "book", hello, done, code=code, site=site)
        desk.post("reason", call_type="book")
        assert "Hello all." in text_of(desk.get("talk"))
        desk.know()
        assert "Hello here." in text_of(desk.get("talk"))


class TestTheStrip:
    def test_says_by_what_and_when(self, desk: Desk) -> None:
        desk.know()
        assert "Verified: full name, birth date · 10:00 AM" in text_of(desk.get("talk"))

    def test_says_by_whom_after_a_hand_off(self, cast: Cast, desk: Desk) -> None:
        desk.know()
        Interaction.objects.filter(pk=desk.contact.pk).update(agent=cast.nurse)
        assert "10:00 AM, by Agent Cast" in text_of(desk.get("talk"))


class TestTheLanguage:
    def test_is_the_patients_own_once_they_are_known(self, desk: Desk) -> None:
        Interaction.objects.filter(pk=desk.contact.pk).update(language="en")
        Patient.objects.filter(pk=desk.patient.pk).update(language="es")
        desk.know()
        assert desk.fresh().language == "es"

    def test_of_a_patient_says_nothing_of_who_speaks_for_them(
        self, desk: Desk, mother: Proxy, born: str
    ) -> None:
        Patient.objects.filter(pk=desk.patient.pk).update(language="es")
        said = f"rosa delgado {born}"
        desk.post("identify", patient=desk.patient.pk, said=said, speaks=mother.pk)
        assert desk.fresh().language != "es"

    def test_is_whatever_is_pressed(self, desk: Desk) -> None:
        desk.post("language", language="es")
        assert desk.fresh().language == "es"
        desk.know()  # on record: English
        assert desk.fresh().language == "es"
        assert InteractionStep.objects.filter(code="language:es").count() == 1
        assert desk.post("language", language="xx").status_code == 409
        assert desk.fresh().language == "es"

    def test_is_the_one_of_the_script(self, desk: Desk) -> None:
        hello = {"key": "hi", "kind": "say", "words": "Hello.", "words_es": "Buenos días."}
        asks = {
            "key": "interpreter", "kind": "check", "words": "Offer an interpreter.",
            "when": [{"about": "language", "is_not": ["en"]}],
        }  # fmt: skip
        script(desk, "book", hello, asks)
        Patient.objects.filter(pk=desk.patient.pk).update(language="es")
        desk.know()
        spanish = text_of(desk.post("reason", call_type="book"))
        assert "Buenos días." in spanish
        assert "Offer an interpreter." in spanish
        english = text_of(desk.post("language", language="en"))
        assert "Hello." in english
        assert "Offer an interpreter." not in english

    def test_is_not_changed_by_others(self, cast: Cast, desk: Desk) -> None:
        desk.client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
        assert desk.post("language", language="es").status_code == 409
        assert desk.fresh().language != "es"
