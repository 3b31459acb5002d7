"""What to do before their next visits, and their links to visits by video: texted, or read out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from crm.engine.compiled import any_of, compiled
from crm.saying import reads_in, translated
from crm.states import ChartPart, Purpose
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import NOT_THEIRS
from outreach.models import Message
from outreach.queries import SendAnswer, may_send_many
from outreach.rules.times import say_time
from outreach.states import MessageStatus
from scheduling.models import Appointment, PreparationLink, VideoVisit
from scheduling.states import AppointmentStatus, VideoStatus

#: So many visits ahead are looked at.
MOST: Final = 6
#: What they have just asked for on the telephone.
PURPOSE: Final = Purpose.CONFIRMATION
_NO_SITE: Final = gettext_noop("No site is known to speak of in a text.")
STATES: Final[Mapping[str, tuple[str, str]]] = {
    MessageStatus.QUEUED: (gettext_noop("waits to go out"), "a-2h"),
    MessageStatus.SENDING: (gettext_noop("on its way"), ""),
    MessageStatus.UNKNOWN: (gettext_noop("on its way"), ""),
    MessageStatus.SENT: (gettext_noop("texted"), "accent"),
    MessageStatus.DELIVERED: (gettext_noop("texted, arrived"), "good"),
    MessageStatus.FAILED: (gettext_noop("did not arrive"), "late"),
    MessageStatus.NOT_PERMITTED: (gettext_noop("was not permitted"), "late"),
    MessageStatus.TOO_LATE: (gettext_noop("came too late"), "late"),
}


DID_NOT_COME: Final = frozenset(
    {MessageStatus.FAILED, MessageStatus.NOT_PERMITTED, MessageStatus.TOO_LATE}
)


class What(StrEnum):
    """What may be sent about a visit."""

    PREPARATION = "preparation"
    PLACE = "place"  # day, time and the way there, where there is nothing to do before
    VIDEO = "video"


#: What the page `/p/<token>/` of a visit tells.
_PAGE: Final = frozenset({What.PREPARATION, What.PLACE})
_TITLES: Final = {
    What.PREPARATION: gettext_noop("What to do before the visit"),
    What.PLACE: gettext_noop("Day, time and the way there"),
    What.VIDEO: gettext_noop("Link to the visit by video"),
}


@dataclass(frozen=True, slots=True)
class Sendable:
    """One thing to send. `why_not`: why no text may bring it; `later_at`: when one may.

    `read_out` is what may be said instead, empty where there is nothing to say. `is_ready`: it
    has not been texted in this contact, or that text did not come through. `was_read`: it was
    read to them in this contact.
    """

    what: What
    title: str
    visit: Appointment
    why_not: str
    later_at: dt.datetime | None
    read_out: str
    state: str
    look: str
    was_opened: bool
    is_ready: bool
    was_read: bool

    @property
    def key(self) -> str:
        return f"{self.what}-{self.visit.pk}"


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """At most a dozen statements, however many visits there are."""
    if not may_be_told(contact):
        return {"lines": [], "why_not": translated(NOT_THEIRS)}
    visits = visits_to_send(contact)
    answers = _answers(visits, at=at)
    links = _links(visits)
    texts = _texts(visits, links)
    lines = [
        _line(
            visit,
            what,
            answers[visit.pk],
            links.get(visit.pk),
            texts.get((what, visit.pk)),
            since=contact.interaction.started_at,
            was_read=was_read(contact, visit, what),
        )
        for visit in visits
        for what in what_to_send(visit)
    ]
    return {"lines": lines, "why_not": ""}


def may_be_told(contact: DeskContact) -> bool:
    """Whether whoever speaks may hear of visits at all."""
    return contact.hears(ChartPart.VISITS)


def visits_to_send(contact: DeskContact) -> list[Appointment]:
    """Their next visits of which there is something to send; without what is sensitive, where
    somebody else speaks."""
    return [row for row in contact.visits_ahead[:MOST] if what_to_send(row)]


def what_to_send(visit: Appointment) -> list[What]:
    """Of one visit ahead."""
    found = []
    if visit.visit_type and visit.visit_type.preparation:
        found.append(What.PREPARATION)
    elif visit.status == AppointmentStatus.BOOKED and visit.location:  # not while it is asked for
        found.append(What.PLACE)
    video: VideoVisit | None = getattr(visit, "video", None)
    if video is not None and video.status == VideoStatus.READY:
        found.append(What.VIDEO)
    return found


def is_sensitive(visit: Appointment) -> bool:
    """Of a kind that no text may hint at."""
    return visit.visit_type is not None and visit.visit_type.is_sensitive


def may_text(visit: Appointment, *, at: dt.datetime) -> SendAnswer | None:
    """By which phone a text about this visit may go, and when; None where its site is unknown."""
    return _answers([visit], at=at)[visit.pk]


def _answers(visits: Iterable[Appointment], *, at: dt.datetime) -> dict[int, SendAnswer | None]:
    """Asked once for each zone and each degree of privacy."""
    groups: dict[tuple[str, bool], list[Appointment]] = defaultdict(list)
    answers: dict[int, SendAnswer | None] = {}
    for visit in visits:
        answers[visit.pk] = None
        if visit.location is not None:
            groups[visit.location.zone, is_sensitive(visit)].append(visit)
    for (zone, sensitive), group in groups.items():
        found = may_send_many(
            [group[0].patient_id], purpose=PURPOSE, zone=zone, at=at, is_sensitive=sensitive
        )
        answers |= {visit.pk: found.get(visit.patient_id) for visit in group}
    return answers


def _links(visits: Iterable[Appointment]) -> dict[int, PreparationLink]:
    rows = _sent(appointments=[visit.pk for visit in visits])
    return {row.appointment_id: row for row in rows}


@compiled
def _sent(*, appointments: list[int]) -> QuerySet[PreparationLink]:
    rows = PreparationLink.objects.filter(any_of("appointment", appointments))
    return rows.order_by("pk")


def _texts(
    visits: Iterable[Appointment], links: Mapping[int, PreparationLink]
) -> dict[tuple[What, int], Message]:
    """The newest text for each."""
    videos = {v.video.pk: v.pk for v in visits if What.VIDEO in what_to_send(v)}
    by_link = {link.pk: visit_pk for visit_pk, link in links.items()}
    found: dict[tuple[What, int], Message] = {}
    for what, kind, owners in (
        (What.PREPARATION, "scheduling.preparationlink", by_link),
        (What.VIDEO, "scheduling.videovisit", videos),
    ):
        rows = Message.objects.filter(subject_type=kind, subject_id__in=list(owners))
        found |= {(what, owners[row.subject_id or 0]): row for row in rows.order_by("pk")}
    # One page, whether there is something to do before the visit or not.
    return found | {(What.PLACE, pk): row for (what, pk), row in found.items() if what in _PAGE}


def _line(
    visit: Appointment,
    what: What,
    answer: SendAnswer | None,
    link: PreparationLink | None,
    text: Message | None,
    *,
    since: dt.datetime,
    was_read: bool,
) -> Sendable:
    state, look = STATES.get(text.status, ("", "")) if text else ("", "")
    later = answer.retry_at if answer and not answer.allowed else None
    return Sendable(
        what=what,
        title=translated(_TITLES[what]),
        visit=visit,
        why_not=translated(why_not(answer)),
        later_at=later,
        read_out=_read_out(what, visit),
        state=translated(state),
        look=look,
        is_ready=text is None or text.created_at < since or text.status in DID_NOT_COME,
        was_opened=what in _PAGE and link is not None and link.opened_at is not None,
        was_read=was_read,
    )


def read_code(what: What) -> str:
    """What the step is called that says that it was read to them."""
    return f"{what}-read"


def was_read(contact: DeskContact, visit: Appointment, what: What) -> bool:
    """Whether it was read to them in this contact."""
    code = read_code(what)
    return any(step.code == code and step.subject_id == visit.pk for step in contact.steps)


def _read_out(what: What, visit: Appointment) -> str:
    if what is What.PREPARATION and visit.visit_type:
        return visit.visit_type.preparation
    if what is What.PLACE and visit.location:
        site = visit.location
        when = say_time(visit.starts_at, site.zone, reads_in())
        return "\n".join(filter(None, (when, site.name, site.address, site.phone)))
    return ""


def why_not(answer: SendAnswer | None) -> str:
    """Why no text may go, ever; empty where one may, if only later."""
    if answer is None:
        return _NO_SITE
    return "" if answer.allowed or answer.retry_at is not None else answer.sentence
