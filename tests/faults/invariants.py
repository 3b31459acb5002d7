"""What must be true of our rows, the EHR's visits and the carrier's texts, whatever broke.

Two kinds. `broken` holds at every moment. `unsettled` lists what somebody still has to do: it
must become empty, within a bound, once everything runs again. `check_at_rest` asserts both, and
what only holds then. Nothing here knows how the faults were made, so that any test may use it:

    check_at_rest(ehr=fake_ehr.visits.values(), texts=[(t.to, t.body) for _, t in carrier.texts])
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.engine.diagrams import rows_with_a_life
from crm.engine.models import AuditEntry, EventDelivery
from crm.engine.steps import all_steps
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.ports import EhrAppointment
from scheduling.states import LIVE, AppointmentStatus, EhrWriteStatus, Origin, SlotStatus
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OFFER, LIVE_OPENING, OfferStatus, OpeningStatus

#: A text as the carrier has it: to whom, and what it says.
Text = tuple[str, str]

#: With these words somebody is told that the visit is theirs.
SAYS_BOOKED = "offer_confirmed"
#: What the last text about an offer may be, by how the offer ended.
LAST_WORDS = {
    OfferStatus.WON: {SAYS_BOOKED, f"{SAYS_BOOKED}_giving_up", f"{SAYS_BOOKED}_given_up"},
    OfferStatus.REFUSED: {"offer_refused"},
    OfferStatus.CLOSED: {"offer_gone", "offer_gone_other", "offer_withdrawn"},
}
GONE = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED})
ASKED = frozenset({MessageStatus.SENDING, MessageStatus.UNKNOWN})
GOING = ASKED | {MessageStatus.QUEUED}
SAID_YES = frozenset({OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE})
OPEN_WRITES = frozenset({EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN})
#: An opening in one of these waits for patients or staff, and for no machine.
WAITS_FOR_PEOPLE = frozenset({OpeningStatus.OFFERING, OpeningStatus.PAUSED})


def check_at_rest(
    *, ehr: Iterable[EhrAppointment], texts: Iterable[Text], at: dt.datetime | None = None
) -> None:
    """Nothing is left to do, nothing was doubled, and everybody was told what is so.

    :param ehr: every visit that the EHR holds for the slots of this test.
    :param texts: every text that the carrier took, one entry for each time it took it.
    :param at: the time that counts as now; the clock's, unless a test has its own.
    """
    visits, taken = list(ehr), list(texts)
    with one_moment():
        found = [
            *unsettled(at=at),
            *broken(ehr=visits, texts=taken),
            *_differs_from_ehr(visits),
            *_left_without_word(),
            *_never_arrived(taken),
        ]
    assert not found, "\n".join(found)


def broken(*, ehr: Collection[EhrAppointment], texts: Collection[Text]) -> list[str]:
    """What must never be, not even while a fill is under way; one sentence each."""
    return [
        *_two_in_one_seat(),
        *_two_in_one_slot_of_the_ehr(ehr),
        *_two_for_one_identifier(ehr),
        *_told_too_early(ehr),
        *_given_up_for_nothing(),
        *_texted_twice(texts),
        *_gaps_in_the_audit(),
        *_forgotten(),
    ]


def unsettled(*, at: dt.datetime | None = None) -> list[str]:
    """What a machine still has to do, one sentence each; empty when all is at rest.

    What is due later (tomorrow's quiet hours, a deadline) is at rest.
    """
    with one_moment():
        return list(_unsettled(at or timezone.now()))


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it is at one instant: work moves from table to table meanwhile."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _unsettled(now: dt.datetime) -> Iterator[str]:
    for step in all_steps():
        steps_rows = step.model._base_manager
        for pk in steps_rows.filter(due_at__lte=now).values_list("pk", flat=True):
            yield f"{step.name} {pk} is due"
        held = steps_rows.filter(due_at__gt=now, attempts__gt=0)
        for pk, error in held.values_list("pk", "last_error"):
            yield f"{step.name} {pk} " + (f"failed: {error}" if error else "is held by a worker")
    waiting: list[tuple[Any, str]] = [
        (EventDelivery.objects.all(), "is not delivered"),
        (EhrWrite.objects.filter(status__in=OPEN_WRITES), "is not settled"),
        (Message.objects.filter(status__in=ASKED), "was handed over, without an answer"),
        (Appointment.objects.filter(status=AppointmentStatus.REQUESTED), "is not confirmed"),
        (Opening.objects.filter(status__in=LIVE_OPENING - WAITS_FOR_PEOPLE), "is in work"),
        (Offer.objects.filter(status__in=SAID_YES), "was said yes to, and has no answer"),
        (
            Offer.objects.filter(status__in=LIVE_OFFER).exclude(opening__status__in=LIVE_OPENING),
            "lives on after its opening",
        ),
    ]
    for rows, what in waiting:
        yield from _waiting(rows, what)


def _waiting(rows: Any, what: str) -> Iterator[str]:
    for row in rows:
        yield f"{row._meta.label} {row.pk} ({getattr(row, 'status', row)}) {what}"


# --- bookings --------------------------------------------------------------------------


def _two_in_one_seat() -> Iterator[str]:
    live = Appointment.objects.filter(status__in=LIVE, slot__isnull=False).select_related("slot")
    standing = Counter(visit.slot for visit in live)
    for slot, visits in standing.items():
        if slot is not None and visits > slot.capacity:
            yield f"{visits} visits stand on slot {slot.pk}, which has {slot.capacity} seats"


def _two_in_one_slot_of_the_ehr(ehr: Iterable[EhrAppointment]) -> Iterator[str]:
    standing = Counter(visit.slot_id for visit in ehr if visit.status in LIVE and visit.slot_id)
    for slot_id, visits in standing.items():
        if visits > 1:
            yield f"{visits} visits stand on the EHR's slot {slot_id}"


def _two_for_one_identifier(ehr: Iterable[EhrAppointment]) -> Iterator[str]:
    """A booking of ours was made twice over there, even if one of the two is gone by now."""
    made = Counter(visit.identifier for visit in ehr if visit.identifier)
    for identifier, visits in made.items():
        if visits > 1:
            yield f"the EHR made {visits} visits of our {identifier}"


def _differs_from_ehr(ehr: Collection[EhrAppointment]) -> Iterator[str]:
    """At rest both sides say the same of every visit."""
    theirs = {visit.appointment_id: visit for visit in ehr}
    for visit in Appointment.objects.exclude(source_id=""):
        told = theirs.get(visit.source_id)
        if told is None:
            yield f"visit {visit.pk} is {visit.status}; the EHR does not have it"
        elif (visit.status in LIVE) != (told.status in LIVE):
            yield f"visit {visit.pk} is {visit.status} here and {told.status} in the EHR"
    ours = {str(key) for key in Appointment.objects.values_list("identifier", flat=True)}
    known = set(Appointment.objects.values_list("source_id", flat=True))
    for told in ehr:
        if told.identifier in ours and told.appointment_id not in known:
            yield f"the EHR holds {told.appointment_id} of ours, and we do not know of it"


def _given_up_for_nothing() -> Iterator[str]:
    """A later visit goes only once the new one stands in the EHR (principle 7)."""
    for visit in Appointment.objects.filter(gives_up__isnull=False).select_related("gives_up"):
        later = visit.gives_up
        stands = visit.source_id and visit.status in LIVE - {AppointmentStatus.REQUESTED}
        gave_up = later is not None and later.cancel_reason == "took an earlier visit"
        if gave_up and not stands and visit.status != AppointmentStatus.CANCELLED:
            yield f"visit {visit.pk} is {visit.status}, and the later one has been given up for it"


# --- what people were told -------------------------------------------------------------


def _told_too_early(ehr: Collection[EhrAppointment]) -> Iterator[str]:
    """Nobody hears "booked" unless the EHR has the visit, and nobody else's offer won."""
    held = {visit.appointment_id for visit in ehr}
    said = Message.objects.filter(
        text_version__key__startswith=SAYS_BOOKED, subject_type="waitlist.offer"
    )
    for message in said:
        offer = Offer.objects.select_related("appointment").get(pk=message.subject_id or 0)
        visit = offer.appointment
        if offer.status != OfferStatus.WON or visit is None or visit.source_id not in held:
            yield f"message {message.pk} says booked; offer {offer.pk} is {offer.status}"
    for opening in Opening.objects.filter(offers__status=OfferStatus.WON).distinct():
        won = opening.offers.filter(status=OfferStatus.WON).count()
        if won > 1 or opening.status != OpeningStatus.FILLED:
            yield f"opening {opening.pk} is {opening.status} with {won} winners"


def _texted_twice(texts: Iterable[Text]) -> Iterator[str]:
    """The carrier took no text more often than there are messages that say so."""
    meant = Counter(
        (str(message.phone.number), message.body)
        for message in Message.objects.filter(direction=Direction.OUT).select_related("phone")
    )
    for (to, body), times in Counter(texts).items():
        if times > meant[to, body]:
            yield f"the carrier took {times} times what was meant {meant[to, body]} times: {body}"


def _left_without_word() -> Iterator[str]:
    """Whoever was asked hears how it ended, unless they said no or let their time pass.

    "Hears" means that the text was made: a STOP since keeps it here.
    """
    ended = Offer.objects.filter(
        status__in={OfferStatus.WON, OfferStatus.REFUSED, OfferStatus.CLOSED},
        opening__status__in={OpeningStatus.FILLED, OpeningStatus.TAKEN, OpeningStatus.WITHDRAWN},
    )
    for offer in ended.exclude(status=OfferStatus.CLOSED, appointment__isnull=False):
        about = Message.objects.filter(subject_type="waitlist.offer", subject_id=offer.pk)
        if not about.filter(status__in=GONE).exists():
            continue  # its text never left: they know of nothing
        last = about.order_by("pk").values_list("text_version__key", flat=True).last() or ""
        if last not in LAST_WORDS[OfferStatus(offer.status)]:
            yield f"offer {offer.pk} is {offer.status}; its patient heard {last or 'nothing'} last"


def _never_arrived(texts: Iterable[Text]) -> Iterator[str]:
    """What we call sent is with the carrier."""
    has = Counter(texts)
    sent = Message.objects.filter(direction=Direction.OUT, status__in=GONE).select_related("phone")
    meant = Counter((str(message.phone.number), message.body) for message in sent)
    for (to, body), times in meant.items():
        if has[to, body] < times:
            yield f"the carrier took {has[to, body]} times what we sent {times} times: {body}"


# --- the engine ------------------------------------------------------------------------


def _gaps_in_the_audit() -> Iterator[str]:
    """Each row's moves follow one another, and end where the row is."""
    for model in rows_with_a_life():
        name = model._meta.label_lower
        moves: dict[int, list[AuditEntry]] = defaultdict(list)
        for entry in AuditEntry.objects.filter(verb=f"{name}.moved").order_by("pk"):
            moves[entry.subject_id].append(entry)
        for row in model._base_manager.filter(pk__in=list(moves)):
            path = moves[row.pk]
            for one, two in pairwise(path):
                if one.to_status != two.from_status:
                    yield f"{name} {row.pk} went to {one.to_status}, then from {two.from_status}"
            if path[-1].to_status != row.status:
                yield f"{name} {row.pk} is {row.status}; its audit ends at {path[-1].to_status}"


def _forgotten() -> Iterator[str]:
    """Whatever a machine has to do has a time, by which a sweep finds it."""
    writes = EhrWrite.objects.filter(status__in=OPEN_WRITES, due_at=None)
    texts = Message.objects.filter(direction=Direction.OUT, status__in=GOING, due_at=None)
    openings = Opening.objects.filter(status__in=LIVE_OPENING, due_at=None)
    deliveries = EventDelivery.objects.filter(due_at=None)
    for rows in (writes, texts, openings, deliveries):
        yield from _waiting(rows, "has no due time: nobody will come for it")
    for slot in Slot.objects.filter(status=SlotStatus.VACATED, due_at=None):
        asked = EhrWrite.objects.filter(
            appointment__slot=slot, operation="cancel", status__in=OPEN_WRITES
        )
        if not asked.exists():
            yield f"slot {slot.pk} is vacated, and nobody will ask the EHR about it"


# --- one fill --------------------------------------------------------------------------


def check_filled(slot: Slot) -> Offer:
    """The slot has one live booking, made by Firstcall for the one who won it."""
    opening = Opening.objects.get(slot=slot)
    assert opening.status == OpeningStatus.FILLED
    won = opening.offers.select_related("appointment").get(status=OfferStatus.WON)
    [visit] = Appointment.objects.filter(slot=slot, status__in=LIVE)
    assert visit == won.appointment
    assert (visit.status, visit.origin) == (AppointmentStatus.BOOKED, Origin.FIRSTCALL)
    return won
