"""Keeping the kinds of call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from crm.engine import Actor, record
from crm.states import Speaker
from desk import locks
from desk.models import CallExit, CallType
from desk.states import Proof


class CodeTaken(Exception):
    """Another kind of call, or two ways for one to end, have the same short name."""


@dataclass(frozen=True, slots=True)
class ExitTerms:
    """One way to end: its code, its words, and whether nothing is left to do."""

    code: str
    words: str
    resolves: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTypeTerms:
    """All that is kept of a kind of call; the fields are those of `CallType`."""

    name: str
    need: str
    words: Sequence[str]
    speakers: Sequence[Speaker]
    proof: Proof
    exits: Sequence[ExitTerms]
    skills: Sequence[str] = ()
    needs_sign_off: bool = False
    callback_attempts: int = 0
    may_leave_voicemail: bool = False
    voicemail: str = ""
    voicemail_es: str = ""
    rank: int = 100
    is_active: bool = True


def add_call_type(*, code: str, terms: CallTypeTerms, by: Actor, at: dt.datetime) -> CallType:
    """A new kind of call. :raises CodeTaken:"""
    try:
        with transaction.atomic():
            made = CallType.objects.create(code=code, **_fields(terms))
            _put_exits(made, terms.exits)
            record("desk.calltype.added", made, by=by, at=at, code=code)
    except IntegrityError as taken:
        raise CodeTaken("Two have the same short name. Choose a different one.") from taken
    return made


def keep_call_type(*, pk: int, terms: CallTypeTerms, by: Actor, at: dt.datetime) -> CallType:
    """Change a kind of call; its code stays. Its ways to end become those of `terms`.

    Contacts keep the code of how they ended, also where that way is taken away.

    :raises CodeTaken, CallType.DoesNotExist:
    """
    try:
        with transaction.atomic():
            kept = locks.lock_call_type(pk)
            fields = _fields(terms)
            for name, value in fields.items():
                setattr(kept, name, value)
            kept.save(update_fields=list(fields))
            kept.exits.all().delete()
            _put_exits(kept, terms.exits)
            record("desk.calltype.kept", kept, by=by, at=at, code=kept.code)
    except IntegrityError as taken:
        raise CodeTaken("Two ways to end have the same short name.") from taken
    return kept


def _fields(terms: CallTypeTerms) -> dict[str, object]:
    return {
        "name": terms.name,
        "need": terms.need,
        "words": _clean(terms.words),
        "speakers": [str(each) for each in terms.speakers],
        "proof": terms.proof,
        "skills": _clean(terms.skills),
        "needs_sign_off": terms.needs_sign_off,
        "callback_attempts": terms.callback_attempts,
        "may_leave_voicemail": terms.may_leave_voicemail,
        "voicemail": terms.voicemail,
        "voicemail_es": terms.voicemail_es,
        "rank": terms.rank,
        "is_active": terms.is_active,
    }


def _put_exits(call_type: CallType, exits: Sequence[ExitTerms]) -> None:
    CallExit.objects.bulk_create(
        CallExit(
            call_type=call_type,
            code=each.code,
            words=each.words,
            resolves=each.resolves,
            rank=10 * n,
        )
        for n, each in enumerate(exits, start=1)
    )


def _clean(words: Iterable[str]) -> list[str]:
    said = (" ".join(word.split()).lower()[:60] for word in words)
    return list(dict.fromkeys(word for word in said if word))
