"""Writing an article: its draft with a preview, where it holds, publishing, and going back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.permissions import can_edit_knowledge
from crm.web import actor, allowed_to, htmx_of
from desk.actions.articles import (
    ArticleTaken,
    add_article,
    place_article,
    problems_of,
    publish_article,
    write_article,
)
from desk.actions.versions import (
    DraftChanged,
    NothingToGoBackTo,
    VersionHasProblems,
    discard_draft,
    go_back_to,
    start_draft,
    take_back,
)
from desk.knowledge_forms import (
    LONGEST_BODY,
    ArticleForm,
    GoBackForm,
    NewArticleForm,
    PlaceForm,
    PublishForm,
    RevisionForm,
)
from desk.knowledge_views import article_context, get_article
from desk.models import Article, ArticleVersion
from desk.queries.articles import versions_of
from desk.queries.versions import standing_of
from desk.queries.zone import house_zone
from desk.rules.writing import read


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def new_article(request: HttpRequest) -> HttpResponse:
    """An article with an empty draft."""
    form = NewArticleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = add_article(**said, words=(), body="", by=actor(request), at=clock.now())
        except ArticleTaken as taken:
            form.add_error("code", str(taken))
        else:
            return redirect("desk:article-draft", made.code)
    status = 422 if form.is_bound else 200
    return render(request, "knowledge/new.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Where it holds: at once, for every version."""
    found = get_article(code)
    form = PlaceForm(request.POST if request.method == "POST" else None, initial=_placed(found))
    if form.is_valid():
        place_article(article_id=found.pk, **form.cleaned_data, by=actor(request), at=clock.now())
        messages.success(request, "Saved. It shows there from now on.")
        return redirect("desk:article", code)
    context = article_context(request, found) | {"form": form}
    return render(request, "knowledge/place.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """A draft: the one there is, or a copy of what is in force."""
    found = get_article(code)
    start_draft(ArticleVersion, document_id=found.pk, by=actor(request), at=clock.now())
    return redirect("desk:article-draft", code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The editor; a POST keeps what was typed."""
    found = get_article(code)
    version = get_draft(found)
    if request.method != "POST":
        return _editor(request, found, version)
    form = ArticleForm(request.POST)
    if not form.is_valid():
        return _editor(request, found, version, form=form, status=422)
    try:
        write_article(
            version_id=version.pk,
            revision=form.cleaned_data["revision"],
            **form.content,
            by=actor(request),
            at=clock.now(),
        )
    except DraftChanged as changed:
        return _editor(request, found, version, form=form, notice=str(changed), status=409)
    messages.success(request, "The draft is kept.")
    return redirect("desk:article-draft", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """As readers would see what is typed; nothing is kept."""
    found = get_article(code)
    blocks = read(request.POST.get("body", "")[:LONGEST_BODY])
    if htmx_of(request):
        return render(request, "knowledge/body.html", {"blocks": blocks})
    form = ArticleForm(request.POST)
    return _editor(request, found, get_draft(found), form=form, blocks=blocks)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Have the draft in force, now or later."""
    found = get_article(code)
    version, at = get_draft(found), clock.now()
    form = PublishForm(request.POST, zone=house_zone(), now=at)
    if not form.is_valid():
        return _editor(request, found, version, publishing=form, status=422)
    try:
        publish_article(version_id=version.pk, **form.cleaned_data, by=actor(request), at=at)
    except VersionHasProblems as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return _editor(request, found, version, publishing=form, status=422)
    except DraftChanged as changed:
        return _editor(request, found, version, notice=str(changed), status=409)
    later = form.cleaned_data["starts_at"]
    told = "comes into force at its time" if later else "is in force, on open desks too"
    messages.success(request, f"Version {version.number} {told}.")
    return redirect("desk:article", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    found, form = get_article(code), RevisionForm(request.POST)
    version = get_draft(found)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        discard_draft(
            ArticleVersion,
            version_id=version.pk,
            revision=revision,
            by=actor(request),
            at=clock.now(),
        )
    except DraftChanged as changed:
        return _editor(request, found, version, notice=str(changed), status=409)
    messages.success(request, "The draft is thrown away.")
    return redirect("desk:article", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def unschedule(request: HttpRequest, code: str) -> HttpResponse:
    """What was to come into force is a draft again."""
    found = get_article(code)
    version = standing_of(ArticleVersion, found.pk).scheduled
    if version is None:
        messages.error(request, "Nothing waits for its time any more.")
        return redirect("desk:article-versions", code)
    try:
        take_back(ArticleVersion, version_id=version.pk, by=actor(request), at=clock.now())
    except DraftChanged as changed:
        messages.error(request, str(changed))
        return redirect("desk:article-versions", code)
    return redirect("desk:article-draft", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def go_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What an earlier version said is in force again."""
    found, form = get_article(code), GoBackForm(request.POST)
    version = versions_of(found.pk).filter(number=number).first()
    if version is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, "Say why it goes back.")
        return redirect("desk:article-versions", code)
    try:
        go_back_to(
            ArticleVersion,
            version_id=version.pk,
            reason=form.cleaned_data["reason"],
            by=actor(request),
            at=clock.now(),
        )
    except NothingToGoBackTo as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"It says again what version {number} said.")
    return redirect("desk:article-versions", code)


def get_draft(found: Article) -> ArticleVersion:
    """:raises Http404:"""
    version = standing_of(ArticleVersion, found.pk).draft
    if version is None:
        raise Http404
    return version


def _editor(
    request: HttpRequest,
    found: Article,
    version: ArticleVersion,
    *,
    form: ArticleForm | None = None,
    publishing: PublishForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    initial = {
        "revision": version.revision,
        "title": version.title,
        "words": ", ".join(version.words),
        "body": version.body,
    }
    context = article_context(request, found) | {
        "draft": version,
        "form": form or ArticleForm(initial=initial),
        "publishing": publishing
        or PublishForm(initial={"revision": version.revision}, zone=house_zone(), now=clock.now()),
        "problems": problems_of(version),
        "blocks": read(version.body),
    }
    return render(request, "knowledge/draft.html", context | more, status=status)


def _placed(found: Article) -> dict[str, Any]:
    return {
        "language": found.language,
        "specialty": found.specialty,
        "call_types": found.call_types.all(),
        "locations": found.locations.all(),
        "lines": found.lines.all(),
    }
