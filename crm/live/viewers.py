"""Who is behind a session cookie, and what they missed. Reads only: a stream extends no session."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
    load_backend,
)
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from crm.live.channel import Notice
from crm.models import Event

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: More than this is not replayed: the page refreshes everything instead.
REPLAY_LIMIT = 500
#: Ids are handed out before commit, so an older id can appear after a newer one was streamed.
#: Hearing of an event twice is harmless (the page fetches again); missing one is not.
REPLAY_OVERLAP = 50


def is_signed_in(session_key: str) -> bool:
    """Whether this session stands for an active user, now, by the rules of Django's `get_user`.

    That function would flush a session whose password has changed; this one only looks.
    """
    if not session_key.isprintable():
        return False  # no key of ours; PostgreSQL would refuse to look for a NUL
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = _find_user(session)
    return user is not None and user.is_active and _password_unchanged(session, user)


def _find_user(session: Any) -> Any | None:
    backend, user_id = session.get(BACKEND_SESSION_KEY), session.get(SESSION_KEY)
    if user_id is None or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    return load_backend(backend).get_user(get_user_model()._meta.pk.to_python(user_id))


def _password_unchanged(session: Any, user: AbstractBaseUser) -> bool:
    known = session.get(HASH_SESSION_KEY) or ""
    current = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(known, each) for each in current)


def find_missed(*, last_id: int, prefixes: tuple[str, ...]) -> list[Notice] | None:
    """Events after `last_id` under those name prefixes, oldest first; `None` when too many."""
    wanted = Q()
    for prefix in prefixes:
        wanted |= Q(name__startswith=prefix)
    rows = (
        Event.objects.filter(wanted, id__gt=last_id - REPLAY_OVERLAP)
        .order_by("id")
        .values_list("id", "name", "subject_type", "subject_id")[: REPLAY_LIMIT + 1]
    )
    missed = [Notice(*row) for row in rows]
    return missed if len(missed) <= REPLAY_LIMIT else None
