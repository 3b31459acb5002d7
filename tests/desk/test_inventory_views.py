"""The inventory's pages: who may see and change what, and that every figure opens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import AuditEntry, User
from crm.states import Role
from scheduling.models import Slot, SlotFeedback, TemplateProposal
from scheduling.states import FeedbackStatus, ProposalStatus, SlotStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    AppointmentFactory,
    PatientFactory,
    ReleaseRuleFactory,
    SlotFactory,
    SlotFeedbackFactory,
    TemplateProposalFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def own_slot(**fields: object) -> Slot:
    """A slot whose schedule is made here."""
    slot: Slot = SlotFactory.create(source="", source_id="", **fields)
    return slot


class TestMap:
    def test_shows_each_row_with_its_figures_and_their_words(self, cast: Cast) -> None:
        slot = SlotFactory.create()
        page = as_(cast.agent).get(reverse("desk:inventory")).content.decode()
        assert slot.role.clinic.location.name in page
        assert "Sat Nov 21: 1 open" in page

    @pytest.mark.parametrize("by", ["site", "provider", "visit-type", "restriction", "no-such"])
    def test_opens_to_the_slots_with_what_hides_them(self, cast: Cast, by: str) -> None:
        SlotFactory.create(restriction="held-for-review", restriction_reason="Photos first")
        booked = SlotFactory.create(status="busy", taken=1)
        AppointmentFactory.create(
            slot=booked,
            patient=PatientFactory.create(given_name="Quentin", family_name="Xu"),
            role=booked.role,
            starts_at=booked.starts_at,
        )
        address = reverse("desk:inventory") + f"?by={by}&shown=1&day=2026-11-21&figure=kept"
        page = as_(cast.agent).get(address).content.decode()
        assert "The clinic reviews who gets it (Photos first)." in page
        assert "Q. X." in page
        assert "Quentin" not in page
        seen = AuditEntry.objects.filter(patient_id__isnull=False, actor_id=cast.agent.pk)
        assert seen.count() == 1

    def test_answers_htmx_with_the_cell_alone(self, cast: Cast) -> None:
        SlotFactory.create()
        page = as_(cast.agent).get(
            reverse("desk:inventory") + "?shown=1",
            headers={"HX-Request": "true", "HX-Target": "inventory-cell"},
        )
        assert "<html" not in page.content.decode()
        assert "1 open" in page.content.decode()

    def test_takes_as_many_queries_for_twenty_slots_as_for_two(self, cast: Cast) -> None:
        client, counts = as_(cast.agent), []
        address = reverse("desk:inventory") + "?shown=1&by=provider"
        client.get(address)
        for more in (2, 20):
            SlotFactory.create_batch(more)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 14

    def test_goes_as_tables_without_patients(self, cast: Cast) -> None:
        slot = SlotFactory.create()
        client = as_(cast.front_desk)
        table = client.get(reverse("desk:inventory-export") + "?by=provider").content.decode()
        assert table.splitlines()[0].startswith("Clinician,Day,Open")
        assert "2026-11-21,1,0" in table
        slots = client.get(reverse("desk:inventory-slots-export") + "?shown=1").content.decode()
        assert str(slot.role.provider) in slots
        assert AuditEntry.objects.filter(verb="scheduling.inventory.exported").count() == 2

    def test_of_an_installation_without_slots_says_so(self, cast: Cast) -> None:
        page = as_(cast.agent).get(reverse("desk:inventory") + "?since=junk&clinic=x&days=9")
        assert "No slots in these days" in page.content.decode()


READ = ["inventory", "inventory-export", "inventory-slots-export", "feedback", "feedback-export",
        "proposals", "proposals-export"]  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_outsiders_and_marketing_see_nothing_of_it(cast: Cast, name: str) -> None:
    for user in (cast.outsider, cast.marketing, cast.integration):
        assert as_(user).get(reverse(f"desk:{name}")).status_code == 403
    assert as_(cast.agent).get(reverse(f"desk:{name}")).status_code == 200
    assert Client().get(reverse(f"desk:{name}")).status_code == 302
    assert as_(cast.agent).put(reverse(f"desk:{name}")).status_code == 405


class TestFlag:
    """ "This slot is mislabeled" """

    def flag(self, user: User, slot: Slot, **said: str) -> None:
        as_(user).post(reverse("desk:slot-mislabeled", args=[slot.pk]), said)

    def test_is_one_click_and_more_words_add_to_it(self, cast: Cast) -> None:
        slot = SlotFactory.create()
        page = as_(cast.agent).post(
            reverse("desk:slot-mislabeled", args=[slot.pk]), headers={"HX-Request": "true"}
        )
        assert "The clinic is told" in page.content.decode()
        self.flag(cast.agent, slot, should_be="New patients")
        flag = SlotFeedback.objects.get()
        assert (flag.should_be, flag.clinic, flag.flagged_by) == (
            "New patients",
            slot.role.clinic,
            cast.agent,
        )

    def test_of_a_visit_type_goes_to_every_clinic(self, cast: Cast) -> None:
        kind = VisitTypeFactory.create()
        address = reverse("desk:visit-type-mislabeled", args=[kind.pk])
        for _ in range(2):
            assert as_(cast.nurse).post(address).status_code == 302
        assert SlotFeedback.objects.get().clinic is None

    def test_goes_back_to_the_page_it_came_from_and_nowhere_else(self, cast: Cast) -> None:
        address = reverse("desk:slot-mislabeled", args=[SlotFactory.create().pk])
        client = as_(cast.agent)
        assert client.post(address, {"next": "/slots/"}).headers["Location"] == "/slots/"
        assert client.post(address, {"next": "https://evil.example/"}).headers["Location"] == (
            reverse("desk:inventory")
        )

    def test_is_undone_by_whoever_made_it(self, cast: Cast) -> None:
        flag = SlotFeedbackFactory.create(flagged_by=cast.agent)
        address = reverse("desk:feedback-undo", args=[flag.pk])
        assert as_(cast.nurse).post(address).status_code == 404
        flag.refresh_from_db()
        assert flag.status == FeedbackStatus.OPEN
        as_(cast.agent).post(address)
        flag.refresh_from_db()
        assert flag.status == FeedbackStatus.TAKEN_BACK

    def test_is_answered_by_the_clinic_and_the_answer_is_told_once(self, cast: Cast) -> None:
        flag = SlotFeedbackFactory.create(flagged_by=cast.agent)
        as_(cast.front_desk).post(
            reverse("desk:feedback-answer", args=[flag.pk]), {"answer": "Corrected in the EHR."}
        )
        news = reverse("desk:feedback-news")
        assert as_(cast.nurse).post(news).status_code == 204
        client = as_(cast.agent)
        assert "Corrected in the EHR." in client.post(news).content.decode()
        assert client.post(news).status_code == 204

    def test_is_not_answered_by_agents(self, cast: Cast) -> None:
        flag = SlotFeedbackFactory.create()
        for name in ("feedback-answer", "feedback-reopen"):
            address = reverse(f"desk:{name}", args=[flag.pk])
            assert as_(cast.agent).post(address, {"answer": "No"}).status_code == 403
        flag.refresh_from_db()
        assert (flag.status, flag.answer) == (FeedbackStatus.OPEN, "")

    def test_that_is_answered_can_be_opened_again_and_a_second_answer_says_so(
        self, cast: Cast
    ) -> None:
        flag = SlotFeedbackFactory.create()
        client = as_(cast.manager)
        answer = reverse("desk:feedback-answer", args=[flag.pk])
        client.post(answer, {"answer": "It is right."})
        page = client.post(answer, {"answer": "Again."}, follow=True).content.decode()
        assert "dealt with it meanwhile" in page
        client.post(reverse("desk:feedback-reopen", args=[flag.pk]))
        flag.refresh_from_db()
        assert (flag.status, flag.answer, flag.answered_at) == ("open", "", None)

    def test_stands_on_the_list_of_its_state(self, cast: Cast) -> None:
        SlotFeedbackFactory.create(should_be="A physical", flagged_by=cast.agent)
        client = as_(cast.agent)
        for shown, there in (("open", True), ("answered", False), ("mine", True)):
            page = client.get(reverse("desk:feedback") + f"?show={shown}").content.decode()
            assert ("A physical" in page) is there


class TestSlot:
    def send(self, user: User, slot: Slot, act: str, **said: object) -> int:
        fields = {f"{act}-{name}": value for name, value in said.items()}
        address = reverse("desk:inventory-slot", args=[slot.pk])
        return as_(user).post(address, {"act": act, **fields}).status_code

    @pytest.mark.parametrize("role", [Role.AGENT, Role.NURSE, Role.MARKETING])
    def test_is_not_blocked_by_who_does_not_own_the_schedule(self, cast: Cast, role: Role) -> None:
        slot = own_slot()
        assert self.send(cast.staff(role), slot, "block", reason="Meeting") == 403
        slot.refresh_from_db()
        assert slot.status == SlotStatus.FREE

    def test_is_blocked_until_its_rule_and_opened_again(self, cast: Cast) -> None:
        slot = own_slot()
        rule = ReleaseRuleFactory.create(clinic=slot.role.clinic, hours_before=24)
        assert (
            self.send(cast.front_desk, slot, "block", reason="Meeting", release_rule=rule.pk) == 302
        )
        slot.refresh_from_db()
        assert (slot.status, slot.restriction_reason) == (SlotStatus.BLOCKED, "Meeting")
        assert slot.release_at == slot.due_at == slot.starts_at - dt.timedelta(hours=24)
        page = as_(cast.agent).get(reverse("desk:inventory") + "?shown=1&figure=soon")
        assert "The clinic has blocked it: Meeting" in page.content.decode()
        assert self.send(cast.front_desk, slot, "unblock", reason="Over") == 302
        slot.refresh_from_db()
        assert (slot.status, slot.release_at, slot.by_hand) == (SlotStatus.FREE, None, True)

    def test_is_restricted_with_a_reason(self, cast: Cast) -> None:
        slot = own_slot()
        assert self.send(cast.manager, slot, "restrict", restriction="same-day") == 422
        slot.refresh_from_db()
        assert slot.restriction == "none"
        said = {"restriction": "days-before", "days": 3, "reason": "Walk-ins", "owner": "Fiona"}
        assert self.send(cast.manager, slot, "restrict", **said) == 302
        slot.refresh_from_db()
        assert (slot.restriction, slot.restriction_days, slot.by_hand) == ("days-before", 3, True)
        entry = AuditEntry.objects.get(verb="scheduling.slot.restricted")
        assert (entry.reason, entry.detail) == ("Walk-ins", {"was": "none", "now": "days-before"})

    def test_of_an_ehr_stays_as_it_is_and_the_clinic_gets_a_proposal(self, cast: Cast) -> None:
        slot = SlotFactory.create()
        assert self.send(cast.manager, slot, "block", reason="Meeting") == 302
        slot.refresh_from_db()
        assert slot.status == SlotStatus.FREE
        proposal = TemplateProposal.objects.get()
        assert (proposal.clinic, proposal.slot, proposal.why) == (
            slot.role.clinic,
            slot,
            "Meeting",
        )
        assert proposal.what.startswith("Block Sat Nov 21, 9:00 AM, Dr. Grace Okafor")
        assert self.send(cast.manager, slot, "block", reason="Again") == 409

    def test_that_is_booked_or_past_is_not_blocked(self, cast: Cast) -> None:
        booked = own_slot(status="busy", taken=1)
        past = own_slot(starts_at=NOW - dt.timedelta(hours=1))
        for slot in (booked, past):
            assert self.send(cast.manager, slot, "block", reason="Meeting") == 409
        address = reverse("desk:inventory-slot", args=[past.pk])
        assert "Its time has come" in as_(cast.manager).get(address).content.decode()


class TestProposals:
    def test_are_made_answered_and_withdrawn_by_owners_of_schedules(self, cast: Cast) -> None:
        first, second = TemplateProposalFactory.create(), TemplateProposalFactory.create()
        client = as_(cast.front_desk)
        said = {"clinic": first.clinic_id, "kind": "schedule", "what": "Open at 7", "why": "Calls"}
        assert client.post(reverse("desk:proposal-new"), said).status_code == 302
        assert client.post(reverse("desk:proposal-new"), {"what": "x"}).status_code == 422
        answer = reverse("desk:proposal-answer", args=[first.pk])
        client.post(answer, {"how": "accept", "answer": "From January."})
        client.post(reverse("desk:proposal-answer", args=[second.pk]), {"how": "withdraw"})
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.status, first.answer) == (ProposalStatus.ACCEPTED, "From January.")
        assert second.status == ProposalStatus.WITHDRAWN
        page = client.get(reverse("desk:proposals") + "?show=answered").content.decode()
        assert "From January." in page
        assert "Open at 7" in client.get(reverse("desk:proposals-export")).content.decode()

    def test_are_not_answered_without_words_or_by_agents(self, cast: Cast) -> None:
        proposal = TemplateProposalFactory.create()
        answer = reverse("desk:proposal-answer", args=[proposal.pk])
        as_(cast.manager).post(answer, {"how": "accept", "answer": " "})
        assert as_(cast.agent).post(answer, {"how": "withdraw"}).status_code == 403
        assert as_(cast.agent).post(reverse("desk:proposal-new"), {}).status_code == 403
        proposal.refresh_from_db()
        assert proposal.status == ProposalStatus.PROPOSED
