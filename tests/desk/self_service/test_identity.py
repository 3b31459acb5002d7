"""Who is there? Nothing on these pages tells whether somebody exists."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Patient, QueueEntry, Task
from crm.queries import Match, match_person
from crm.rules.names import Named
from crm.states import ProxyScope, Sensitivity
from outreach.models import Message
from scheduling.models import Appointment, Hold, PhoneCode
from scheduling.rules import limits
from tests.crm.center import queue
from tests.desk.self_service.handset import BORN, NUMBER, Handset, free_slot, known
from tests.factories import NOW, PatientFactory, PatientPhoneFactory, ProxyFactory, phone_of
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import html, words

STRANGER = "+16025550188"
MINUTE = dt.timedelta(minutes=1)


def at_code(scene: Scene, number: str) -> Handset:
    """A handset that has asked for a code."""
    made = Handset(scene, number)
    made.begin()
    made.wish()
    made.ask_code()
    return made


def same(ours: Any, theirs: Any) -> bool:
    def told(answer: Any) -> tuple[Any, ...]:
        return answer.status_code, dict(answer.headers), html(answer).replace("0188", "0177")

    return told(ours) == told(theirs)


def test_a_phone_that_we_know_is_answered_as_one_that_we_dont(
    handset: Handset, scene: Scene
) -> None:
    known()
    at_code(scene, "+16025550199")  # the first text of its kind is written down once
    ours, theirs = (Handset(scene, number) for number in (NUMBER, STRANGER))
    for each in (ours, theirs):
        each.begin()
        each.wish()
    counts = []
    answers = []
    for each in (ours, theirs):
        with CaptureQueriesContext(connection) as queries:
            answers.append(each.ask_code())
        counts.append(len(queries))
    assert same(*answers)
    assert counts[0] == counts[1]
    assert same(ours.get("code"), theirs.get("code"))
    assert same(ours.say_code("000000"), theirs.say_code("000000"))
    assert same(ours.say_code(), theirs.say_code())


def test_a_name_that_we_know_is_answered_as_one_that_we_dont(
    handset: Handset, scene: Scene
) -> None:
    known()
    free_slot(scene)
    people = {"known": ("Rosa", "Delgado"), "new": ("Zoltan", "Quist")}
    pages = {}
    for who, (given, family) in people.items():
        number = NUMBER if who == "known" else STRANGER
        each = Handset(scene, number)
        each.prove()
        answer = each.say_who(given, family)
        pages[who] = answer, each.get("times")
    for ours, theirs in zip(pages["known"], pages["new"], strict=True):
        assert same(ours, theirs)


def test_somebody_who_must_be_compared_sees_what_the_others_see(
    handset: Handset, scene: Scene
) -> None:
    PatientFactory.create(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    queue()
    slot = free_slot(scene)
    handset.prove()
    assert handset.say_who().url == "/book/go/times/"
    handset.choose(slot)
    assert handset.confirm().url == "/book/go/done/"
    assert "We asked the clinic for it" in handset.read("done")
    assert Patient.objects.filter(family_name="Delgado").count() == 1
    assert not Appointment.objects.filter(origin="firstcall").exists()
    task = Task.objects.get(kind="match-person")
    assert "Delgado" not in task.title + task.why
    entry = QueueEntry.objects.get(status="waiting")  # and waits at the desk, naming nobody
    assert (entry.interaction.channel, entry.interaction.patient) == ("web", None)
    assert task.contact == entry.interaction
    hold = Hold.objects.filter(status="held").get()
    assert hold.expires_at == NOW + 240 * MINUTE


@pytest.mark.parametrize("number", [NUMBER, STRANGER])
def test_tells_nothing_of_visits_to_whoever_is_not_known(
    handset: Handset, scene: Scene, number: str
) -> None:
    rosa = scene.add_candidate(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    handset.number = number
    handset.prove("move")
    handset.say_who()
    assert "We found no visit to change here" in handset.read("visits")
    assert scene.later_visit(rosa).status == "booked"


class TestCodes:
    def test_only_a_digest_is_kept_and_the_text_is_wiped(
        self, handset: Handset, scene: Scene
    ) -> None:
        each = at_code(scene, NUMBER)
        said = each.code()
        assert said not in str(PhoneCode.objects.values())
        sent = Message.objects.get(purpose="code")
        assert said in sent.body
        scene.settle(minutes=11)
        sent.refresh_from_db()
        assert said not in sent.body
        assert "******" in sent.body

    def test_five_tries_and_then_not_even_the_right_one(
        self, handset: Handset, scene: Scene
    ) -> None:
        each = at_code(scene, NUMBER)
        right = each.code()
        wrong = f"{(int(right) + 1) % 1_000_000:06}"
        for left in range(limits.CODE_TRIES - 1, 0, -1):
            assert f"Tries left: {left}." in words(each.say_code(wrong))
        assert "Ask for a new one" in words(each.say_code(wrong))
        answer = each.say_code(right)
        assert answer.status_code == 422
        assert each.session.verified_at is None

    def test_lasts_ten_minutes(self, handset: Handset, scene: Scene) -> None:
        each = at_code(scene, NUMBER)
        right = each.code()
        with time_machine.travel(NOW + limits.CODE_LASTS, tick=False):
            assert each.say_code(right).status_code == 422

    def test_a_new_one_ends_the_old_one(self, handset: Handset, scene: Scene) -> None:
        each = at_code(scene, NUMBER)
        old = each.code()
        with time_machine.travel(NOW + MINUTE, tick=False):
            each.post("code", again="1")
            new = PhoneCode.objects.latest("pk")
            assert PhoneCode.objects.count() == 2
            assert each.say_code(old).status_code == (302 if old_is_new(each, old, new) else 422)

    def test_a_second_tap_sends_no_second_text(self, handset: Handset, scene: Scene) -> None:
        each = at_code(scene, NUMBER)
        each.ask_code()
        each.post("code", again="1")
        assert PhoneCode.objects.count() == 1

    def test_one_phone_gets_three_in_a_quarter_of_an_hour_whoever_asks(
        self, handset: Handset, scene: Scene
    ) -> None:
        for _ in range(3):
            assert at_code(scene, NUMBER).session.codes.count() == 1
        each = Handset(scene, NUMBER)
        each.begin()
        each.wish()
        answer = each.ask_code()
        assert answer.status_code == 429
        assert "Wait 15 minutes" in words(answer)
        with time_machine.travel(NOW + 16 * MINUTE, tick=False):
            assert each.ask_code().status_code == 302

    def test_one_network_gets_twenty_an_hour_for_any_phones(
        self, handset: Handset, scene: Scene
    ) -> None:
        first = at_code(scene, NUMBER)
        code = PhoneCode.objects.get()
        PhoneCode.objects.bulk_create(
            PhoneCode(
                session=code.session,
                phone=code.phone,
                address_digest=code.address_digest,
                digest="",
                created_at=NOW - 30 * MINUTE,
                expires_at=NOW,
            )
            for _ in range(19)
        )
        other = Handset(scene, STRANGER)
        other.begin()
        other.wish()
        assert other.ask_code().status_code == 429
        assert first.session.pk

    def test_a_flushed_cache_opens_nothing(self, handset: Handset, scene: Scene) -> None:
        from django.core.cache import cache

        for _ in range(3):
            at_code(scene, NUMBER)
        cache.clear()
        each = Handset(scene, NUMBER)
        each.begin()
        each.wish()
        assert each.ask_code().status_code == 429

    def test_goes_out_at_night_and_not_after_stop(self, handset: Handset, scene: Scene) -> None:
        night = NOW.replace(hour=6)  # 23:00 in Phoenix
        scene.at = night
        with time_machine.travel(night, tick=False):
            at_code(scene, STRANGER).code()
        rosa = known()
        scene.reply(rosa, "STOP")
        before = Message.objects.filter(sent_at__isnull=False).count()
        with time_machine.travel(scene.at, tick=False):
            at_code(scene, NUMBER)
        scene.settle()
        assert Message.objects.filter(sent_at__isnull=False).count() == before

    def test_a_number_elsewhere_is_refused(self, handset: Handset) -> None:
        handset.begin()
        handset.wish()
        for number in ("+447700900123", "12", "911", "abc", ""):
            answer = handset.post("phone", phone=number)
            assert answer.status_code == 422
            assert "Enter a US number" in words(answer)
        assert not PhoneCode.objects.exists()


def old_is_new(each: Handset, old: str, new: PhoneCode) -> bool:
    """Once in a million both are the same."""
    from scheduling.actions.self_service import _digest

    return _digest(each.session, old) == new.digest


def test_names_and_dates_are_limited_for_a_phone(handset: Handset) -> None:
    handset.prove()
    for n in range(limits.PEOPLE_PER_SESSION):
        assert handset.say_who("Rosa", "Delgado", dt.date(1980, 1, 1 + n)).status_code == 302
    answer = handset.say_who("Rosa", "Delgado", BORN)
    assert answer.status_code == 429
    assert handset.session.birth_on != BORN


def test_another_phone_starts_over(handset: Handset) -> None:
    known()
    handset.prove()
    handset.say_who()
    handset.number = STRANGER
    handset.ask_code()
    session = handset.session
    assert (session.patient, session.verified_at, session.birth_on) == (None, None, None)
    assert handset.get("times").url == "/book/go/code/"


class TestMatching:
    """Phone, birth date and name; labels and proxies."""

    def match(self, number_of: Patient, given: str = "Rosa", **about: Any) -> Any:
        typed = replace(Named(given, "Delgado", BORN), **about)
        return match_person(phone=phone_of(number_of), typed=typed, at=NOW)

    @pytest.mark.parametrize("given", ["Rosa", "rosa", "Rósa María", "Rosa "])
    def test_knows_a_patient_by_their_own_phone(self, db: None, given: str) -> None:
        rosa = known()
        found = self.match(rosa, given)
        assert (found.match, found.patient, found.by_proxy) == (Match.KNOWN, rosa, False)

    def test_tells_twins_on_one_phone_apart(self, db: None) -> None:
        maria, marta = known(given_name="Maria"), known(given_name="Marta")
        assert self.match(maria, "Maria").patient == maria
        assert self.match(maria, "Marta").patient == marta
        assert self.match(maria, "Moritz").match is Match.DOUBTFUL

    def test_a_wrong_birth_date_finds_nobody_and_makes_no_duplicate(self, db: None) -> None:
        rosa = known()
        found = self.match(rosa, birth_on=BORN + dt.timedelta(days=1))
        assert (found.match, found.patient, found.alike) == (Match.DOUBTFUL, None, (rosa,))

    def test_somebody_unlike_everybody_is_new(self, db: None) -> None:
        rosa = known()
        found = self.match(rosa, "Zoltan", family="Quist", birth_on=dt.date(1950, 1, 1))
        assert (found.match, found.alike) == (Match.NEW, ())

    @pytest.mark.parametrize("label", [Sensitivity.ADOLESCENT, Sensitivity.DOMESTIC_VIOLENCE])
    def test_a_label_keeps_all_but_the_confidential_phone_out(
        self, db: None, label: Sensitivity
    ) -> None:
        rosa = known(sensitivity=[label])
        assert self.match(rosa).match is Match.DOUBTFUL
        rosa.patient_phones.update(is_confidential=True)
        assert self.match(rosa).match is Match.KNOWN

    @pytest.mark.parametrize(
        ("changed", "found"),
        [
            ({}, Match.KNOWN),
            ({"scope": [ProxyScope.BILLING]}, Match.DOUBTFUL),
            ({"ends_on": NOW.date()}, Match.DOUBTFUL),
            ({"until_age": 7}, Match.DOUBTFUL),
            ({"court_restriction": "order of March 2"}, Match.DOUBTFUL),
        ],
    )
    def test_a_parent_books_for_a_child_within_their_scope(
        self, db: None, changed: dict[str, Any], found: Match
    ) -> None:
        child = PatientFactory.create(
            given_name="Leo", family_name="Delgado", birth_on=dt.date(2018, 5, 2)
        )
        proxy = ProxyFactory.create(patient=child, **changed)
        typed = Named("Leo", "Delgado", dt.date(2018, 5, 2))
        assert proxy.phone is not None
        matched = match_person(phone=proxy.phone, typed=typed, at=NOW)
        assert matched.match is found
        assert matched.by_proxy is (found is Match.KNOWN)

    def test_a_number_that_was_given_up_leads_nowhere(self, db: None) -> None:
        rosa = known()
        rosa.patient_phones.update(ended_on=NOW.date())
        assert self.match(rosa).match is Match.DOUBTFUL

    def test_an_adolescents_sensitive_visit_stays_off_a_parents_phone(
        self, handset: Handset, scene: Scene
    ) -> None:
        rosa = scene.add_candidate(given_name="Rosa", family_name="Delgado", birth_on=BORN)
        type(scene.visit_type).objects.update(is_sensitive=True)
        PatientPhoneFactory.create(
            patient=PatientFactory.create(family_name="Mora"), phone=phone_of(rosa)
        )
        handset.number = str(phone_of(rosa).number)
        handset.prove("move")
        handset.say_who()
        assert handset.session.patient == rosa
        assert "We found no visit to change here" in handset.read("visits")
