""" "This slot is mislabeled": flagged by whoever sees it, answered by the clinic."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from crm.models import User
from scheduling.models import Slot, SlotFeedback, VisitType
from scheduling.states import FeedbackStatus


def flag_slot(
    *, slot: Slot, user: User, should_be: str = "", by: Actor, at: dt.datetime
) -> SlotFeedback:
    """Tell the clinic that a slot is mislabeled; once for each who says so while it is open.

    Publishes `scheduling.feedback-given`.

    :param should_be: in words, what it should be; may be empty.
    """
    return _flag(
        SlotFeedback(
            clinic=slot.role.clinic,
            slot=slot,
            visit_type=slot.visit_type,
            starts_at=slot.starts_at,
            should_be=should_be[:200],
            flagged_at=at,
            flagged_by=user,
        ),
        by=by,
        at=at,
    )


def flag_visit_type(
    *, visit_type: VisitType, user: User, should_be: str = "", by: Actor, at: dt.datetime
) -> SlotFeedback:
    """The same of a kind of visit, wherever it is given. Publishes `scheduling.feedback-given`."""
    return _flag(
        SlotFeedback(
            visit_type=visit_type, should_be=should_be[:200], flagged_at=at, flagged_by=user
        ),
        by=by,
        at=at,
    )


def _flag(wanted: SlotFeedback, *, by: Actor, at: dt.datetime) -> SlotFeedback:
    with transaction.atomic():
        while (made := insert_or_none(wanted)) is None:
            open_one = _say_more(wanted, by=by, at=at)  # a second click, or more words
            if open_one is not None:
                return open_one  # else the clinic has answered it in this very moment
        record("scheduling.feedback.given", made, by=by, at=at)
        publish("scheduling.feedback-given", made, at=at)
    return made


def _say_more(wanted: SlotFeedback, *, by: Actor, at: dt.datetime) -> SlotFeedback | None:
    same = SlotFeedback.objects.filter(
        slot=wanted.slot,
        visit_type=wanted.visit_type,
        flagged_by=wanted.flagged_by,
        status=FeedbackStatus.OPEN,
    )
    if wanted.should_be:
        same.update(should_be=wanted.should_be)
    found = same.first()
    if found is not None:
        record("scheduling.feedback.given", found, by=by, at=at, again=True)
    return found


def take_back_flag(*, feedback: SlotFeedback, by: Actor, at: dt.datetime) -> SlotFeedback:
    """Undo: it was no mistake of the clinic's. Publishes `scheduling.feedback-answered`.

    :raises MovedMeanwhile: when the clinic answered it meanwhile.
    :raises IllegalMove: when it is not open.
    """
    with transaction.atomic():
        move(feedback, to=FeedbackStatus.TAKEN_BACK, by=by, at=at)
        publish("scheduling.feedback-answered", feedback, at=at)
    return feedback


def answer_flag(*, feedback: SlotFeedback, answer: str, by: Actor, at: dt.datetime) -> SlotFeedback:
    """The clinic's answer; whoever flagged it is told. Publishes `scheduling.feedback-answered`.

    :raises MovedMeanwhile: when it was answered or taken back meanwhile.
    :raises IllegalMove: when it is not open.
    """
    with transaction.atomic():
        move(
            feedback,
            to=FeedbackStatus.ANSWERED,
            by=by,
            at=at,
            answer=answer[:300],
            answered_at=at,
            answered_by=by.label[:120],
            seen_at=None,
        )
        publish("scheduling.feedback-answered", feedback, at=at)
    return feedback


def reopen_flag(*, feedback: SlotFeedback, by: Actor, at: dt.datetime) -> SlotFeedback:
    """Undo an answer. Publishes `scheduling.feedback-given`.

    :raises MovedMeanwhile, IllegalMove:
    """
    with transaction.atomic():
        move(
            feedback,
            to=FeedbackStatus.OPEN,
            by=by,
            at=at,
            answer="",
            answered_at=None,
            answered_by="",
        )
        publish("scheduling.feedback-given", feedback, at=at)
    return feedback


def tell_answers(*, user: User, at: dt.datetime) -> list[SlotFeedback]:
    """The answers that `user` has not been told of yet, which are told now; the oldest first."""
    with transaction.atomic():
        waiting = SlotFeedback.objects.filter(
            flagged_by=user, status=FeedbackStatus.ANSWERED, seen_at__isnull=True
        )
        found = list(waiting.select_related("visit_type", "clinic__location").order_by("pk"))
        # Of two pages that look at once, one tells.
        mine = [row for row in found if waiting.filter(pk=row.pk).update(seen_at=at)]
    return mine
