"""What is held and looked for in a contact at the desk follows the contact to whoever has it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, publish, record
from crm.models import InteractionStep, User
from crm.states import StepKind
from scheduling import locks, queries
from scheduling.models import Hold, SearchRecord
from scheduling.states import HoldStatus, SearchStatus


def follow_contact(*, contact_id: int, to: User, by: Actor, at: dt.datetime) -> None:
    """`to` has the contact now: times that are held in it are theirs for as long as they were
    kept, and the search goes on as one. A second time changes nothing.

    Locks each slot and search; publishes `scheduling.slot-held`.
    """
    holds = queries.active_holds(at=at).filter(contact=contact_id).exclude(user=to)
    for pk, slot_id in holds.order_by("slot", "pk").values_list("pk", "slot_id"):
        _pass_hold_on(pk, slot_id, to, by=by, at=at)
    looked = InteractionStep.objects.filter(interaction=contact_id, kind=StepKind.SEARCH)
    searches = SearchRecord.objects.filter(
        pk__in=looked.values("subject_id"), status=SearchStatus.OPEN
    )
    for pk in searches.exclude(by=to).order_by("pk").values_list("pk", flat=True):
        _pass_search_on(pk, to, by=by, at=at)


@transaction.atomic
def _pass_hold_on(pk: int, slot_id: int, to: User, *, by: Actor, at: dt.datetime) -> None:
    locks.lock_slot(slot_id)
    hold = Hold.objects.select_related("slot").get(pk=pk)
    if hold.status != HoldStatus.HELD:
        return
    hold.user, hold.owner = to, Actor.user(to).label[:120]
    hold.save(update_fields=["user", "owner"])
    record("scheduling.hold.passed-on", hold, by=by, at=at, slot=slot_id)
    publish("scheduling.slot-held", hold.slot, at=at, hold=pk)


@transaction.atomic
def _pass_search_on(pk: int, to: User, *, by: Actor, at: dt.datetime) -> None:
    search = locks.lock_search(pk)
    if search.status == SearchStatus.OPEN:
        SearchRecord.objects.filter(pk=pk).update(by=to)
        record("scheduling.search.passed-on", search, by=by, at=at)
