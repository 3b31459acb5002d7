"""Sessions of patients without a login: begun, proven by a code, counted, closed."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Sum
from django.utils.crypto import constant_time_compare, salted_hmac

from crm.engine import Actor, move, publish, record
from crm.models import Phone
from scheduling import locks
from scheduling.models import BookingLink, PhoneCode, SelfServiceSession
from scheduling.rules import limits
from scheduling.states import SelfServiceStatus, SelfServiceStep

CLOSE_SESSION: Final = "scheduling.self-service"
VISITOR: Final = Actor.system("unknown visitor")
BY: Final = Actor.system("self-service")


class TooMany(Exception):
    """Too often from this phone, this network, or by everybody together: wait, or call."""


class CodeWrong(Exception):
    """Not the code, or no longer; `left` is how many more tries this code takes."""

    def __init__(self, left: int) -> None:
        super().__init__("That is not the code that was sent last.")
        self.left = left


class SessionOver(Exception):
    """Something has ended it meanwhile: a second tap, or half an hour of quiet."""


def key_digest(key: str) -> str:
    """What is kept of a cookie's secret."""
    return hashlib.sha256(key.encode()).hexdigest()


def start_session(
    *,
    link: BookingLink | None,
    address_digest: str,
    language: str,
    danger: str,
    words: str,
    at: dt.datetime,
) -> tuple[SelfServiceSession, str]:
    """A new session, and the secret for the browser's cookie.

    :param danger: the level that the safety check found, or "".
    :param words: what was typed, only where a nurse must read it.
    :raises TooMany:
    """
    key = secrets.token_urlsafe(24)
    with transaction.atomic():
        locks.lock_names(f"book from {address_digest}")
        begun = SelfServiceSession.objects.filter(
            address_digest=address_digest, created_at__gt=at - _longest(limits.SESSIONS_PER_ADDRESS)
        )
        times = begun.values_list("created_at", flat=True)
        if limits.is_over(times, limits.SESSIONS_PER_ADDRESS, at=at):
            raise TooMany
        session = SelfServiceSession.objects.create(
            link=link,
            key_digest=key_digest(key),
            address_digest=address_digest,
            language=language,
            danger=danger,
            words=words,
            visit_type=link.visit_type if link else None,
            location=link.location if link else None,
            role=link.role if link else None,
            created_at=at,
            seen_at=at,
            due_at=at + limits.QUIET,
        )
        if link is not None:
            BookingLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=at)
        record("scheduling.session.started", session, by=VISITOR, at=at)
    return session, key


def go_on(
    session: SelfServiceSession, *, at: dt.datetime, step: SelfServiceStep, **changes: object
) -> SelfServiceSession:
    """Keep what was chosen and that somebody is at it; the furthest step reached stays.

    One UPDATE that names the status, so it also makes two taps wait for each other until the
    caller's transaction ends.

    :raises SessionOver:
    """
    reached = max(_order(step), _order(SelfServiceStep(session.step)))
    news = {**changes, "step": list(SelfServiceStep)[reached], "seen_at": at}
    news["due_at"] = at + limits.QUIET
    row = SelfServiceSession.objects.filter(pk=session.pk, status=SelfServiceStatus.OPEN)
    if not row.update(**news):
        raise SessionOver
    for name, value in news.items():
        setattr(session, name, value)
    return session


def issue_code(
    *, session: SelfServiceSession, phone: Phone, at: dt.datetime
) -> tuple[PhoneCode, str] | None:
    """A new code for `phone`, to be texted by the caller in the same transaction.

    None where one has just been sent there. The phone counts as unproven, and nobody as
    identified, until the code comes back.

    :raises TooMany: the same for every number, whoever's it is.
    :raises SessionOver:
    """
    with transaction.atomic():
        unknown = {"patient": None, "given_name": "", "family_name": "", "birth_on": None}
        go_on(
            session,
            at=at,
            step=SelfServiceStep.CODE,
            phone=phone,
            identified_at=None,
            verified_at=None,
            by_proxy=False,
            **unknown,
        )
        locks.lock_names(f"code to {phone.pk}", f"code from {session.address_digest}")
        last = session.codes.order_by("-created_at", "-pk").first()
        if last and last.phone_id == phone.pk and at - last.created_at < limits.CODE_AGAIN_AFTER:
            return None
        _check_codes(session, phone, at=at)
        said = f"{secrets.randbelow(10**limits.CODE_DIGITS):0{limits.CODE_DIGITS}}"
        code = PhoneCode.objects.create(
            session=session,
            phone=phone,
            address_digest=session.address_digest,
            digest=_digest(session, said),
            created_at=at,
            expires_at=at + limits.CODE_LASTS,
        )
        record("scheduling.session.code-sent", session, by=VISITOR, at=at, code=code.pk)
    return code, said


