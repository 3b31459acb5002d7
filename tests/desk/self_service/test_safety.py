"""Safety first: what may be an emergency stops the way online, and reaches a nurse."""

from __future__ import annotations

import pytest

from crm.models import Task
from outreach.models import Message
from scheduling.states import SelfServiceStatus
from tests.desk.self_service.handset import Handset, free_slot, known
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import words
from triage.models import Alert


@pytest.mark.parametrize(
    ("about", "said", "number"),
    [
        ("I have chest pain since this morning", "Call 911 now", "tel:911"),
        ("quiero matarme", "Call or text 988 now", "tel:988"),
        ("my son drank bleach", "Call Poison Help now", "tel:18002221222"),
    ],
)
def test_an_emergency_in_their_words_stops_it_with_a_tap_to_call(
    handset: Handset, about: str, said: str, number: str
) -> None:
    page = handset.client.get(handset.begin(about).url)
    assert said in words(page)
    assert f'href="{number}"' in page.content.decode()
    assert "Nothing was booked or changed." in words(page)
    assert handset.session.status == SelfServiceStatus.STOPPED
    for name in ("wish", "phone", "times"):
        assert handset.get(name).url == "/book/go/stop/"


def test_a_yes_stops_it_whatever_else_is_written(handset: Handset) -> None:
    page = handset.client.get(handset.begin("a refill", "yes").url)
    assert "Call 911 now" in words(page)


def test_the_answer_is_asked_for_and_long_words_are_refused(handset: Handset) -> None:
    page = handset.begin("x" * 501, "")
    assert page.status_code == 422
    assert "Choose yes or no." in words(page)
    assert "Use fewer words" in words(page)


def test_a_nurse_is_alerted_for_whoever_leaves_a_number(handset: Handset) -> None:
    rosa = known()
    handset.begin("I have chest pain")
    answer = handset.post("nurse", phone=handset.number)
    assert "We have told our nurses" in words(handset.client.get(answer.url))
    handset.post("nurse", phone=handset.number)
    alert = Alert.objects.get()
    assert (alert.level, str(alert.phone)) == ("emergency", handset.number)
    kept = Message.objects.get(channel="web")
    assert (kept.body, kept.is_for_nurses) == ("I have chest pain", True)
    assert handset.session.words == ""
    assert rosa.pk


def test_what_is_unsure_goes_on_and_to_a_nurse_once_the_phone_is_proven(
    handset: Handset, scene: Scene
) -> None:
    known()
    free_slot(scene)
    assert handset.begin("no chest pain, just a checkup").url == "/book/go/what/"
    assert handset.session.words
    handset.wish()
    handset.ask_code()
    assert not Alert.objects.exists()
    handset.say_code()
    assert Alert.objects.get().level == "unsure"
    assert Task.objects.filter(kind="safety-alert").count() == 1
    assert handset.session.words == ""
    assert handset.say_who().url == "/book/go/times/"


def test_ordinary_words_are_kept_nowhere(handset: Handset) -> None:
    handset.begin("my yearly checkup")
    assert handset.session.words == ""
    assert handset.session.danger == ""


def test_words_that_no_nurse_was_given_are_forgotten(handset: Handset, scene: Scene) -> None:
    handset.begin("I have chest pain")
    assert handset.session.words
    scene.settle(minutes=31)
    assert handset.session.words == ""
