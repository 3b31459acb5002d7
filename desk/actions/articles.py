"""Writing articles, and what readers make of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction

from crm.engine import Actor, insert_or_none, record
from crm.models import Interaction, PhoneLine, User
from desk import locks
from desk.actions.versions import add_first_draft, change_draft, publish_draft
from desk.models import Article, ArticleUse, ArticleVersion, ArticleVote, CallType
from desk.rules.writing import plain
from scheduling.models import Location

MOST_WORDS = 40
LONGEST_WORD = 60


class ArticleTaken(Exception):
    """Another article has this short name."""


def add_article(
    *,
    code: str,
    title: str,
    words: Iterable[str],
    body: str,
    by: Actor,
    at: dt.datetime,
    language: str = "en",
    specialty: str = "",
) -> Article:
    """An article with its first draft. :raises ArticleTaken:"""
    try:
        with transaction.atomic():
            made = Article.objects.create(
                code=code, language=language, specialty=specialty, created_at=at
            )
            draft = ArticleVersion(article=made)
            _write(draft, title=title, words=words, body=body)
            add_first_draft(draft, by=by, at=at)
            record("desk.article.added", made, by=by, at=at)
    except IntegrityError as taken:
        raise ArticleTaken(
            "Another article has this short name. Choose a different one."
        ) from taken
    return made


def place_article(
    *,
    article_id: int,
    language: str,
    specialty: str,
    lines: Collection[PhoneLine],
    locations: Collection[Location],
    call_types: Collection[CallType],
    by: Actor,
    at: dt.datetime,
) -> Article:
    """Where it holds, at once and for every version; empty means everywhere.

    :raises Article.DoesNotExist:
    """
    with transaction.atomic():
        article: Article = locks.lock_document(ArticleVersion, article_id)
        article.language, article.specialty = language, specialty
        article.save(update_fields=["language", "specialty"])
        article.lines.set(lines)
        article.locations.set(locations)
        article.call_types.set(call_types)
        record(
            "desk.article.placed",
            article,
            by=by,
            at=at,
            lines=[each.pk for each in lines],
            locations=[each.pk for each in locations],
            call_types=[each.code for each in call_types],
        )
    return article


def write_article(
    *,
    version_id: int,
    revision: int,
    title: str,
    words: Iterable[str],
    body: str,
    by: Actor,
    at: dt.datetime,
) -> ArticleVersion:
    """Change a draft. :raises desk.actions.versions.DraftChanged:"""
    return change_draft(
        ArticleVersion,
        version_id=version_id,
        revision=revision,
        change=lambda draft: _write(draft, title=title, words=words, body=body),
        by=by,
        at=at,
    )


def publish_article(
    *,
    version_id: int,
    revision: int,
    reason: str,
    by: Actor,
    at: dt.datetime,
    starts_at: dt.datetime | None = None,
) -> ArticleVersion:
    """Have it in force, now or later. Publishes `desk.article-published` when it is.

    :raises desk.actions.versions.DraftChanged, desk.actions.versions.VersionHasProblems:
    """
    return publish_draft(
        ArticleVersion,
        version_id=version_id,
        revision=revision,
        reason=reason,
        check=problems_of,
        starts_at=starts_at,
        by=by,
        at=at,
    )


def problems_of(version: ArticleVersion) -> tuple[str, ...]:
    """What stands against publishing it, in sentences."""
    found = []
    if not version.title.strip():
        found.append("Give it a title that says what it answers.")
    if not plain(version.body):
        found.append("Write what there is to know.")
    return tuple(found)


def vote(
    *,
    version_id: int,
    user: User,
    was_useful: bool,
    at: dt.datetime,
    note: str = "",
) -> ArticleVote:
    """Whether it helped: one vote for each person and version; a later one replaces it.

    :param note: what was missing; no patient in it.
    :raises ArticleVersion.DoesNotExist:
    """
    version = ArticleVersion.objects.get(pk=version_id)
    kept, _ = ArticleVote.objects.update_or_create(
        version=version,
        user=user,
        defaults={"was_useful": was_useful, "note": note.strip()[:300], "at": at},
    )
    return kept


def note_use(
    *, version: ArticleVersion, user: User, at: dt.datetime, contact: Interaction | None = None
) -> None:
    """Somebody opened it: counted once a day for each contact, or without one for each person."""
    insert_or_none(ArticleUse(version=version, user=user, interaction=contact, on=at.date(), at=at))


def _write(draft: ArticleVersion, *, title: str, words: Iterable[str], body: str) -> None:
    said = (" ".join(word.split()).lower()[:LONGEST_WORD] for word in words)
    draft.title = " ".join(title.split())[:120]
    draft.words = list(dict.fromkeys(word for word in said if word))[:MOST_WORDS]
    draft.body = body.strip()
    draft.named = plain(" ".join((draft.title, *draft.words)))
    draft.plain = plain(draft.body)