def check_code(*, session: SelfServiceSession, said: str, at: dt.datetime) -> None:
    """Take a code that was typed; a right one proves the phone.

    The try is counted before the codes are compared, by one UPDATE that also asks for the limit,
    so tries that come all at once still queue up for the five there are.

    :raises CodeWrong: also for one that has expired, was used, or was replaced by a newer one.
    :raises SessionOver:
    """
    with transaction.atomic():
        go_on(session, at=at, step=SelfServiceStep.CODE)
        code = session.codes.order_by("-created_at", "-pk").first()
        open_codes = PhoneCode.objects.filter(
            pk=code.pk if code else 0,
            tries__lt=limits.CODE_TRIES,
            used_at=None,
            expires_at__gt=at,
        )
        counted = open_codes.update(tries=F("tries") + 1)
        right = constant_time_compare(code.digest if code else "", _digest(session, said))
        if counted and right and code is not None:
            PhoneCode.objects.filter(pk=code.pk).update(used_at=at)
            go_on(session, at=at, step=SelfServiceStep.PERSON, verified_at=at)
            record("scheduling.session.phone-proven", session, by=VISITOR, at=at)
            return
        tries = code.tries + 1 if code and counted else limits.CODE_TRIES
        record("scheduling.session.code-wrong", session, by=VISITOR, at=at, tries=tries)
    raise CodeWrong(limits.CODE_TRIES - tries)


def count_identity(*, session: SelfServiceSession, at: dt.datetime) -> None:
    """One more name and birth date is tried from this phone.

    :raises TooMany: whoever they are.
    :raises SessionOver:
    """
    with transaction.atomic():
        compare_alone(session)
        session.refresh_from_db(fields=["identities"])  # tries that came at once have counted
        since = at - _longest(limits.PEOPLE_PER_PHONE)
        rows = SelfServiceSession.objects.filter(phone=session.phone_id, created_at__gt=since)
        tried: int = rows.aggregate(sum=Sum("identities"))["sum"] or 0
        most = min(limit.most for limit in limits.PEOPLE_PER_PHONE)
        if session.identities >= limits.PEOPLE_PER_SESSION or tried >= most:
            raise TooMany
        count = session.identities + 1
        go_on(session, at=at, step=SelfServiceStep.PERSON, identities=count)


def compare_alone(session: SelfServiceSession) -> None:
    """Until the caller's transaction ends, nobody else finds out who has this phone: of two taps
    the second knows whom the first has registered. Before anything else of the session is locked.
    """
    locks.lock_names(f"who is at {session.phone_id}")


def end_session(
    *, session: SelfServiceSession, to: SelfServiceStatus, by: Actor, at: dt.datetime
) -> SelfServiceSession:
    """Close it; publishes `scheduling.session-ended`. Names that nobody needs are wiped.

    :raises MovedMeanwhile: when something else has closed it.
    """
    stopped = to is SelfServiceStatus.STOPPED
    kept = _kept_of(session) | ({"words": session.words} if stopped else {})
    due_at = at + limits.QUIET if stopped else None
    move(session, to=to, by=by, at=at, due_at=due_at, closed_at=at, seen_at=at, **kept)
    publish("scheduling.session-ended", session, at=at, how=str(to))
    return session


def close_quiet_session(*, session_id: int, at: dt.datetime) -> dt.datetime | None:
    """Close a session that nobody goes on with; returns when to look again.

    One that was stopped for danger loses its words, if no nurse was asked to call meanwhile.
    """
    session = SelfServiceSession.objects.get(pk=session_id)
    if session.status != SelfServiceStatus.OPEN:
        SelfServiceSession.objects.filter(pk=session_id).update(words="")
        return None
    if session.seen_at + limits.QUIET > at:
        return session.seen_at + limits.QUIET
    with transaction.atomic():
        end_session(session=session, to=SelfServiceStatus.LEFT, by=BY, at=at)
    return None


def _kept_of(session: SelfServiceSession) -> dict[str, Any]:
    """What stays of what was typed: only what a person still has to compare or read."""
    kept: dict[str, Any] = {"words": ""}
    if session.task_id is None:
        kept |= {"given_name": "", "family_name": "", "birth_on": None}
    return kept


def _check_codes(session: SelfServiceSession, phone: Phone, *, at: dt.datetime) -> None:
    sent = PhoneCode.objects.filter
    for rows, limit in (
        (sent(phone=phone), limits.CODES_PER_PHONE),
        (sent(address_digest=session.address_digest), limits.CODES_PER_ADDRESS),
        (sent(), limits.CODES_IN_ALL),
    ):
        lately = rows.filter(created_at__gt=at - _longest(limit))
        if limits.is_over(lately.values_list("created_at", flat=True), limit, at=at):
            raise TooMany


def _longest(several: tuple[limits.Limit, ...]) -> dt.timedelta:
    return max(limit.within for limit in several)


def _digest(session: SelfServiceSession, said: str) -> str:
    """Keyed, since a million codes are soon tried."""
    told = f"{session.pk}:{said}"
    return salted_hmac("firstcall.book.code", told, algorithm="sha256").hexdigest()


def _order(step: SelfServiceStep) -> int:
    return list(SelfServiceStep).index(step)
