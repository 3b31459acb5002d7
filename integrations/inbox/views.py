"""The inbox page: what other systems sent, what became of it, and trying it again."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, trigger_client_event

from crm import clock
from crm.engine import record
from crm.permissions import can_see_inbox
from crm.web import actor, allowed_to, htmx_of
from integrations.inbox import actions, queries, words
from integrations.inbox.door import count_turned_away
from integrations.inbox.forms import ActForm, FilterForm, SetAsideForm
from integrations.inbox.queries import MessageDetail
from integrations.models import InboxMessage

#: Ids of what htmx puts an answer into.
LIST, DETAIL = "work-list", "work"
MEANWHILE = gettext_noop("It has just changed. This is what is true now.")


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def messages(request: HttpRequest) -> HttpResponse:
    """The list, none chosen. It has no bodies, so it names no patient."""
    context = _list_context(request)
    if htmx_of(request).target == LIST:
        return _refreshed(request, "inbox/messages_list.html", context)
    return render(request, "inbox/messages.html", context)


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message beside the list. Its body names a patient: each look is written down."""
    if htmx_of(request).target == LIST:
        context = _list_context(request, selected=pk)
        return _refreshed(request, "inbox/messages_list.html", context)
    if htmx_of(request).target == DETAIL:
        context = _list_context(request, selected=pk) | _detail_context(request, pk)
        _note_look(request, pk)
        return render(request, "inbox/message_chosen.html", context)
    return _page(request, pk)


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def message_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The message again, once something of it has changed; 204 until then."""
    context = _detail_context(request, pk)
    if request.GET.get("seen") == context["message_mark"]:
        return HttpResponse(status=204)
    _note_look(request, pk)
    return render(request, "inbox/message_live.html", context)


@never_cache
@require_POST
@allowed_to(can_see_inbox)
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Try it again as it was received."""
    found, form = _find(pk), ActForm(request.POST)
    if not _is_as_shown(found, form):
        return _conflict(request, pk)
    actions.replay(message_id=pk, by=actor(request), at=clock.now())
    return _done(request, pk, _("It is being tried again."))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_see_inbox)
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide that nothing is to be done with it, and why."""
    found = _find(pk)
    if request.method != "POST":
        return _ask(request, found, SetAsideForm(initial={"was": found.status}))
    form = SetAsideForm(request.POST)
    if not form.is_valid():
        return _ask(request, found, form, status=422)
    if not _is_as_shown(found, form):
        return _conflict(request, pk)
    reason = form.cleaned_data["reason"]
    actions.set_aside(message_id=pk, reason=reason, by=actor(request), at=clock.now())
    return _done(request, pk, _("Set aside. It stays here, and can be tried again."))


def _page(request: HttpRequest, pk: int, *, notice: str = "", status: int = 200) -> HttpResponse:
    context = _list_context(request, selected=pk) | _detail_context(request, pk)
    _note_look(request, pk)
    return render(request, "inbox/messages.html", context | {"notice": notice}, status=status)


def _note_look(request: HttpRequest, pk: int) -> None:
    record("integrations.inbox.viewed", InboxMessage(pk=pk), by=actor(request), at=clock.now())


def _list_context(request: HttpRequest, *, selected: int | None = None) -> dict[str, Any]:
    chosen = FilterForm(request.GET).chosen
    listed = queries.list_messages(**chosen)
    away = count_turned_away(at=clock.now())
    here = reverse("inbox:message", args=[selected]) if selected else reverse("inbox:messages")
    return {
        "listed": listed,
        "selected": selected,
        "chosen": chosen,
        "here": here,
        "filters": _query(chosen),
        "older": _query({**chosen, "after": listed.older}) if listed.older else "",
        "newest": _query({**chosen, "after": None}),
        "pills": [
            (status, said.word, _query({**chosen, "status": status, "after": None}))
            for status, said in words.STATES.items()
        ],
        "all_states": _query({**chosen, "status": None, "after": None}),
        "kinds": words.KINDS.items(),
        "turned_away": away,
        "mark": _digest(listed, selected, away),
        "now": clock.now(),
    }


def _detail_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    try:
        detail: MessageDetail = queries.get_message(pk)
    except InboxMessage.DoesNotExist as missing:
        raise Http404 from missing
    return {
        "message": detail,
        "message_mark": _digest(detail),
        "filters": _query(FilterForm(request.GET).chosen),
        "now": clock.now(),
    }


def _query(chosen: Mapping[str, Any]) -> str:
    """The list's filters as links carry them on."""
    named = {**chosen, "before": chosen["after"]}
    kept = {name: named[name] for name in ("status", "kind", "source", "before") if named[name]}
    return urlencode({name: str(value) for name, value in kept.items()})


def _digest(*values: object) -> str:
    """A short name for what frozen values say: another one means that they say otherwise."""
    return blake2b(repr(values).encode(), digest_size=9).hexdigest()


def _refreshed(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part, or nothing where the page has it already."""
    if request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, template, context)


def _find(pk: int) -> InboxMessage:
    found = InboxMessage.objects.defer("body", "answer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _is_as_shown(found: InboxMessage, form: ActForm) -> bool:
    return form.is_valid() and form.cleaned_data["was"] == found.status


def _ask(
    request: HttpRequest, found: InboxMessage, form: SetAsideForm, *, status: int = 200
) -> HttpResponse:
    part = "message_aside" if htmx_of(request) else "message_aside_page"
    return render(request, f"inbox/{part}.html", {"found": found, "form": form}, status=status)


def _done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """Say so; a page with script stays, closes its dialog, and looks again."""
    notes.success(request, sentence)
    return _look_again(request) if htmx_of(request) else redirect("inbox:message", pk)


def _conflict(request: HttpRequest, pk: int) -> HttpResponse:
    if not htmx_of(request):
        return _page(request, pk, notice=_(MEANWHILE), status=409)
    notes.warning(request, _(MEANWHILE))
    return _look_again(request, status=409)


def _look_again(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    response = render(request, "components/messages.html", {"oob": True}, status=status)
    trigger_client_event(response, "worklist:done", after="swap")
    return reswap(response, "none")
