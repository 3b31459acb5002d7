"""Times in the conversation: found by what they wish, held, booked, moved, given up."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.models import Answer, InteractionStep
from crm.states import StepKind
from desk.models import CallType
from desk.screen.contact import read_contact
from desk.screen.wrap_reading import propose
from scheduling.models import Appointment, Hold, SearchRecord, Slot
from scheduling.states import (
    AppointmentStatus,
    CancelReason,
    HoldStatus,
    Restriction,
    SearchStatus,
)
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import (
    NOW,
    AppointmentFactory,
    OfferFactory,
    ProviderRoleFactory,
    SlotFactory,
    VisitTypeFactory,
)
from waitlist.models import Opening
from waitlist.states import OfferStatus, OpeningStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot() -> Slot:
    return SlotFactory.create(visit_type=VisitTypeFactory.create(name="Cardiology follow-up"))


def query(slot: Slot, **more: object) -> str:
    said = {"visit_type": slot.visit_type_id, **more}
    return "&".join(f"{name}={value}" for name, value in said.items())


def test_the_same_doctor_as_then_is_looked_for_at_once(desk: Desk, slot: Slot) -> None:
    """Typed words set the visit and the clinician, and the times stand there."""
    other = SlotFactory.create(visit_type=slot.visit_type, role=ProviderRoleFactory.create())
    AppointmentFactory.create(
        patient=desk.patient,
        provider=slot.role.provider,
        location=slot.role.clinic.location,
        role=slot.role,
        slot=None,
        visit_type=slot.visit_type,
        status=AppointmentStatus.FULFILLED,
        starts_at=dt.datetime(2026, 1, 22, 17, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 1, 22, 18, tzinfo=dt.UTC),
    )
    desk.know()
    page = desk.post("reason", reason="appointment with the same doctor as in January")
    text = page.content.decode()
    assert f'id="slot-{slot.pk}"' in text
    assert f'id="slot-{other.pk}"' not in text
    step = InteractionStep.objects.get(kind=StepKind.SEARCH)
    assert step.code == slot.visit_type.code
    answer = Answer.objects.get(key="clinician-wish")
    assert (answer.value, answer.was_asked) == ("same", False)


def test_what_was_looked_for_stands_in_the_ledger_once_and_ends_booked(
    desk: Desk, slot: Slot
) -> None:
    desk.know()
    desk.post("reason", call_type="book")
    desk.get("talk", query=query(slot))
    desk.get("talk", query=query(slot, parts="morning"))
    search = SearchRecord.objects.get()
    assert search.patient == desk.patient
    desk.post("hold", slot.pk, query=query(slot))
    kept = Hold.objects.get()
    desk.post("book", kept.pk, query=query(slot, hold=kept.pk))
    search.refresh_from_db()
    assert search.status == SearchStatus.BOOKED


def test_a_time_is_held_and_booked_for_them(desk: Desk, slot: Slot) -> None:
    desk.know()
    desk.post("reason", call_type="book")
    desk.post("hold", slot.pk, query=query(slot))
    kept = Hold.objects.get(status=HoldStatus.HELD)
    assert kept.patient == desk.patient
    desk.post("book", kept.pk, query=query(slot, hold=kept.pk))
    made = Appointment.objects.get()
    assert (made.patient, made.slot, made.journey) == (desk.patient, slot, desk.fresh().journey)
    kinds = InteractionStep.objects.order_by("pk").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind in {StepKind.HOLD_SLOT, StepKind.BOOK}] == [
        StepKind.HOLD_SLOT,
        StepKind.BOOK,
    ]


def test_a_visit_without_its_step_is_not_booked(
    desk: Desk, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever dies between the two: the note would not tell of the visit."""
    desk.know()
    desk.post("hold", slot.pk, query=query(slot))
    kept = Hold.objects.get()

    def dies(**_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("desk.screen.booking_views.note_step", dies)
    with pytest.raises(RuntimeError):
        desk.post("book", kept.pk, query=query(slot, hold=kept.pk))
    assert not Appointment.objects.exists()
    kept.refresh_from_db()
    assert kept.status == HoldStatus.HELD


def test_another_time_is_looked_for_through_every_refresh(desk: Desk, slot: Slot) -> None:
    desk.know()
    desk.post("reason", reason="appointment for my heart")
    note_step(contact=desk.fresh(), kind=StepKind.BOOK, code="", by=Actor.user(desk.agent), at=NOW)
    assert 'id="times"' not in desk.get("talk").content.decode()
    page = desk.get("talk", query="again=1").content.decode()
    assert 'id="times"' in page
    assert f"{desk.url('talk')}?again=1&amp;seen_by=" in page


def test_the_first_free_time_has_the_key(desk: Desk, slot: Slot) -> None:
    desk.know()
    later = SlotFactory.create(
        visit_type=slot.visit_type, starts_at=slot.starts_at + dt.timedelta(days=1)
    )
    page = desk.get("talk", query=query(slot)).content.decode()
    assert page.count('data-key="b"') == 1
    assert f'id="hold-{slot.pk}"' in page.split('data-key="b"')[0]
    assert f'id="hold-{later.pk}"' not in page.split('data-key="b"')[0]


def test_nothing_is_booked_before_two_identifiers(desk: Desk, slot: Slot) -> None:
    desk.post("identify", patient=desk.patient.pk)
    desk.post("reason", call_type="book")
    desk.post("hold", slot.pk, query=query(slot))
    kept = Hold.objects.get()
    refused = desk.post("book", kept.pk, query=query(slot, hold=kept.pk))
    assert refused.status_code == 409
    assert "two identifiers" in refused.content.decode()
    assert not Appointment.objects.exists()


def test_a_second_hold_gives_the_first_back(desk: Desk, slot: Slot) -> None:
    desk.know()
    desk.post("reason", call_type="book")
    later = SlotFactory.create(visit_type=slot.visit_type, role=ProviderRoleFactory.create())
    desk.post("hold", slot.pk, query=query(slot))
    desk.post("hold", later.pk, query=query(slot))
    assert Hold.objects.get(status=HoldStatus.HELD).slot == later


def test_two_agents_want_one_time_and_one_is_told(desk: Desk, cast: Cast, slot: Slot) -> None:
    desk.know()
    desk.post("reason", call_type="book")
    Slot.objects.filter(pk=slot.pk).update(status="busy")
    refused = desk.post("hold", slot.pk, query=query(slot))
    assert refused.status_code == 409
    assert not Hold.objects.exists()


def test_the_one_visit_that_they_have_is_the_one_that_moves(
    desk: Desk, slot: Slot, kinds: dict[str, CallType]
) -> None:
    CallType.objects.create(
        code="move", name="Move a visit", need="Move", words=["move"], speakers=["patient"]
    )
    visit = AppointmentFactory.create(
        patient=desk.patient,
        visit_type=slot.visit_type,
        location=slot.role.clinic.location,
        starts_at=NOW + dt.timedelta(days=30),
        ends_at=NOW + dt.timedelta(days=30, minutes=20),
    )
    desk.know()
    page = desk.post("reason", reason="I must move my visit")
    assert f"moves={visit.pk}" in page["HX-Push-Url"]
    assert f'id="slot-{slot.pk}"' in page.content.decode()
    asked = query(slot, moves=visit.pk)
    desk.post("hold", slot.pk, query=asked)
    kept = Hold.objects.get()
    desk.post("book", kept.pk, query=f"{asked}&hold={kept.pk}")
    assert Appointment.objects.get(slot=slot).gives_up == visit
    assert InteractionStep.objects.filter(kind=StepKind.MOVE).count() == 1


def test_a_visit_is_given_up_with_why(desk: Desk) -> None:
    visit = AppointmentFactory.create(
        patient=desk.patient,
        starts_at=NOW + dt.timedelta(days=9),
        ends_at=NOW + dt.timedelta(days=9, minutes=20),
    )
    desk.know()
    assert desk.post("cancel", visit.pk, code="").status_code == 422
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED
    form = desk.client.get(desk.url("cancel", visit.pk), headers={"hx-request": "true"})
    code = form.context["form"].fields["code"].choices[1][1][0][0]
    desk.post("cancel", visit.pk, code=code)
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED


def test_a_visit_is_given_up_with_its_step_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = AppointmentFactory.create(
        patient=desk.patient,
        starts_at=NOW + dt.timedelta(days=9),
        ends_at=NOW + dt.timedelta(days=9, minutes=20),
    )
    desk.know()

    def dies(**_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("desk.screen.act_views.note_step", dies)
    with pytest.raises(RuntimeError):
        desk.post("cancel", visit.pk, code=CancelReason.PATIENT_OTHER)
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


def test_a_yes_that_comes_too_late_closes_the_opening_all_the_same(desk: Desk) -> None:
    offer = OfferFactory.create(candidate__patient=desk.patient, status=OfferStatus.SENT)
    Slot.objects.filter(pk=offer.slot_id).update(status="busy")
    desk.know()
    assert desk.post("offer", offer.pk, answer="yes").status_code == 409
    offer.opening.refresh_from_db()
    assert offer.opening.status == OpeningStatus.TAKEN
    assert not InteractionStep.objects.filter(kind=StepKind.BOOK).exists()


def test_an_offer_that_was_taken_and_given_up_again_was_cancelled(desk: Desk) -> None:
    offer = OfferFactory.create(candidate__patient=desk.patient, status=OfferStatus.SENT)
    desk.know()
    assert desk.post("offer", offer.pk, answer="yes").status_code == 200
    made = Appointment.objects.get(patient=desk.patient)
    Appointment.objects.filter(pk=made.pk).update(status=AppointmentStatus.BOOKED)
    assert propose(read_contact(desk.contact.pk, at=NOW), at=NOW).chosen == "booked"
    desk.post("cancel", made.pk, code=CancelReason.PATIENT_OTHER)
    assert propose(read_contact(desk.contact.pk, at=NOW), at=NOW).chosen == "cancelled"


def test_a_yes_that_is_next_in_line_is_not_called_booked(desk: Desk) -> None:
    """Somebody else's yes is being confirmed: neither the agent nor the note may say more."""
    offer = OfferFactory.create(candidate__patient=desk.patient, status=OfferStatus.SENT)
    Opening.objects.filter(pk=offer.opening_id).update(status=OpeningStatus.CLAIMED)
    desk.know()
    answer = desk.post("offer", offer.pk, answer="yes")
    offer.refresh_from_db()
    assert (answer.status_code, offer.status) == (200, OfferStatus.NEXT_IN_LINE)
    assert "is next in line" in answer.content.decode()
    found = propose(read_contact(desk.contact.pk, at=NOW), at=NOW)
    assert "Booked" not in found.note.text
    assert "next in line" in found.note.text
    assert found.chosen != "booked"


def test_training_holds_nothing(desk: Desk, slot: Slot) -> None:
    type(desk.contact).objects.filter(pk=desk.contact.pk).update(is_training=True)
    desk.know()
    assert desk.post("hold", slot.pk, query=query(slot)).status_code == 409
    assert not Hold.objects.exists()


def test_a_rule_is_set_aside_only_with_a_reason_and_by_whom_it_lets(
    desk: Desk, cast: Cast, slot: Slot
) -> None:
    Slot.objects.filter(pk=slot.pk).update(restriction=Restriction.NEW_PATIENTS)
    desk.know()
    desk.post("reason", call_type="book")
    page = desk.get("override", slot.pk, query=query(slot))
    assert page.status_code == 200
    refused = desk.post("override", slot.pk, query=query(slot), rules="", reason="")
    assert refused.status_code == 422
    assert not Appointment.objects.exists()
