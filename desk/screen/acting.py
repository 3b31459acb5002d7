"""Who may act in a contact: the agent who has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from desk.screen import page
from desk.screen.contact import DeskContact, read_contact

P = ParamSpec("P")


def by_their_agent(
    view: Callable[Concatenate[HttpRequest, DeskContact, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view its contact; 404 without one, 409 where somebody else has it or it is over."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        contact = read_contact(pk)
        if contact.is_over or not contact.mine(request.user):
            return page.conflict(request, contact, page.not_theirs(contact))
        return view(request, contact, *args, **kwargs)

    return guarded
