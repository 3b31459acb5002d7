"""Whose session it is, and what a returning browser missed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from crm.live.channel import Notice
from crm.live.viewers import REPLAY_LIMIT, REPLAY_OVERLAP, find_missed, is_signed_in
from crm.models import Event, User
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    key = client.session.session_key
    assert key
    return key


def test_a_member_of_staff_who_signed_in_is_known(cast: Cast) -> None:
    assert is_signed_in(sign_in(cast.agent)) is True


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "../../etc/passwd", "\x00" * 9])
def test_a_made_up_session_is_not(key: str) -> None:
    assert is_signed_in(key) is False


def test_a_session_of_a_visitor_who_did_not_sign_in_is_not() -> None:
    session = SessionStore()
    session["seen"] = True
    session.save()
    assert is_signed_in(str(session.session_key)) is False


def test_someone_who_was_switched_off_is_not(cast: Cast) -> None:
    key = sign_in(cast.agent)
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    assert is_signed_in(key) is False


def test_an_expired_session_is_not(cast: Cast) -> None:
    key = sign_in(cast.agent)
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert is_signed_in(key) is False


def test_a_session_from_before_the_password_changed_is_not_and_stays_as_it_was(cast: Cast) -> None:
    key = sign_in(cast.agent)
    cast.agent.set_password("another one")
    cast.agent.save()
    assert is_signed_in(key) is False
    assert Session.objects.filter(pk=key).exists()


def test_a_session_signed_with_the_former_secret_still_is(cast: Cast, settings: Any) -> None:
    key = sign_in(cast.agent)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next secret key, long enough to be one"
    assert is_signed_in(key) is True


def test_a_backend_that_was_taken_away_lets_nobody_in(cast: Cast, settings: Any) -> None:
    key = sign_in(cast.agent)
    settings.AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend"]
    assert is_signed_in(key) is False


def test_looking_extends_no_session(cast: Cast, settings: Any) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = True
    key = sign_in(cast.agent)
    before = Session.objects.get(pk=key)
    assert is_signed_in(key) is True
    after = Session.objects.get(pk=key)
    assert (after.expire_date, after.session_data) == (before.expire_date, before.session_data)


def happen(*names: str) -> list[Event]:
    at = timezone.now()
    return [
        Event.objects.create(
            name=name, subject_type="waitlist.opening", subject_id=7, created_at=at
        )
        for name in names
    ]


def test_replays_what_came_after_oldest_first() -> None:
    first, *_ = happen(*["waitlist.wave-sent"] * (REPLAY_OVERLAP + 3))
    missed = find_missed(last_id=first.pk + REPLAY_OVERLAP, prefixes=("",))
    assert missed is not None
    assert [notice.id for notice in missed] == [first.pk + 1 + n for n in range(REPLAY_OVERLAP + 2)]
    assert missed[0] == Notice(first.pk + 1, "waitlist.wave-sent", "waitlist.opening", 7)


def test_replays_an_event_whose_transaction_was_slow() -> None:
    """Ids are taken before commit: the browser had seen 2 when 1 became visible."""
    slow, seen = happen("waitlist.offer-accepted", "waitlist.wave-sent")
    missed = find_missed(last_id=seen.pk, prefixes=("",))
    assert slow.pk in [notice.id for notice in missed or []]


def test_replays_only_what_the_page_asked_for() -> None:
    before, *_ = happen("crm.task-opened", "outreach.text-sent", "waitlist.wave-sent")
    missed = find_missed(last_id=before.pk, prefixes=("outreach.", "scheduling."))
    assert [notice.name for notice in missed or []] == ["outreach.text-sent"]


def test_too_much_to_replay_is_none() -> None:
    first, *_ = happen(*["waitlist.wave-sent"] * (REPLAY_LIMIT + 1))
    assert find_missed(last_id=first.pk - 1 + REPLAY_OVERLAP, prefixes=("",)) is None
    some = find_missed(last_id=first.pk + REPLAY_OVERLAP, prefixes=("",))
    assert some is not None
    assert len(some) == REPLAY_LIMIT
