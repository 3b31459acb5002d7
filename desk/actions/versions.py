"""Versions of scripts and articles: drafts, publishing now or later, and going back.

Everything of one document is changed under its lock. What was published is never changed again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from crm.engine import Actor, move, publish, record
from crm.engine.actors import ActorKind
from crm.engine.audit import subject_type
from desk import locks
from desk.models import VersionRow
from desk.states import VersionStatus

Version = TypeVar("Version", bound=VersionRow)
#: What stands against publishing a version, in sentences.
Check = Callable[[Any], tuple[str, ...]]


class DraftChanged(Exception):
    """The draft is not as the editor saw it; the text says what to do."""


class VersionHasProblems(Exception):
    """It cannot be published as it is. `sentences` say what to mend."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__("Mend what is marked first, then publish.")
        self.sentences = sentences


class NothingToGoBackTo(Exception):
    """This version was never in force."""


def add_first_draft(version: Version, *, by: Actor, at: dt.datetime) -> Version:
    """Keep the first draft of a new document. Called within the transaction that makes it."""
    version.number, version.created_at, version.created_by_id = 1, at, user_id(by)
    version.save(force_insert=True)
    record(f"{subject_type(version)}.started", version, by=by, at=at)
    return version


def start_draft(kind: type[Version], *, document_id: int, by: Actor, at: dt.datetime) -> Version:
    """The draft of a document: the one there is, or a copy of what comes or is in force."""
    with transaction.atomic():
        locks.lock_document(kind, document_id)
        rows = _rows(kind, document_id)
        draft: Version | None = rows.filter(status=VersionStatus.DRAFT).first()
        if draft is not None:
            return draft
        newest = rows.latest("number")
        source = (
            rows.filter(status=VersionStatus.SCHEDULED).first()
            or rows.filter(status=VersionStatus.PUBLISHED).first()
            or newest
        )
        copy: Version = _copy(source, number=newest.number + 1, by=by, at=at)
        record(f"{subject_type(copy)}.started", copy, by=by, at=at)
        return copy


def change_draft(
    kind: type[Version],
    *,
    version_id: int,
    revision: int,
    change: Callable[[Version], None],
    by: Actor,
    at: dt.datetime,
) -> Version:
    """Change what a draft says.

    :param revision: of the draft that the editor saw.
    :param change: assigns its content; may raise, and then nothing is kept.
    :raises DraftChanged: when somebody else changed or published it meanwhile.
    """
    with transaction.atomic():
        draft = lock_draft(kind, version_id, revision)
        change(draft)
        draft.revision += 1
        draft.save(update_fields=[*kind.CONTENT, "revision"])
        record(f"{subject_type(draft)}.edited", draft, by=by, at=at, revision=draft.revision)
    return draft


def discard_draft(
    kind: type[Version], *, version_id: int, revision: int, by: Actor, at: dt.datetime
) -> Version:
    """Throw a draft away; it stays in the list of versions. :raises DraftChanged:"""
    with transaction.atomic():
        draft = lock_draft(kind, version_id, revision)
        return move(
            draft, to=VersionStatus.RETIRED, by=by, at=at, reason="thrown away", retired_at=at
        )


def publish_draft(
    kind: type[Version],
    *,
    version_id: int,
    revision: int,
    reason: str,
    check: Check,
    by: Actor,
    at: dt.datetime,
    starts_at: dt.datetime | None = None,
    **fields: Any,
) -> Version:
    """Have a draft in force, now or from `starts_at` on; what was in force retires then.

    Publishes the kind's event when it comes into force: open desks show it at once.

    :param check: what stands against it.
    :param fields: what else is kept with the version ("asks_sign_off").
    :raises DraftChanged, VersionHasProblems:
    """
    with transaction.atomic():
        draft = lock_draft(kind, version_id, revision)
        if sentences := check(draft):
            raise VersionHasProblems(sentences)
        fields |= {"reason": reason[:300], "published_by_id": user_id(by)}
        kind._default_manager.filter(pk=draft.pk).update(**fields)
        for name, value in fields.items():
            setattr(draft, name, value)
        if starts_at is None or starts_at <= at:
            return _put_in_force(draft, by=by, at=at)
        _retire(kind, draft.owner_id, VersionStatus.SCHEDULED, by=by, at=at)
        return move(
            draft, to=VersionStatus.SCHEDULED, by=by, at=at, reason=reason, due_at=starts_at
        )


