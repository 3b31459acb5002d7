"""What the opening page is made of, as values: the list, the candidates, the timeline."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.engine import Actor, publish
from crm.models import PatientIdentifier
from outreach.models import Message
from scheduling.states import CancelledBy, EhrOperation, EhrWriteStatus
from tests.factories import (
    NOW,
    CandidateFactory,
    MessageFactory,
    OfferFactory,
    OpeningFactory,
    PatientFactory,
)
from tests.waitlist.opening_desk import first_offer
from tests.waitlist.scene import Scene
from waitlist import actions
from waitlist.models import Offer, Opening
from waitlist.queries import Shown, all_lines, get_opening_detail, list_openings
from waitlist.queries.candidates import name_people
from waitlist.queries.opening_lines import OpeningDetail
from waitlist.queries.openings import MOST_LINES
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus

TEST = Actor.system("test")


def detail(opening: Opening) -> OpeningDetail:
    return get_opening_detail(opening.pk, at=NOW)


def said(opening: Opening) -> list[str]:
    """The timeline from the first step on."""
    return [step.text for step in reversed(detail(opening).steps)]


# --- the list --------------------------------------------------------------------------


def test_counts_every_list_whichever_is_shown(db: None) -> None:
    for status in OpeningStatus:
        closed_at = None if status in LIVE_OPENING else NOW
        OpeningFactory.create(status=status, closed_at=closed_at)
    for shown in Shown:
        listed = list_openings(shown=shown, site_id=None, at=NOW)
        assert listed.counts == {
            "live": 6,
            "to-send": 0,
            "confirming": 1,
            "paused": 1,
            "filled": 1,
            "ended": 3,
        }
        assert len(listed.lines) == listed.total == listed.counts[shown]


def test_shows_the_latest_end_first(db: None) -> None:
    ended = [
        OpeningFactory.create(
            status=OpeningStatus.EXPIRED, closed_at=NOW - dt.timedelta(hours=hours)
        ).pk
        for hours in (3, 1, 2)
    ]
    lines = list_openings(shown=Shown.ENDED, site_id=None, at=NOW).lines
    assert [line.pk for line in lines] == [ended[1], ended[2], ended[0]]


def test_leaves_off_what_is_too_much_and_the_export_does_not(db: None) -> None:
    OpeningFactory.create_batch(MOST_LINES + 2)
    listed = list_openings(shown=Shown.LIVE, site_id=None, at=NOW)
    assert (len(listed.lines), listed.left_off) == (MOST_LINES, 2)
    assert len(all_lines(shown=Shown.LIVE, site_id=None, at=NOW)) == MOST_LINES + 2


def test_counts_waves_and_offers_without_multiplying_them(db: None) -> None:
    opening = OpeningFactory.create()
    for number, status in enumerate((OfferStatus.SENT, OfferStatus.SENT, OfferStatus.DECLINED), 1):
        candidate = CandidateFactory.create(opening=opening)
        OfferFactory.create(
            opening=opening, candidate=candidate, status=status, wave__number=number
        )
    (line,) = list_openings(shown=Shown.LIVE, site_id=None, at=NOW).lines
    assert (line.waves, line.asked, line.open_offers, line.in_line) == (3, 3, 2, 0)


def test_the_mark_of_a_list_changes_with_it_and_only_then(opening: Opening) -> None:
    first, second = (list_openings(shown=Shown.LIVE, site_id=None, at=NOW) for _ in range(2))
    assert first.mark == second.mark
    Offer.objects.update(status=OfferStatus.DECLINED)
    assert list_openings(shown=Shown.LIVE, site_id=None, at=NOW).mark != first.mark


# --- one opening -----------------------------------------------------------------------


def test_the_mark_of_an_opening_changes_with_it_and_only_then(opening: Opening) -> None:
    before = detail(opening).mark
    assert before
    assert get_opening_detail(opening.pk, at=NOW + dt.timedelta(minutes=1)).mark == before
    Message.objects.filter(subject_id=first_offer(opening).pk).update(status="delivered")
    assert detail(opening).mark != before


def test_raises_for_an_opening_that_does_not_exist(db: None) -> None:
    with pytest.raises(Opening.DoesNotExist):
        get_opening_detail(999, at=NOW)


def test_counts_time_from_the_event_that_freed_the_slot(opening: Opening) -> None:
    publish("scheduling.slot-freed", opening.slot, at=NOW + dt.timedelta(hours=1))  # a later one
    Opening.objects.update(matched_at=NOW + dt.timedelta(milliseconds=214))
    found = detail(opening)
    assert found.freed_at == NOW
    assert dict(found.milestones) == {
        "Freed": dt.timedelta(0),
        "Matched": dt.timedelta(milliseconds=214),
        "Offered": dt.timedelta(0),
        "Said yes": None,
        "Booked": None,
    }


def test_knows_why_it_opened(opening: Opening) -> None:
    found = detail(opening)
    assert found.cancelled_by is CancelledBy.PATIENT
    assert opening.freed_appointment is not None
    assert found.freed_by is not None
    assert found.freed_by.pk == opening.freed_appointment.patient_id
    assert found.freed_by.pk in found.people_shown


def test_tells_what_happened_in_order(opening: Opening) -> None:
    actions.pause_opening(opening_id=opening.pk, by=TEST, at=NOW)
    actions.resume_opening(opening_id=opening.pk, by=TEST, at=NOW)
    actions.withdraw_opening(opening_id=opening.pk, reason="jury duty", by=TEST, at=NOW)
    assert said(opening) == [
        "Slot freed",
        "Opening made",
        "4 considered, 3 could take it",
        "Wave 1: 3 people offered it",
        "Paused",
        "Resumed",
        "Withdrawn: jury duty",
        "3 open offers closed",
    ]


def test_tells_of_a_yes_before_what_it_led_to(opening: Opening, scene: Scene) -> None:
    offer = first_offer(opening)
    scene.reply(offer.patient, "yes")
    yes = said(opening).index(f"{offer.patient} said yes by text")
    later = scene.later_visit(offer.patient)
    assert said(opening)[yes : yes + 3] == [
        f"{offer.patient} said yes by text",
        "Booking asked of the EHR",
        "Booked in the EHR and read back",
    ]
    assert "Gave back Sat Jan 2, 10:00 AM" in said(opening)
    booking = detail(opening).winner
    assert booking is not None
    assert booking.gives_up is not None
    assert booking.gives_up.pk == later.pk
    assert [(w.operation, w.status) for w in (*booking.writes, *booking.gives_up_writes)] == [
        (EhrOperation.BOOK, EhrWriteStatus.DONE),
        (EhrOperation.CANCEL, EhrWriteStatus.DONE),
    ]


def test_tells_of_a_refusal_and_of_who_is_next(opening: Opening, scene: Scene) -> None:
    first, second = Offer.objects.filter(opening=opening).order_by("candidate__rank")[:2]
    scene.ehr.go_away()
    scene.reply(first.patient, "yes")
    scene.reply(second.patient, "yes")
    assert [line.person.pk for line in detail(opening).in_line] == [second.patient_id]
    scene.ehr.come_back()
    scene.ehr.refuse_next(422)
    scene.settle(minutes=1)
    told = said(opening)
    assert any(text.startswith("The EHR would not book it") for text in told)
    assert f"{second.patient}, next in line, has it now" in told


def test_tells_of_a_no_of_silence_and_of_a_deadline(opening: Opening, scene: Scene) -> None:
    offer = first_offer(opening)
    scene.reply(offer.patient, "no")
    scene.settle(days=2, hours=22)
    told = said(opening)
    assert f"{offer.patient} said no by text" in told
    assert "2 offers not answered in time" in told
    assert "Its deadline passed" in told


def test_shows_why_a_text_did_not_go(opening: Opening) -> None:
    offer = first_offer(opening)
    MessageFactory.create(
        patient=offer.patient,
        phone=offer.phone,
        subject_type="waitlist.offer",
        subject_id=offer.pk,
        status="failed",
        error_code="30003",
    )
    line = next(c for c in detail(opening).candidates if c.offer and c.offer.pk == offer.pk)
    assert line.offer is not None
    assert [text.why for text in line.offer.texts][-1] == "30003"


def test_keeps_the_secret_of_the_patients_link(opening: Opening) -> None:
    tokens = list(Offer.objects.values_list("token", flat=True))
    assert len(tokens) == 3
    told = repr(detail(opening))
    assert "/o/…" in told
    assert not [token for token in tokens if token in told]


def test_names_people_by_their_record_number(db: None) -> None:
    patient = PatientFactory.create()
    for system, value in (("ehr", "e1"), ("urn:x:MRN", "S1"), ("payer", "p1")):
        PatientIdentifier.objects.create(patient=patient, system=system, value=value)
    other = PatientFactory.create()
    people = name_people([patient, other])
    assert people[patient.pk].mrn == "S1"
    assert people[other.pk].mrn == ""
    assert name_people([]) == {}


def test_knows_whom_the_first_button_books(opening: Opening, scene: Scene) -> None:
    first = first_offer(opening)
    button = detail(opening).first_bookable
    assert button is not None
    assert button.person.pk == first.patient_id
    scene.reply(first.patient, "yes")
    assert detail(opening).first_bookable is None
