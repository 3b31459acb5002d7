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
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from crm import clock
from crm.engine.compiled import compiled
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
from crm.queries.handoffs import newest_handoff
from crm.rules.chart import may_hear, may_hear_sensitive
from crm.states import ChartPart, EntryStatus, Role, Speaker
from desk.models import CallType
from desk.queries.call_types import find_call_type
from desk.queries.zone import zone_of
from desk.rules.danger import Danger, read_danger
from scheduling.models import Appointment, VisitType
from scheduling.queries.catalog import visit_types
from scheduling.states import LIVE

P = ParamSpec("P")


#: So many visits ahead are looked at; whoever has more is in a series.
MOST_AHEAD = 60


@dataclass(frozen=True)
class DeskContact:
    """A contact with what the whole screen asks of it, as it stood `at`.

    `verification` is the newest for this very patient by whoever speaks, where it passed.
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

    @cached_property
    def url(self) -> str:
        """Its page."""
        return reverse("desk:screen-contact", args=[self.pk])

    @cached_property
    def talk_url(self) -> str:
        """The conversation alone."""
        return reverse("desk:screen-talk", args=[self.pk])

    def mine(self, user: Any) -> bool:
        """Whether `user` is the agent of it, and so may act."""
        return self.interaction.agent_id is not None and self.interaction.agent_id == user.pk

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.interaction.speaker)

    @property
    def scope(self) -> tuple[str, ...]:
        """In what a proxy who speaks may act."""
        proxy = self.verification.proxy if self.verification else None
        return tuple(proxy.scope) if proxy else ()

    def hears(self, part: ChartPart) -> bool:
        """Whether this part of the chart may be told to whoever speaks; none before proof."""
        if self.patient is None or not self.is_verified:
            return False
        labels = self.patient.sensitivity
        return may_hear(part, speaker=self.speaker, scope=self.scope, labels=labels)

    @property
    def names_all(self) -> bool:
        """Whether what is sensitive may be named to whoever speaks."""
        return self.is_verified and may_hear_sensitive(self.speaker)

    @property
    def heard_patient(self) -> Patient | None:
        """The patient, where whoever speaks may hear of their visits, and so may book for them."""
        return self.patient if self.hears(ChartPart.VISITS) else None

    @cached_property
    def kind(self) -> CallType | None:
        """What kind of call it is."""
        code = self.interaction.call_type
        return find_call_type(code) if code else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """By whose clock its days go: the patient's, else the house's."""
        return zone_of(self.patient)

    def day_of(self, at: dt.datetime) -> dt.date:
        """The day by that clock."""
        return at.astimezone(self.zone).date()

    @cached_property
    def handoff(self) -> Handoff | None:
        """The newest one, offered still or settled."""
        return newest_handoff(self.pk)

    @cached_property
    def may_put_back(self) -> bool:
        """Whether it was taken from a queue and can wait there again; a caller is handed off."""
        taken = self.interaction.queue_entries.filter(status=EntryStatus.CLAIMED)
        return self.call is None and not self.is_over and taken.exists()

    @cached_property
    def steps(self) -> tuple[InteractionStep, ...]:
        """What was done in it, the oldest first."""
        return tuple(_steps(contact=self.pk))

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
        return tuple(_interpreting(contact=self.pk))

    @property
    def interpreter(self) -> InterpreterSession | None:
        """Who interprets just now."""
        return next((one for one in self.interpreting if one.ended_at is None), None)

    @cached_property
    def visits(self) -> tuple[Appointment, ...]:
        """Their visits that are not over yet, the soonest first: those of which whoever speaks
        may hear."""
        if self.heard_patient is None:
            return ()
        read = _ahead if self.names_all else _ahead_but_sensitive
        return tuple(read(patient=self.heard_patient.pk, at=self.at))

    @property
    def visits_ahead(self) -> tuple[Appointment, ...]:
        """Those of them that have not begun."""
        return tuple(one for one in self.visits if one.starts_at > self.at)

    @cached_property
    def visit_types(self) -> list[VisitType]:
        """Every visit there is."""
        return visit_types()

    @cached_property
    def chart(self) -> dict[ChartPart, PartOfChart]:
        """How old each part of the patient's chart is."""
        return parts_of_chart(self.patient.pk, at=self.at) if self.patient else {}


def find_contact(pk: int, *, at: dt.datetime | None = None) -> DeskContact | None:
    """The contact, in two statements; None where there is none.

    :param at: as of when its visits count as ahead; now.
    """
    contact = next(iter(_contact(pk=pk)), None)
    if contact is None:
        return None
    patient, speaker = contact.patient_id, contact.speaker
    tried = _tried(contact=pk, speaker=speaker, patient=patient) if patient else []
    newest = next(iter(tried), None)
    return DeskContact(
        at=at or clock.now(),
        interaction=contact,
        patient=contact.patient,
        call=getattr(contact, "call", None),
        verification=newest if newest is not None and newest.passed else None,
        wrap_up=getattr(contact, "wrap_up", None),
    )


@compiled
def _contact(*, pk: int) -> QuerySet[Interaction]:
    rows = Interaction.objects.filter(pk=pk)
    return rows.select_related(
        "patient", "journey", "agent", "call__line__queue", "call__phone", "wrap_up"
    )


@compiled
def _tried(*, contact: int, speaker: str, patient: int) -> QuerySet[Verification]:
    rows = Verification.objects.filter(interaction=contact, speaker=speaker, patient=patient)
    return rows.select_related("proxy", "by").order_by("-at", "-pk")[:1]


@compiled
def _steps(*, contact: int) -> QuerySet[InteractionStep]:
    return InteractionStep.objects.filter(interaction=contact).order_by("at", "pk")


@compiled
def _interpreting(*, contact: int) -> QuerySet[InterpreterSession]:
    rows = InterpreterSession.objects.filter(interaction=contact)
    return rows.order_by("-started_at", "-pk")


def _live(patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(patient=patient, status__in=LIVE, ends_at__gt=at)
    rows = rows.select_related("provider", "location", "visit_type", "video")
    return rows.order_by("starts_at", "pk")


@compiled
def _ahead(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _live(patient, at)[:MOST_AHEAD]


@compiled
def _ahead_but_sensitive(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _live(patient, at).exclude(visit_type__is_sensitive=True)[:MOST_AHEAD]


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
