"""The hand-off on the screen: asked, answered by the receiver, taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from crm.actions.contacts import keep_answer
from crm.actions.handoffs import offer_handoff
from crm.engine import Actor
from crm.models import Agent, Handoff, Interaction, Queue, User
from crm.states import Acuity, AgentState, HandoffStatus, HandoffTo
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, OnCallFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
HTMX = {"hx-request": "true"}
ASKS = "Can you tell her how to get there?"


@pytest.fixture
def kim() -> User:
    user: User = UserFactory.create(first_name="Kim", last_name="Lee")
    Agent.objects.create(user=user, status=AgentState.AVAILABLE, since=NOW, skills=["es"])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def offered(desk: Desk, to: User) -> Handoff:
    by = Actor.user(desk.agent)
    person = HandoffTo.PERSON
    return offer_handoff(
        contact_id=desk.contact.pk, to=person, user=to, question=ASKS, by=by, at=NOW
    )


class TestTheDialog:
    def test_names_who_can_take_it_and_what_they_can(self, desk: Desk, kim: User) -> None:
        Queue.objects.create(code="es", name="Spanish", skills=["es"])
        OnCallFactory.create(user__first_name="Lena", user__last_name="Park")
        shown = desk.get("handoff").content.decode()
        for words in ("Kim Lee", "Spanish queue", "1 free, 0 waiting", "pages Lena Park by text"):
            assert words in shown
        assert str(desk.agent.get_full_name()) not in shown.split("<fieldset")[1]

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_asks_whom_was_chosen(self, desk: Desk, kim: User, headers: dict[str, str]) -> None:
        said = {"to": f"person:{kim.pk}", "question": ASKS}
        answer = desk.client.post(desk.url("handoff"), said, headers=headers)
        assert answer.status_code == (200 if headers else 302)
        handoff = Handoff.objects.get()
        assert (handoff.to_user, handoff.question) == (kim, ASKS)
        assert "Waiting for Kim Lee" in desk.get("contact").content.decode()

    @pytest.mark.parametrize(
        ("said", "wrong"),
        [
            ({"to": "nurse", "question": ""}, "Say in a sentence"),
            ({"to": "", "question": ASKS}, "Choose whom"),
            ({"to": "person:0", "question": ASKS}, "not free any more"),
        ],
    )
    def test_says_what_is_missing(self, desk: Desk, said: dict[str, str], wrong: str) -> None:
        answer = desk.client.post(desk.url("handoff"), said, headers=HTMX)
        assert answer.status_code == 422
        assert wrong in answer.content.decode()
        assert not Handoff.objects.exists()

    def test_asks_a_supervisor(self, desk: Desk, cast: Cast) -> None:
        assert "A supervisor" in desk.get("handoff").content.decode()
        desk.post("handoff", to="manager", question=ASKS)
        assert Handoff.objects.get().to == HandoffTo.MANAGER
        assert ASKS in signed_in(cast.manager).get("/desk/").content.decode()

    def test_is_refused_while_it_is_offered(self, desk: Desk, kim: User) -> None:
        offered(desk, kim)
        said = {"to": "nurse", "question": ASKS}
        answer = desk.client.post(desk.url("handoff"), said, headers=HTMX)
        assert answer.status_code == 409
        assert "already" in answer.content.decode()

    def test_a_red_flag_is_one_press(self, desk: Desk) -> None:
        Interaction.objects.update(acuity=Acuity.NURSE_NOW, reason="can't feel my left foot")
        shown = desk.get("handoff").content.decode()
        assert 'value="nurse" checked' in shown
        assert "They say: “can&#x27;t feel my left foot”" in shown

    def test_only_its_agent_hands_it_over(self, desk: Desk, kim: User) -> None:
        said = {"to": "nurse", "question": ASKS}
        address = desk.url("handoff")
        assert signed_in(kim).post(address, said, headers=HTMX).status_code == 409
        assert Client().post(address, said).status_code == 302  # to sign in
        assert not Handoff.objects.exists()


class TestTheReceiver:
    def test_sees_the_question_takes_it_and_has_all_that_is_known(
        self, desk: Desk, kim: User
    ) -> None:
        desk.know()
        by = Actor.user(desk.agent)
        keep_answer(contact=desk.fresh(), key="directions:from", value="Mesa", by=by, at=NOW)
        handoff = offered(desk, kim)
        client = signed_in(kim)
        shown = client.get("/desk/").content.decode()
        assert "Agent Cast hands you" in shown
        assert ASKS in shown
        answer = client.post(f"/desk/hand-offs/{handoff.pk}/accept/", headers=HTMX)
        assert desk.url("contact") in answer["HX-Location"]
        contact = desk.fresh()
        assert contact.agent == kim
        assert contact.answers.get().value == "Mesa"
        opened = client.get(desk.url("contact")).content.decode()
        assert f"{desk.agent.get_full_name()} asks:" in opened
        assert "Verified:" in opened  # so that nobody is asked for identifiers again

    def test_without_script_it_ends_on_the_contact(self, desk: Desk, kim: User) -> None:
        handoff = offered(desk, kim)
        answer = signed_in(kim).post(f"/desk/hand-offs/{handoff.pk}/accept/")
        assert (answer.status_code, answer["Location"]) == (302, desk.url("contact"))

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_who_comes_late_reads_who_was_faster(
        self, desk: Desk, cast: Cast, headers: dict[str, str]
    ) -> None:
        by = Actor.user(desk.agent)
        other = UserFactory.create(roles=["nurse"])
        handoff = offer_handoff(
            contact_id=desk.contact.pk, to=HandoffTo.NURSE, question=ASKS, by=by, at=NOW
        )
        address = f"/desk/hand-offs/{handoff.pk}/accept/"
        signed_in(cast.nurse).post(address)
        answer = signed_in(other).post(address, headers=headers)
        assert answer.status_code == 409
        assert "Nurse Cast was faster" in answer.content.decode()
        assert desk.fresh().agent == cast.nurse

    def test_somebody_who_is_not_asked_changes_nothing(
        self, desk: Desk, cast: Cast, kim: User
    ) -> None:
        handoff = offered(desk, kim)
        for act in ("accept", "decline"):
            address = f"/desk/hand-offs/{handoff.pk}/{act}/"
            answer = signed_in(cast.nurse).post(address, {"reason": "x"}, headers=HTMX)
            assert answer.status_code == 409
            assert signed_in(cast.marketing).post(address, {"reason": "x"}).status_code == 403
        assert Handoff.objects.get().status == HandoffStatus.OFFERED
        assert desk.fresh().agent == desk.agent

    def test_declines_with_a_reason_that_the_giver_reads(self, desk: Desk, kim: User) -> None:
        handoff = offered(desk, kim)
        client, address = signed_in(kim), f"/desk/hand-offs/{handoff.pk}/decline/"
        assert "reads it while the caller waits" in client.get(address).content.decode()
        assert client.post(address, {"reason": ""}, headers=HTMX).status_code == 422
        assert client.post(address, {"reason": "On another line"}, headers=HTMX).status_code == 200
        state = desk.get("handoff-state").content.decode()
        assert "Kim Lee declined: “On another line”" in state

    def test_the_giver_takes_it_back(self, desk: Desk, kim: User) -> None:
        handoff = offered(desk, kim)
        assert desk.post("handoff-back").status_code == 200
        handoff.refresh_from_db()
        assert handoff.status == HandoffStatus.WITHDRAWN
        assert desk.post("handoff-back").status_code == 409
        assert "hands you" not in signed_in(kim).get("/desk/left/").content.decode()
