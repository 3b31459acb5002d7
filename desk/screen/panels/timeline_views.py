"""More of a patient's story: earlier pages of it, and one channel alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.permissions import can_take_calls
from crm.web import allowed_to, htmx_of
from desk.queries.story import Place
from desk.queries.timeline import Only
from desk.screen import page
from desk.screen.contact import DeskContact, with_contact
from desk.screen.panels import BY_NAME
from desk.screen.panels.timeline import part_of_story

_PANEL = BY_NAME["timeline"]


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def timeline(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The page of it `before` a line, of one channel or `only` that; nothing before proof.

    htmx gets the panel, or the lines that come after those it has; else it is a page of its own.
    """
    if not contact.is_verified:
        return HttpResponse(status=204) if htmx_of(request) else redirect(page.address(contact))
    at, said = clock.now(), request.GET
    page.note_look(request, contact, at=at)
    before = Place.read(said.get("before", ""))
    only = Only(said["only"]) if said.get("only") in set(Only) else None
    context = {"contact": contact, "panel": _PANEL, "seen_by": page.look_token(request, contact)}
    context |= part_of_story(contact, before=before, only=only, at=at)
    if not htmx_of(request):
        return render(request, "screen/part_page.html", context | {"part": _PANEL.template})
    lines = "#lines" if before else ""
    return render(request, f"{_PANEL.template}{lines}", context)