def take_back(kind: type[Version], *, version_id: int, by: Actor, at: dt.datetime) -> Version:
    """A scheduled version is a draft again. :raises DraftChanged:"""
    with transaction.atomic():
        version = _lock(kind, version_id)
        if version.status != VersionStatus.SCHEDULED:
            raise DraftChanged(f"It is {version.status} by now. Look at it again.")
        if _rows(kind, version.owner_id).filter(status=VersionStatus.DRAFT).exists():
            raise DraftChanged("There is another draft already. Publish or throw that away first.")
        return move(version, to=VersionStatus.DRAFT, by=by, at=at, due_at=None)


def come_into_force(
    kind: type[Version], *, version_id: int, by: Actor, at: dt.datetime
) -> Version | None:
    """The time of a scheduled version has come; None when it was taken back meanwhile.

    Safe to run twice. Publishes the kind's event.
    """
    with transaction.atomic():
        version = _lock(kind, version_id)
        if version.status != VersionStatus.SCHEDULED:
            return None
        return _put_in_force(version, by=by, at=at)


def go_back_to(
    kind: type[Version], *, version_id: int, reason: str, by: Actor, at: dt.datetime
) -> Version:
    """What an earlier version said is in force again, at once, as a new version.

    :raises NothingToGoBackTo: for one that was never in force, or is now.
    """
    with transaction.atomic():
        old = _lock(kind, version_id)
        if old.published_at is None or old.status == VersionStatus.PUBLISHED:
            raise NothingToGoBackTo("Choose a version that was in force before.")
        newest = _rows(kind, old.owner_id).latest("number")
        _retire(kind, old.owner_id, VersionStatus.PUBLISHED, by=by, at=at)
        made = _copy(
            old,
            number=newest.number + 1,
            by=by,
            at=at,
            status=VersionStatus.PUBLISHED,
            published_at=at,
            published_by_id=user_id(by),
            reason=reason[:300],
        )
        record(f"{subject_type(made)}.went-back", made, by=by, at=at, reason=reason, to=old.number)
        publish(kind.EVENT, made, at=at, document=made.owner_id)
        return made


def lock_draft(kind: type[Version], version_id: int, revision: int) -> Version:
    """The draft as the editor saw it, under its document's lock. :raises DraftChanged:"""
    draft = _lock(kind, version_id)
    if draft.status != VersionStatus.DRAFT:
        raise DraftChanged(f"This draft is {draft.status} by now. Start a new one.")
    if draft.revision != revision:
        raise DraftChanged("Somebody changed this draft meanwhile. Look at it, then try again.")
    return draft


def user_id(by: Actor) -> int | None:
    return by.id if by.kind is ActorKind.USER else None


def _rows(kind: type[Version], document_id: int) -> Any:
    return kind._default_manager.filter(**{kind.OWNER: document_id})


def _lock(kind: type[Version], version_id: int) -> Version:
    document_id = kind._default_manager.values_list(f"{kind.OWNER}_id", flat=True).get(
        pk=version_id
    )
    locks.lock_document(kind, document_id)
    return kind._default_manager.get(pk=version_id)


def _put_in_force(version: Version, *, by: Actor, at: dt.datetime) -> Version:
    kind = type(version)
    _retire(kind, version.owner_id, VersionStatus.PUBLISHED, by=by, at=at)
    move(
        version,
        to=VersionStatus.PUBLISHED,
        by=by,
        at=at,
        reason=version.reason,
        published_at=at,
        due_at=None,
    )
    publish(kind.EVENT, version, at=at, document=version.owner_id)
    return version


def _retire(
    kind: type[Version], document_id: int, status: VersionStatus, *, by: Actor, at: dt.datetime
) -> None:
    found = _rows(kind, document_id).filter(status=status).first()
    if found is not None:
        move(found, to=VersionStatus.RETIRED, by=by, at=at, retired_at=at, due_at=None)


def _copy(version: Version, *, number: int, by: Actor, at: dt.datetime, **fields: Any) -> Version:
    return type(version)._default_manager.create(
        **{f"{version.OWNER}_id": version.owner_id},
        **version.content,
        number=number,
        created_at=at,
        created_by_id=user_id(by),
        **fields,
    )
