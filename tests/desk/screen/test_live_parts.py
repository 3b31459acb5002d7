"""Each part of the desk hears of its own contact and patient, and a ring opens once."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from crm.actions.contacts import open_contact, take_contact
from crm.actions.handoffs import accept_handoff, offer_handoff
from crm.engine import Actor
from crm.engine.events import whom
from crm.models import Agent, Handoff, Interaction, Patient, QueueEntry, Task, User
from crm.states import Channel, HandoffTo
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, AppointmentFactory

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
#: What every desk may hear: rare, and for all.
EVERYBODYS = {"live:resync", "live:desk.script-published", "live:desk.article-published"}


def heard_by(html: str) -> set[str]:
    """The live events of every part in that HTML that looks again by itself."""
    triggers = re.findall(r'hx-trigger="([^"]+)"', html)
    return {event for one in triggers for event in re.findall(r"live:[^\s,]+", one)}


def test_no_part_hears_of_everybody(desk: Desk) -> None:
    desk.know()
    AppointmentFactory.create(patient=desk.patient, starts_at=NOW + dt.timedelta(days=3))
    screen = desk.get("contact").content.decode()
    rest = desk.client.get(desk.url("rest"), headers=HTMX).content.decode()
    heard = heard_by(screen[screen.index('id="main"') :] + rest)
    own = {f"contact:{desk.contact.pk}", f"patient:{desk.patient.pk}", f"agent:{desk.agent.pk}"}
    own |= {f"crm.interaction:{desk.contact.pk}", f"crm.patient:{desk.patient.pk}"}
    strange = {one for one in heard - EVERYBODYS if not any(one.endswith(each) for each in own)}
    assert not strange
    assert f"live:crm.contact-verified:contact:{desk.contact.pk}" in heard
    assert f"live:scheduling:patient:{desk.patient.pk}" in heard
    assert f"live:crm.handoff-declined:contact:{desk.contact.pk}" in heard


def test_a_text_into_a_contact_by_text_is_heard(desk: Desk) -> None:
    assert f"live:crm.interaction:{desk.contact.pk} " in desk.get("talk").content.decode()
    Interaction.objects.filter(pk=desk.contact.pk).update(channel=Channel.SMS, patient=desk.patient)
    page = desk.get("talk").content.decode()
    assert f"live:contact:{desk.contact.pk} " in page
    assert f"live:outreach:patient:{desk.patient.pk} " in page  # answers a text of before it


def test_an_event_says_whom_it_concerns_by_ids(desk: Desk) -> None:
    visit = AppointmentFactory.create(patient=desk.patient)
    assert whom(visit) == {"patient": desk.patient.pk}
    assert whom(desk.patient) == {"patient": desk.patient.pk}
    assert whom(desk.fresh()) == {"contact": desk.contact.pk, "agent": desk.agent.pk}
    assert whom(Handoff(interaction_id=7)) == {"contact": 7}
    asked = Handoff(interaction_id=7, to_user_id=3, queue_id=2)
    assert whom(asked) == {"contact": 7, "agent": 3, "queue": 2}
    assert whom(QueueEntry(interaction_id=7, queue_id=2, claimed_by_id=3)) == whom(asked)
    assert whom(Task(owner_id=3)) == whom(Agent(user_id=3)) == {"agent": 3}
    assert whom(Patient()) == {}


def pop(desk: Desk, **said: str | int) -> Any:
    return desk.client.get("/desk/pop/", said, headers=HTMX)


class TestARing:
    def other(self, desk: Desk, *, minutes: int) -> Interaction:
        """Another contact of theirs, begun so many minutes later (or earlier)."""
        at, by = NOW + dt.timedelta(minutes=minutes), Actor.user(desk.agent)
        return open_contact(channel=Channel.SMS, agent=desk.agent, by=by, at=at)

    def test_opens_what_the_page_does_not_know_and_says_what_it_knows_then(
        self, desk: Desk
    ) -> None:
        answer = pop(desk)
        assert json.loads(answer["HX-Location"])["path"] == desk.url("contact")
        knows = json.loads(answer["HX-Trigger"])["screen:known"]["value"]
        assert pop(desk, known=knows).status_code == 204

    def test_opens_one_that_waited_longer_than_those_that_the_page_knows(self, desk: Desk) -> None:
        older = self.other(desk, minutes=-20)
        answer = pop(desk, known=desk.contact.pk)
        assert json.loads(answer["HX-Location"])["path"] == f"/desk/{older.pk}/"

    def test_opens_nothing_that_is_known_while_they_read_a_colleagues(
        self, desk: Desk, cast: Cast
    ) -> None:
        by = Actor.user(cast.nurse)
        theirs = open_contact(channel=Channel.VOICE, agent=cast.nurse, by=by, at=NOW)
        assert pop(desk, shown=theirs.pk, known=desk.contact.pk).status_code == 204
        assert pop(desk, shown=theirs.pk).status_code == 200

    def test_waits_while_one_is_open_and_takes_what_is_no_number_for_nothing(
        self, desk: Desk
    ) -> None:
        self.other(desk, minutes=5)
        assert pop(desk, shown=desk.contact.pk).status_code == 204
        assert pop(desk, shown="²", known="y 1 ² z").status_code == 200

    def test_the_page_knows_those_of_its_beginning(self, desk: Desk) -> None:
        other = self.other(desk, minutes=5)
        page = desk.get("contact").content.decode()
        assert f'name="known" value="{other.pk} {desk.contact.pk} "' in page


class TestTheColumnOfThePatient:
    """Looked at anew as a whole when other people may act, or more may show."""

    def test_comes_anew_once_when_they_are_known_or_it_is_over(self, desk: Desk) -> None:
        known = desk.post("identify", patient=desk.patient.pk, said="rosa delgado 3/14/1972")
        assert "contact:who" in known["HX-Trigger"]
        assert "contact:who" not in desk.post("reason", reason="a bill")["HX-Trigger"]
        form = desk.client.get(desk.url("wrap"), headers=HTMX).context["form"]
        ending = form.endings[0].code
        over = desk.post("wrap", disposition=ending, note="Told.", written="")
        assert over.status_code == 200
        assert list(json.loads(over["HX-Trigger"])) == ["contact:who", "contact:changed"]
        # Drafts of it are forgotten by this (static/js/drafts.js).
        assert " data-mine>" in known.content.decode()
        assert "data-mine" not in over.content.decode()

    def test_of_what_is_in_hand_the_left_column_names_all(self, desk: Desk, cast: Cast) -> None:
        named = f'id="in-hand" value="{desk.contact.pk} "'
        assert named in desk.client.get("/desk/left/").content.decode()
        by, to = Actor.user(desk.agent), HandoffTo.PERSON
        said: dict[str, Any] = {"to": to, "user": cast.front_desk, "question": "Yours?"}
        asked = offer_handoff(contact_id=desk.contact.pk, **said, by=by, at=NOW)
        taken = Actor.user(cast.front_desk)
        accept_handoff(handoff_id=asked.pk, user=cast.front_desk, by=taken, at=NOW)
        assert 'id="in-hand" value=""' in desk.client.get("/desk/left/").content.decode()
        assert "data-mine" not in desk.get("talk").content.decode()

    def test_gives_nothing_to_press_to_whoever_handed_it_over(self, desk: Desk, cast: Cast) -> None:
        desk.know()
        visit = AppointmentFactory.create(
            patient=desk.patient, starts_at=NOW + dt.timedelta(days=3)
        )
        cancel = desk.url("cancel", visit.pk)
        assert cancel in desk.get("side").content.decode()
        hand_over(desk, cast.nurse)
        assert cancel not in desk.get("side").content.decode()
        trigger = f"live:crm.contact-taken:contact:{desk.contact.pk}"
        assert trigger in desk.get("contact").content.decode()


def hand_over(desk: Desk, to: User) -> None:
    by = Actor.user(desk.agent)
    nurse = HandoffTo.NURSE
    made = offer_handoff(contact_id=desk.contact.pk, to=nurse, question="?", by=by, at=NOW)
    accept_handoff(handoff_id=made.pk, user=to, by=Actor.user(to), at=NOW)


class TestARefusal:
    """It lands where the part belongs, wherever the press came from."""

    @pytest.fixture
    def theirs(self, desk: Desk, cast: Cast) -> Desk:
        """By now a nurse has it."""
        desk.know()
        Interaction.objects.filter(pk=desk.contact.pk).update(agent=None)
        take_contact(
            contact_id=desk.contact.pk, agent=cast.nurse, by=Actor.user(cast.nurse), at=NOW
        )
        return desk

    @pytest.mark.parametrize("name", ["handoff", "wrap", "interpreter", "register"])
    def test_of_a_dialog_is_the_conversation(self, theirs: Desk, name: str) -> None:
        answer = theirs.client.get(theirs.url(name), headers=HTMX)
        assert answer.status_code == 409
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#talk", "outerHTML")
        assert "has this contact" in answer.content.decode()

    def test_of_a_press_in_a_panel_that_is_none_of_its_own_is_the_conversation(
        self, theirs: Desk
    ) -> None:
        answer = theirs.post("aid", aid="relay")
        assert (answer.status_code, answer["HX-Retarget"]) == (409, "#talk")

    @pytest.mark.parametrize("name", ["social", "refill"])
    def test_of_a_panel_is_that_panel_and_closes_the_dialog(self, theirs: Desk, name: str) -> None:
        panel = {"social": "social", "refill": "refills"}[name]
        answer = theirs.post(name)
        assert answer.status_code == 409
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == (f"#panel-{panel}", "outerHTML")
        assert "contact:changed" in answer["HX-Trigger"]
        assert "has this contact" in answer.content.decode()
        assert "<button" not in answer.content.decode()

    def test_of_a_change_of_details_says_why(self, theirs: Desk) -> None:
        answer = theirs.client.post(theirs.url("details", "email"), {}, headers=HTMX)
        assert answer.status_code == 409
        assert "has this contact" in answer.content.decode()


def test_drafts_are_named_by_contact_and_patient_and_by_who_types(desk: Desk) -> None:
    desk.post("identify", patient=desk.patient.pk)
    page = desk.get("contact").content.decode()
    assert page.count(f'data-drafts="{desk.agent.pk}"') == 2  # the columns, and the dialog
    preserved = re.findall(r'<input[^>]*id="([^"]+)"[^>]*hx-preserve', page)
    assert preserved == [f"verify-{desk.contact.pk}-{desk.patient.pk}"]
    assert f'class="desk-verify" data-about="{desk.patient.pk}"' in page
    assert "data-sign-out" in page


@pytest.mark.parametrize("marks", [True, False])
def test_a_press_keeps_which_contact_is_marked_as_shown(desk: Desk, marks: bool) -> None:
    shown = {"shown": desk.contact.pk} if marks else {}
    pressed = desk.client.post("/desk/state/", {"state": "available", **shown}, headers=HTMX)
    for left in (pressed, desk.client.get("/desk/left/", shown)):
        assert ('aria-current="true"' in left.content.decode()) is marks
