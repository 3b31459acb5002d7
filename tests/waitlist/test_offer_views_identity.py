"""Who is there? Before the date of birth an offer's link tells nothing, not even that it is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import redis
import time_machine
from django.core.cache import cache

from crm.models import AuditEntry
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import Visitor, html, verified, words
from waitlist.actions.identity import TRIES
from waitlist.models import Offer, new_token
from waitlist.states import OfferStatus, OpeningStatus

BORN = dt.date(1980, 3, 14)
WRONG = dt.date(1980, 3, 15)


@pytest.fixture
def offer(scene: Scene) -> Iterator[Offer]:
    """An open offer to Maria, born on 14 March 1980, whose later visit it would replace."""
    patient = scene.add_candidate(given_name="Maria", family_name="Quintero", birth_on=BORN)
    scene.free()
    with time_machine.travel(scene.at, tick=False):
        yield scene.offer_to(patient)


@pytest.fixture
def visitor(offer: Offer) -> Visitor:
    return Visitor(offer.token)


def test_asks_for_the_date_of_birth_first(visitor: Visitor) -> None:
    page = visitor.get()
    assert page.status_code == 200
    for name, hint in (("month", "bday-month"), ("day", "bday-day"), ("year", "bday-year")):
        assert f'name="{name}"' in page.content.decode()
        assert f'autocomplete="{hint}"' in page.content.decode()


STATES = [
    (OfferStatus.SENT, OpeningStatus.OFFERING),
    (OfferStatus.DECLINED, OpeningStatus.OFFERING),
    (OfferStatus.WON, OpeningStatus.FILLED),
    (OfferStatus.CLOSED, OpeningStatus.TAKEN),
    (OfferStatus.EXPIRED, OpeningStatus.EXPIRED),
]


@pytest.mark.parametrize(("status", "opening"), STATES)
def test_tells_nothing_before_the_date_of_birth(
    offer: Offer, visitor: Visitor, status: OfferStatus, opening: OpeningStatus
) -> None:
    Offer.objects.filter(pk=offer.pk).update(status=status)
    type(offer.opening).objects.filter(pk=offer.opening_id).update(status=opening)
    page = html(visitor.get())
    place, provider = offer.slot.role.clinic.location, offer.slot.role.provider
    secrets = ("Maria", "Quintero", "1980", "9:00", "November", "viernes", "Saturday")
    for secret in (*secrets, place.name, place.address_line, provider.family_name, offer.token):
        assert secret not in page
    assert page == html(Visitor(new_token()).get())
    assert not AuditEntry.objects.filter(verb="crm.patient.viewed").exists()


def test_a_link_that_does_not_exist_behaves_like_one_that_does(visitor: Visitor) -> None:
    stranger = Visitor(new_token())
    for n in range(TRIES + 2):
        ours, theirs = visitor.say_born(WRONG), stranger.say_born(WRONG)
        assert ours.status_code == theirs.status_code
        assert html(ours) == html(theirs)
        assert dict(ours.headers) == dict(theirs.headers)
        assert html(visitor.get()) == html(stranger.get())
        assert theirs.status_code == (422 if n + 1 < TRIES else 403)


def test_a_link_that_does_not_exist_never_opens(offer: Offer) -> None:
    stranger = Visitor(new_token())
    answer = stranger.say_born(BORN)
    assert answer.status_code == 422
    assert not answer.cookies.get("offer")


def test_an_unknown_link_still_answers_when_the_cache_is_down(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(cache, "add", fail)
    answer = Visitor(new_token()).say_born(WRONG)
    assert answer.status_code == 422
    assert "Tries left: 4." in words(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("", "", ""), "Enter the month as a number from 1 to 12."),
        (("13", "1", "1980"), "Enter the month as a number from 1 to 12."),
        (("March", "1", "1980"), "Enter the month as a number from 1 to 12."),
        (("3", "32", "1980"), "Enter the day as a number from 1 to 31."),
        (("3", "14", "80"), "Enter the year with four digits"),
        (("3", "14", "1850"), "Enter the year with four digits"),
        (("2", "30", "1980"), "There is no such date."),
        (("12", "24", "2026"), "There is no such date."),
        (("3", "-4", "1980"), "Enter the day as a number from 1 to 31."),
        (("3", "²", "1980"), "Enter the day as a number from 1 to 31."),
    ],
)
def test_says_what_is_wrong_with_a_date_and_does_not_count_it(
    offer: Offer, visitor: Visitor, typed: tuple[str, str, str], said: str
) -> None:
    answer = visitor.post("offer", dict(zip(("month", "day", "year"), typed, strict=True)))
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    offer.refresh_from_db()
    assert offer.failed_checks == 0


def test_an_error_is_tied_to_its_field(visitor: Visitor) -> None:
    page = visitor.post("offer", {"month": "3", "day": "40", "year": "1980"}).content.decode()
    assert page.count('aria-invalid="true"') == 1
    assert 'aria-describedby="day-error"' in page
    assert 'id="day-error"' in page


def test_a_wrong_date_is_counted_and_audited(offer: Offer, visitor: Visitor) -> None:
    answer = visitor.say_born(WRONG)
    assert answer.status_code == 422
    assert "Tries left: 4." in words(answer)
    offer.refresh_from_db()
    assert offer.failed_checks == 1
    entry = AuditEntry.objects.get(verb="waitlist.offer.identity-failed")
    assert (entry.subject_id, entry.actor_label) == (offer.pk, "unknown visitor")
    assert "1980" not in str(entry.detail)


def test_the_fifth_wrong_date_locks_the_link_for_every_date(offer: Offer, visitor: Visitor) -> None:
    for _ in range(TRIES - 1):
        assert visitor.say_born(WRONG).status_code == 422
    answer = visitor.say_born(WRONG)
    assert answer.status_code == 403
    assert "This link is locked" in words(answer)
    assert visitor.get().status_code == 403
    right = visitor.say_born(BORN)
    assert right.status_code == 403
    assert not right.cookies.get("offer")
    offer.refresh_from_db()
    assert offer.failed_checks == TRIES
    assert AuditEntry.objects.filter(verb="waitlist.offer.identity-failed").count() == TRIES


def test_a_right_date_uses_up_no_try(offer: Offer, visitor: Visitor) -> None:
    visitor.say_born(WRONG)
    for _ in range(3):
        assert visitor.say_born(BORN).status_code == 302
    offer.refresh_from_db()
    assert offer.failed_checks == 1
    assert AuditEntry.objects.filter(verb="waitlist.offer.identity-checked").count() == 3


def test_a_patient_whose_birth_date_nobody_knows_is_told_nothing(
    offer: Offer, visitor: Visitor
) -> None:
    type(offer.patient).objects.filter(pk=offer.patient_id).update(birth_on=None)
    assert visitor.say_born(BORN).status_code == 422
    assert visitor.post("offer").status_code == 422


def test_the_proof_is_for_this_link_only_and_out_of_reach_of_scripts(
    offer: Offer, visitor: Visitor
) -> None:
    cookie = visitor.say_born(BORN).cookies["offer"]
    assert cookie["path"] == f"/o/{offer.token}/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 1800
    assert offer.token not in cookie.value


def test_the_proof_for_one_link_opens_no_other(scene: Scene) -> None:
    first, second = scene.add_candidate(), scene.add_candidate()
    scene.free()
    scene.settle(hours=3)
    mine, other = scene.offer_to(first), scene.offer_to(second)
    with time_machine.travel(scene.at, tick=False):
        proof = verified(mine).client.cookies["offer"].value
        thief = Visitor(other.token)
        thief.client.cookies["offer"] = proof
        assert "date of birth" in words(thief.get())


def test_the_proof_lasts_half_an_hour(offer: Offer, scene: Scene) -> None:
    visitor = verified(offer)
    with time_machine.travel(scene.at + dt.timedelta(minutes=29), tick=False):
        assert "An earlier time is open" in words(visitor.get())
    with time_machine.travel(scene.at + dt.timedelta(minutes=31), tick=False):
        assert "date of birth" in words(visitor.get())


@pytest.mark.parametrize("name", ["accept", "decline", "another"])
def test_answers_nobody_who_has_not_shown_the_date(
    offer: Offer, visitor: Visitor, name: str
) -> None:
    audited = AuditEntry.objects.count()
    answer = visitor.post(name)
    assert answer.status_code == 302
    assert answer.url == visitor.url()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SENT
    assert AuditEntry.objects.count() == audited


def test_gives_the_calendar_file_to_nobody_who_has_not_shown_the_date(visitor: Visitor) -> None:
    assert visitor.get("calendar").url == visitor.url()


@pytest.mark.parametrize("name", ["offer", "accept", "decline", "another", "calendar"])
def test_a_forged_proof_is_none(offer: Offer, visitor: Visitor, name: str) -> None:
    visitor.client.cookies["offer"] = "ok:1abcde:forged"
    answer = visitor.get() if name in {"offer", "calendar"} else visitor.post(name)
    assert "An earlier time" not in answer.content.decode()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SENT


def test_the_browsers_language_counts_until_we_know_who_it_is(offer: Offer) -> None:
    type(offer.patient).objects.filter(pk=offer.patient_id).update(language="es")
    assert "First, the date of birth" in words(Visitor(offer.token).get())
    spanish = Visitor(offer.token, {"Accept-Language": "fr-CH, es-MX;q=0.9, en;q=0.8"})
    page = spanish.get()
    assert "Primero, la fecha de nacimiento" in words(page)
    assert '<html lang="es">' in page.content.decode()
    assert "Escriba el mes" in words(spanish.post("offer"))


def test_a_chosen_language_stays(offer: Offer) -> None:
    visitor = Visitor(offer.token)
    assert "Primero, la fecha de nacimiento" in words(visitor.get(lang="es"))
    answer = visitor.say_born(BORN, query="?lang=es")
    assert answer.url == f"{visitor.url()}?lang=es"
    assert "Hay una cita antes" in words(visitor.client.get(answer.url))
    assert "An earlier time is open" in words(visitor.get(lang="tlh"))


@pytest.mark.parametrize("known", [True, False])
def test_is_kept_indexed_and_passed_on_by_nobody(offer: Offer, known: bool) -> None:
    page = (verified(offer) if known else Visitor(offer.token)).get()
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "strict-origin"
    assert '<meta name="referrer" content="strict-origin">' in page.content.decode()


@pytest.mark.parametrize("token", ["a b", "../x", "é", "a%00b"])
def test_an_address_that_cannot_be_a_link_is_not_found(db: None, token: str) -> None:
    assert Visitor("x").client.get(f"/o/{token}/").status_code == 404
