"""A form in the desk's dialog, opened from a panel: shown, and done with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import trigger_client_event

from crm.web import htmx_of
from desk.screen import page
from desk.screen.contact import DeskContact
from desk.screen.panels.answers import answer_panel


def show(
    request: HttpRequest, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The form in the dialog; on a page of its own without script."""
    if htmx_of(request):
        return render(request, part, context, status=status)
    return render(request, "screen/part_page.html", context | {"part": part}, status=status)


def done(request: HttpRequest, contact: DeskContact, name: str) -> HttpResponse:
    """Close it, with the panel as it stands now. While nobody is verified there is no panel."""
    if not htmx_of(request):
        return redirect(page.address(contact))
    if not contact.is_verified:
        return trigger_client_event(HttpResponse(status=204), page.CHANGED)
    return answer_panel(request, contact, name)
