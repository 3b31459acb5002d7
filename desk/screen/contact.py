"""One contact as the desk shows it: read once, and handed to every part of the screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from crm.models import Call, Handoff, Interaction, Patient, Verification, WrapUp
from crm.states import HandoffStatus

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class DeskContact:
    """A contact with what the whole screen asks of it.

    `verification` is the newest that passed for this very patient; `handoff` the one that is
    offered just now.
    """

    interaction: Interaction
    patient: Patient | None
    call: Call | None
    verification: Verification | None
    wrap_up: WrapUp | None
    handoff: Handoff | None

    @property
    def pk(self) -> int:
        return int(self.interaction.pk)

    @property
    def is_verified(self) -> bool:
        """Whether health information may show."""
        return self.verification is not None

    @property
    def is_over(self) -> bool:
        """Wrapped up: nothing can be added."""
        return self.wrap_up is not None

    def mine(self, user: Any) -> bool:
        """Whether `user` is the agent of it, and so may act."""
        return self.interaction.agent_id is not None and self.interaction.agent_id == user.pk


def find_contact(pk: int) -> DeskContact | None:
    """The contact, in three statements; None where there is none."""
    rows = Interaction.objects.select_related(
        "patient", "journey", "agent", "call__line__queue", "call__phone", "wrap_up"
    )
    contact = rows.filter(pk=pk).first()
    if contact is None:
        return None
    verified = Verification.objects.filter(interaction=contact, passed=True)
    offered = Handoff.objects.filter(interaction=contact, status=HandoffStatus.OFFERED)
    return DeskContact(
        interaction=contact,
        patient=contact.patient,
        call=getattr(contact, "call", None),
        verification=verified.filter(patient=contact.patient_id)
        .select_related("proxy", "by")
        .order_by("-at", "-pk")
        .first()
        if contact.patient_id
        else None,
        wrap_up=getattr(contact, "wrap_up", None),
        handoff=offered.select_related("offered_by", "to_user", "queue").first(),
    )


def read_contact(pk: int, *, at: dt.datetime) -> DeskContact:
    """:raises Http404: when there is no such contact."""
    contact = find_contact(pk)
    if contact is None:
        raise Http404
    return contact


def with_contact(
    view: Callable[Concatenate[HttpRequest, DeskContact, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view the contact that its address names; 404 where there is none."""

    @wraps(view)
    def found(request: HttpRequest, pk: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        contact = find_contact(pk)
        if contact is None:
            raise Http404
        return view(request, contact, *args, **kwargs)

    return found
