"""What is done in the panel of knowledge: search, open an article in place, say if it helped."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import note_step
from crm.permissions import can_take_calls
from crm.states import StepKind
from crm.web import actor, allowed_to, htmx_of
from desk.actions.articles import note_use, vote
from desk.knowledge_forms import SearchForm, VoteForm
from desk.knowledge_views import articles, user_of, version_context
from desk.models import ArticleVersion
from desk.queries.articles import find_article, search_articles
from desk.screen.contact import DeskContact, with_contact
from desk.screen.panels import BY_NAME


@never_cache
@require_POST
@allowed_to(can_take_calls)
@with_contact
def search(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Articles by what is typed; nothing typed shows those of the contact again."""
    if not htmx_of(request):
        return articles(request)
    form = SearchForm(request.POST)
    said = form.cleaned_data["said"].strip() if form.is_valid() else ""
    found = search_articles(said, limit=6) if said else None
    return _panel(request, contact, "#found", found=found)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@with_contact
def open_article(request: HttpRequest, contact: DeskContact, code: str) -> HttpResponse:
    """One article in its place; that it was opened is counted, and stands in the contact.

    An open one comes `again` when another version is in force: nobody has opened anything.
    """
    version = _get(code)
    if "again" not in request.POST:
        _note(request, contact, version)
    if not htmx_of(request):
        return redirect("desk:article", code)
    return _panel(request, contact, "", **_shown(request, version))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@with_contact
def vote_article(request: HttpRequest, contact: DeskContact, code: str) -> HttpResponse:
    """Whether it helped; for the version that was read, also when a newer one is out."""
    form, version = VoteForm(request.POST), _get(code)
    read = form.cleaned_data["version"] if form.is_valid() else 0
    if not version.article.versions.filter(pk=read).exists():
        return _panel(request, contact, "", status=422, **_shown(request, version))
    vote(
        version_id=read,
        user=user_of(request),
        was_useful=form.cleaned_data["useful"] == "yes",
        at=clock.now(),
    )
    if not htmx_of(request):
        return redirect("desk:article", code)
    return _panel(request, contact, "", **_shown(request, version))


def _note(request: HttpRequest, contact: DeskContact, version: ArticleVersion) -> None:
    at, user, one = clock.now(), user_of(request), contact.interaction
    note_use(version=version, user=user, contact=one, at=at)
    if contact.mine(user) and not contact.is_over:
        code = f"article:{version.article.code}"
        note_step(contact=one, kind=StepKind.LOOK, code=code, by=actor(request), at=at)


def _get(code: str) -> ArticleVersion:
    version = find_article(code)
    if version is None:
        raise Http404
    return version


def _shown(request: HttpRequest, version: ArticleVersion) -> dict[str, Any]:
    return {"article": version.article, **version_context(request, version)}


def _panel(
    request: HttpRequest, contact: DeskContact, part: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    panel = BY_NAME["knowledge"]
    context = {"contact": contact, "panel": panel, "mine": contact.mine(request.user)}
    context |= panel.read(contact, at=clock.now()) | more
    return render(request, f"{panel.template}{part}", context, status=status)
