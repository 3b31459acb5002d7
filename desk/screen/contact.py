"""One contact as the desk shows it: read once, and handed to every part of the screen.

What several parts ask for is read when the first of them does. After an act the contact is read
anew: `page.answer` and `answer_panel` see to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from crm import clock
from crm.models import (
    Call,
    Handoff,
    Interaction,
    InteractionStep,
    InterpreterSession,
    Patient,
    Verification,
    WrapUp,
)
from crm.queries.chart import PartOfChart, parts_of_chart
from crm.queries.handoffs import handoffs_of
from crm.states import ChartPart, EntryStatus, Role
from desk.rules.danger import Danger, read_danger
from scheduling.models import Appointment
from scheduling.states import LIVE

P = ParamSpec("P")


#: So many visits ahead are looked at; whoever has more is in a series.
MOST_AHEAD = 60


@dataclass(frozen=True)
class DeskContact:
    """A contact with what the whole screen asks of it, as it stood `at`.

    `verification` is the newest that passed for this very patient.
    """

    at: dt.datetime

    interaction: Interaction
    patient: Patient | None
    call: Call | None
    verification: Verification | None
    wrap_up: WrapUp | None

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

    @cached_property
    def handoff(self) -> Handoff | None:
        """The newest one, offered still or settled."""
        return handoffs_of(self.pk).first()

    @cached_property
    def may_put_back(self) -> bool:
        """Whether it was taken from a queue and can wait there again; a caller is handed off."""
        taken = self.interaction.queue_entries.filter(status=EntryStatus.CLAIMED)
        return self.call is None and not self.is_over and taken.exists()

    @cached_property
    def steps(self) -> tuple[InteractionStep, ...]:
        """What was done in it, the oldest first."""
        return tuple(self.interaction.steps.order_by("at", "pk"))

    @cached_property
    def danger(self) -> Danger:
        """Whether one was named, and whom it waits for."""
        agent = self.interaction.agent
        return read_danger(
            self.steps,
            acuity=self.interaction.acuity,
            agent=agent.pk if agent else None,
            is_nurse=agent is not None and agent.has_role(Role.NURSE),
        )

    @cached_property
    def interpreting(self) -> tuple[InterpreterSession, ...]:
        """Who interpreted, the newest first."""
        rows = InterpreterSession.objects.filter(interaction=self.interaction)
        return tuple(rows.order_by("-started_at", "-pk"))

    @property
    def interpreter(self) -> InterpreterSession | None:
        """Who interprets just now."""
        return next((one for one in self.interpreting if one.ended_at is None), None)

    @cached_property
    def visits(self) -> tuple[Appointment, ...]:
        """The patient's visits that are not over yet, the soonest first."""
        if self.patient is None:
            return ()
        rows = Appointment.objects.filter(patient=self.patient, status__in=LIVE)
        rows = rows.select_related("provider", "location", "visit_type", "video")
        return tuple(rows.filter(ends_at__gt=self.at).order_by("starts_at", "pk")[:MOST_AHEAD])

    @property
    def visits_ahead(self) -> tuple[Appointment, ...]:
        """Those of them that have not begun."""
        return tuple(one for one in self.visits if one.starts_at > self.at)

    @cached_property
    def chart(self) -> dict[ChartPart, PartOfChart]:
        """How old each part of the patient's chart is."""
        return parts_of_chart(self.patient.pk, at=self.at) if self.patient else {}


def find_contact(pk: int, *, at: dt.datetime | None = None) -> DeskContact | None:
    """The contact, in two statements; None where there is none.

    :param at: as of when its visits count as ahead; now.
    """
    rows = Interaction.objects.select_related(
        "patient", "journey", "agent", "call__line__queue", "call__phone", "wrap_up"
    )
    contact = rows.filter(pk=pk).first()
    if contact is None:
        return None
    verified = Verification.objects.filter(interaction=contact, passed=True)
    return DeskContact(
        at=at or clock.now(),
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
    )


def read_contact(pk: int, *, at: dt.datetime | None = None) -> DeskContact:
    """:raises Http404: when there is no such contact."""
    contact = find_contact(pk, at=at)
    if contact is None:
        raise Http404
    return contact


def with_contact(
    view: Callable[Concatenate[HttpRequest, DeskContact, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view the contact that its address names; 404 where there is none."""

    @wraps(view)
    def found(request: HttpRequest, pk: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, read_contact(pk), *args, **kwargs)

    return found
