"""What was waited for in a contact, from rows that tell of it: the EHR's answers, and texts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from crm.engine.models import Event
from crm.models import ChartFetch
from crm.states import StepKind, WaitsFor
from desk.rules.anatomy import Piece, Spent
from desk.states import CHART_PANELS
from outreach.models import Message
from outreach.states import Direction
from scheduling.models import EhrWrite

#: An answer that takes longer nobody waits for on the line: they were told that it is under way.
WAITED_FOR: Final = dt.timedelta(seconds=60)
#: Between two texts of a thread: until they wrote, until we did.
THEIR_TEXT, OUR_TEXT = "their-text", "our-text"


#: What `StepRow` is read from, in its order.
STEP_COLUMNS: Final = (
    "interaction_id",
    "pk",
    "kind",
    "waits_for",
    "at",
    "ended_at",
    "code",
    "subject_type",
    "subject_id",
    "interaction__patient_id",
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as far as its time is told from it. `patient_id` is its contact's."""

    contact_id: int
    pk: int
    kind: str
    waits_for: str
    at: dt.datetime
    ended_at: dt.datetime | None
    code: str
    subject_type: str
    subject_id: int | None
    patient_id: int | None


def ehr_answers(steps: Iterable[StepRow]) -> Mapping[int, dt.datetime]:
    """By step, when the EHR answered what it asked: a visit, or a part of the chart.

    One statement for visits and two for charts, where there are any.
    """
    asked = [step for step in steps if step.waits_for == WaitsFor.EHR and step.ended_at is None]
    visits = [step for step in asked if step.subject_type == "scheduling.appointment"]
    looks = [step for step in asked if step.kind == StepKind.LOOK and step.code in CHART_PANELS]
    return _written(visits) | _read(looks)


def texts_of(contact_ids: Collection[int]) -> Mapping[int, list[tuple[dt.datetime, bool]]]:
    """By contact, when each text came or went, and whether it is ours. One statement, or none."""
    if not contact_ids:
        return {}
    found: dict[int, list[tuple[dt.datetime, bool]]] = defaultdict(list)
    rows = Message.objects.filter(interaction__in=contact_ids).order_by("created_at", "pk")
    for pk, at, way in rows.values_list("interaction_id", "created_at", "direction"):
        found[pk].append((at, way == Direction.OUT))
    return found


def between_texts(
    texts: Sequence[tuple[dt.datetime, bool]], *, until: dt.datetime, goes_on: bool
) -> list[Piece]:
    """Who was waited for between one text and the next, and after the last.

    After our last word of a thread that is over nobody was waited for any more.
    """
    turns = [*texts[:1], *(two for one, two in pairwise(texts) if one[1] != two[1])]
    spans = list(pairwise(turns))
    if turns and (goes_on or not turns[-1][1]):
        spans.append((turns[-1], (until, False)))
    return [
        Piece(THEIR_TEXT, Spent.CALLER, since, ends)
        if is_ours
        else Piece(OUR_TEXT, Spent.AGENT, since, ends)
        for (since, is_ours), (ends, _) in spans
        if ends > since
    ]


def _written(steps: Collection[StepRow]) -> dict[int, dt.datetime]:
    if not steps:
        return {}
    rows = EhrWrite.objects.filter(
        appointment__in={step.subject_id for step in steps}, done_at__isnull=False
    )
    done: dict[int, list[dt.datetime]] = defaultdict(list)
    for visit, done_at in rows.order_by("done_at").values_list("appointment_id", "done_at"):
        if done_at is not None:
            done[visit].append(done_at)
    return _first_after(steps, {step.pk: done[step.subject_id or 0] for step in steps})


def _read(steps: Collection[StepRow]) -> dict[int, dt.datetime]:
    """Each reading of a part is told of, one that failed as well."""
    if not steps:
        return {}
    rows = ChartFetch.objects.filter(patient__in={step.patient_id for step in steps})
    keys: dict[tuple[int | None, str], int] = {
        (patient, part): pk for pk, patient, part in rows.values_list("pk", "patient", "part")
    }
    events = Event.objects.filter(
        subject_type="crm.chartfetch",
        subject_id__in=list(keys.values()),
        name="crm.chart-read",
        created_at__gte=min(step.at for step in steps),
    )
    told: dict[int, list[dt.datetime]] = defaultdict(list)
    for pk, at in events.order_by("created_at").values_list("subject_id", "created_at"):
        told[pk].append(at)
    fetches = {step.pk: keys.get((step.patient_id, CHART_PANELS[step.code])) for step in steps}
    return _first_after(steps, {pk: told[fetch or 0] for pk, fetch in fetches.items()})


def _first_after(
    steps: Iterable[StepRow], answers: Mapping[int, list[dt.datetime]]
) -> dict[int, dt.datetime]:
    found = {
        step.pk: next(
            (at for at in answers[step.pk] if step.at <= at <= step.at + WAITED_FOR), None
        )
        for step in steps
    }
    return {pk: at for pk, at in found.items() if at is not None}
