"""Hand-offs: what is offered to somebody, who could take a call now, who is on call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from crm.engine.compiled import any_of, compiled
from crm.models import Agent, Handoff, OnCall, Queue, User
from crm.queries.queues import BY_URGENCY
from crm.states import AgentState, EntryStatus, HandoffStatus, HandoffTo, Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the desk who could take a call now."""

    user_id: int
    name: str
    skills: tuple[str, ...]
    team: str
    is_nurse: bool


@dataclass(frozen=True, slots=True)
class OpenQueue:
    """A queue to hand to: how many wait in it, and how many could take from it now."""

    pk: int
    name: str
    waiting: int
    free: int


def offered_to(user: User, *, skills: Collection[str] | None = None) -> QuerySet[Handoff]:
    """What `user` is asked to take just now, the most urgent and then the oldest first.

    By name, by role, or by the skills of the queue; what they passed on to others is left out.

    :param skills: theirs, where they were read already.
    """
    return _offered(may_answer(user, skills))


def offers_now(user: User, *, skills: Collection[str]) -> list[Handoff]:
    """The same as `offered_to` for the left column of the desk, which asks all day."""
    return _offers_now(user=user.pk, skills=list(skills), roles=_asked_as(user))


@compiled
def _offers_now(*, user: int, skills: list[str], roles: list[str]) -> QuerySet[Handoff]:
    return _offered(_theirs(user, skills, roles))


def _offered(theirs: Q) -> QuerySet[Handoff]:
    standing = Handoff.objects.filter(theirs, status=HandoffStatus.OFFERED)
    rows = standing.select_related("interaction__patient", "interaction__call", "offered_by")
    return rows.select_related("queue").order_by(BY_URGENCY, "offered_at", "pk")


def may_answer(user: User, skills: Collection[str] | None = None) -> Q:
    """Which hand-offs are `user`'s to accept or decline. One's own question is not."""
    if skills is None:
        skills = Agent.objects.filter(user=user).values_list("skills", flat=True).first() or []
    return _theirs(user.pk, list(skills), _asked_as(user))


def _asked_as(user: User) -> list[str]:
    """Which of those whom a hand-off asks by role `user` is one of."""
    nurse = [HandoffTo.NURSE] if user.has_role(Role.NURSE) else []
    manager = [HandoffTo.MANAGER] if user.has_role(Role.MANAGER, Role.ADMIN) else []
    return [str(one) for one in (*nurse, *manager)]


def _theirs(user: int, skills: list[str], roles: list[str]) -> Q:
    by_skill = Q(to=HandoffTo.QUEUE, queue__skills__contained_by=skills)
    by_role = Q(to=HandoffTo.MANAGER) | Q(to=HandoffTo.NURSE, to_user=None)
    asked: Q = by_skill | (by_role & any_of("to", roles))
    return (Q(to_user=user) | (asked & ~Q(passed_by__contains=[user]))) & ~Q(offered_by=user)


def handoffs_of(contact_id: int) -> QuerySet[Handoff]:
    """Every hand-off of a contact, the newest first."""
    rows = Handoff.objects.filter(interaction=contact_id)
    people = ("offered_by", "to_user", "answered_by", "queue")
    return rows.select_related(*people).order_by("-offered_at", "-pk")


def newest_handoff(contact_id: int) -> Handoff | None:
    """The first of them."""
    return next(iter(_newest(contact_id=contact_id)), None)


@compiled
def _newest(*, contact_id: int) -> QuerySet[Handoff]:
    return handoffs_of(contact_id)[:1]


def who_is_asked(handoff: Handoff) -> str:
    """Whom it waits for just now: "Kim Lee", "the Spanish queue", "a nurse"."""
    user = handoff.to_user
    name = (user.get_full_name() or user.get_username()) if user else ""
    return {
        HandoffTo.PERSON: name,
        HandoffTo.QUEUE: _("the %(queue)s queue") % {"queue": handoff.queue}
        if handoff.queue
        else _("a queue"),
        HandoffTo.NURSE: name or _("a nurse"),
        HandoffTo.PROVIDER: _("%(name)s (on call)") % {"name": name}
        if name
        else _("whoever is on call"),
        HandoffTo.MANAGER: _("a manager"),
    }[HandoffTo(handoff.to)]


def say_it_waits(handoff: Handoff) -> str:
    """Why a contact cannot be ended while it is offered to somebody."""
    asked = who_is_asked(handoff)
    who = f"{asked[:1].upper()}{asked[1:]}"
    return _("%(who)s has not answered yet. Wait, or take it back.") % {"who": who}


def who_can_take(
    *, but_not: Collection[int] = (), skills: Collection[str] = (), nurses_only: bool = False
) -> list[Colleague]:
    """Who is free at the desk now and has all of `skills`, by name. One query."""
    free = Agent.objects.filter(
        status=AgentState.AVAILABLE, user__is_active=True, skills__contains=list(skills)
    ).exclude(user__in=but_not)
    if nurses_only:
        free = free.filter(user__roles__contains=[Role.NURSE])
    rows = free.select_related("user").order_by("user__first_name", "user__last_name", "pk")
    return [
        Colleague(
            user_id=row.user_id,
            name=row.user.get_full_name() or row.user.get_username(),
            skills=tuple(row.skills),
            team=row.team,
            is_nurse=row.user.has_role(Role.NURSE),
        )
        for row in rows
    ]


def who_is_left(handoff: Handoff) -> list[Colleague]:
    """Who of those who are asked is free, and has not said "not me"."""
    nobody = [*handoff.passed_by, handoff.offered_by_id]
    if handoff.to == HandoffTo.NURSE:
        return who_can_take(but_not=nobody, nurses_only=True)
    skills = handoff.queue.skills if handoff.queue else []
    return who_can_take(but_not=nobody, skills=skills)


def open_queues() -> list[OpenQueue]:
    """Active queues in the order of the screen. Two queries."""
    waiting = Count("entries", filter=Q(entries__status=EntryStatus.WAITING))
    free = [set(one.skills) for one in who_can_take()]
    return [
        OpenQueue(
            pk=queue.pk,
            name=queue.name,
            waiting=queue.n_waiting,
            free=sum(set(queue.skills) <= skills for skills in free),
        )
        for queue in Queue.objects.filter(is_active=True).annotate(n_waiting=waiting)
    ]


def on_call_now(*, specialty: str, at: dt.datetime) -> list[OnCall]:
    """Whose turn it is, in the order in which they are paged: by level, the line's own first."""
    turns = OnCall.objects.filter(
        specialty__in={specialty, ""}, starts_at__lte=at, ends_at__gt=at, user__is_active=True
    )
    return list(turns.select_related("user", "phone").order_by("level", "-specialty", "pk"))
