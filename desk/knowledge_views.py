"""Knowledge, to read: the list with search, one article, whether it helped, its versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.models import User
from crm.permissions import can_edit_knowledge, can_view_knowledge
from crm.web import allowed_to, htmx_of
from desk.actions.articles import note_use, vote
from desk.knowledge_forms import SearchForm, VoteForm
from desk.models import Article, ArticleVersion
from desk.queries.articles import (
    list_articles,
    missed_in,
    search_articles,
    versions_of,
    vote_of,
)
from desk.queries.versions import find_before, standing_of
from desk.queries.zone import house_zone
from desk.rules.texts import LineChange, compare_lines
from desk.rules.writing import BlockKind, read

#: Days that use is counted over.
COUNTED = 30
_HEADINGS = frozenset({BlockKind.HEADING, BlockKind.SUBHEADING})


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version, and what it changed against the one in force before it."""

    version: ArticleVersion
    changes: tuple[LineChange, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """An article as other pages point to it."""

    code: str
    title: str
    url: str
    excerpt: str


def article_links(said: str, *, limit: int) -> tuple[ArticleLink, ...]:
    """What is found for a few letters, with how each begins."""
    found = search_articles(said, limit=limit) if len(said) > 1 else ()
    return tuple(
        ArticleLink(code, each.title, reverse("desk:article", args=[code]), _begins(each))
        for each in found
        for code in [each.article.code]
    )


def _begins(version: ArticleVersion) -> str:
    """The first words under its headings."""
    text = (block.lines[0] for block in read(version.body) if block.kind not in _HEADINGS)
    return Truncator("".join(piece.text for piece in next(text, ()))).chars(90)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_view_knowledge)
def articles(request: HttpRequest) -> HttpResponse:
    """All articles; a POST finds some of them, since what is typed stands in no address."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    said = form.cleaned_data["said"].strip() if form.is_valid() else ""
    found = search_articles(said) if said else None
    context: dict[str, Any] = {"form": form, "found": found, "said": said, "days": COUNTED}
    if htmx_of(request):
        return render(request, "knowledge/articles.html#found", context | _all(request))
    return render(request, "knowledge/articles.html", context | _all(request))


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def article(request: HttpRequest, code: str, number: int | None = None) -> HttpResponse:
    """What an article says now, or said in one of its versions."""
    found = get_article(code)
    context, at = article_context(request, found), clock.now()
    version = _version(found, number) if number else context["standing"].published
    if version is not None and number is None:
        note_use(version=version, user=user_of(request), at=at)
    if version is not None and context["may_edit"]:
        context["missed"] = missed_in(version)
    return render(request, "knowledge/article.html", context | version_context(request, version))


@never_cache
@require_POST
@allowed_to(can_view_knowledge)
def vote_here(request: HttpRequest, code: str) -> HttpResponse:
    """One vote for each person and version; a later one replaces it."""
    found, form = get_article(code), VoteForm(request.POST)
    version = _voted(found, form)
    if version is None:
        return HttpResponse(_("Say whether it was useful."), status=422)
    vote(
        version_id=version.pk,
        user=user_of(request),
        was_useful=form.cleaned_data["useful"] == "yes",
        note=form.cleaned_data["note"],
        at=clock.now(),
    )
    if htmx_of(request):
        context = {"article": found, **version_context(request, version)}
        return render(request, "knowledge/vote.html", context)
    return redirect("desk:article", code)


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """Every version with its reason, and what it changed."""
    found = get_article(code)
    lines = [_line(version) for version in versions_of(found.pk)]
    context = article_context(request, found) | {"lines": lines, "zone": house_zone()}
    return render(request, "knowledge/versions.html", context)


def get_article(code: str) -> Article:
    """:raises Http404:"""
    rows = Article.objects.prefetch_related("call_types", "locations", "lines")
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def article_context(request: HttpRequest, found: Article) -> dict[str, Any]:
    """What every page of one article needs."""
    standing = standing_of(ArticleVersion, found.pk)
    return {
        "article": found,
        "standing": standing,
        "title": standing.shown.title if standing.shown else found.code,
        "may_edit": can_edit_knowledge(request.user),
    }


def version_context(request: HttpRequest, version: ArticleVersion | None) -> dict[str, Any]:
    """The text of a version, and how its reader voted."""
    return {
        "version": version,
        "blocks": read(version.body) if version else (),
        "vote": vote_of(version, user_of(request)) if version else None,
    }


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    return request.user


def _all(request: HttpRequest) -> dict[str, Any]:
    since = clock.now() - dt.timedelta(days=COUNTED)
    return {"lines": list_articles(since=since), "may_edit": can_edit_knowledge(request.user)}


def _version(found: Article, number: int) -> ArticleVersion:
    version = versions_of(found.pk).filter(number=number).first()
    if version is None:
        raise Http404
    return version


def _voted(found: Article, form: VoteForm) -> ArticleVersion | None:
    if not form.is_valid():
        return None
    return versions_of(found.pk).filter(pk=form.cleaned_data["version"]).first()


def _line(version: ArticleVersion) -> VersionLine:
    before = find_before(version)
    if before is None:
        return VersionLine(version, (), None)
    old, new = _as_text(before), _as_text(version)
    return VersionLine(version, compare_lines(old, new), before.number)


def _as_text(version: ArticleVersion) -> str:
    return "\n".join((version.title, f"({', '.join(version.words)})", version.body))
