"""What an act in a panel answers: the panel as it stands now, or the page without script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext_noop
from django_htmx.http import reswap, retarget, trigger_client_event

from crm import clock
from crm.saying import translated
from crm.web import htmx_of
from desk.screen import page
from desk.screen.contact import DeskContact, read_contact
from desk.screen.panels import BY_NAME

P = ParamSpec("P")
TRAINING = gettext_noop("This is training: nothing is asked of the clinic or the EHR.")


def answer_panel(
    request: HttpRequest,
    contact: DeskContact,
    name: str,
    *,
    status: int = 200,
    notice: str = "",
    **more: Any,
) -> HttpResponse:
    """The panel, with `contact:changed` for the rest of the screen once something was done.

    Without script: the page again; what was refused stands on it as its notice.

    It comes into the panel's own place, wherever the press came from.

    :param more: what replaces parts of the panel's own context: a form with its errors.
    """
    if not htmx_of(request):
        if status == 200:
            return redirect(page.address(contact))
        return page.answer(request, contact, status=status, notice=notice)
    panel, at, fresh = BY_NAME[name], clock.now(), read_contact(contact.pk)
    mine = fresh.mine(request.user) and not fresh.is_over
    context = {"contact": fresh, "panel": panel, "mine": mine, "now": at}
    context["seen_by"] = page.look_token(request, fresh)
    context |= panel.read(fresh, at=at) | {"notice": notice} | more
    made = HttpResponse(render_to_string(panel.template, context, request), status=status)
    made = reswap(retarget(made, f"#panel-{name}"), "outerHTML")
    return trigger_client_event(made, page.CHANGED) if status == 200 else made


def refuse(request: HttpRequest, contact: DeskContact, name: str, why: str) -> HttpResponse:
    """409 with the panel and why nothing was done; a dialog that asked for it closes."""
    made = answer_panel(request, contact, name, status=409, notice=translated(why))
    return trigger_client_event(made, page.CHANGED) if htmx_of(request) else made


def in_panel(
    name: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, DeskContact, P], HttpResponse]],
    Callable[..., HttpResponse],
]:
    """Give a view its contact; 404 without one, 409 with the panel where it may not act."""

    def guard(
        view: Callable[Concatenate[HttpRequest, DeskContact, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(
            request: HttpRequest, pk: int, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            contact = read_contact(pk)
            if contact.patient is None or not contact.is_verified:
                raise Http404
            stop = _why_not(request, contact)
            if stop:
                return refuse(request, contact, name, stop)
            return view(request, contact, *args, **kwargs)

        return guarded

    return guard


def _why_not(request: HttpRequest, contact: DeskContact) -> str:
    if contact.is_over or not contact.mine(request.user):
        return page.not_theirs(contact)
    return TRAINING if contact.interaction.is_training else ""
