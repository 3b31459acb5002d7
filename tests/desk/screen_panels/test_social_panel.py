"""Social needs at the desk: the form while asking, and afterwards only that they were asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from crm.actions.social import NURSE_TITLE
from crm.models import Agent, AuditEntry, Interaction, Queue, SocialScreen, Task, User
from crm.rules.social import QUESTIONS
from crm.states import ProxyScope
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen_panels.conftest import panel, proxy_speaks, said
from tests.factories import NOW

SAID = {"food-worried": "often", "hurt": "frequently", "insult": "frequently", "threaten": "never"}
TOLD = ("food", "hurt", "Often true", "may not be safe", "11")


@pytest.fixture
def team(db: None) -> Queue:
    return Queue.objects.create(code="community", name="Community help", skills=["social"])


def sign_in(desk: Desk, user: User) -> None:
    desk.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def test_reads_each_question_as_published(known: Desk) -> None:
    shown = said(known.get("social")).replace("&#x27;", "'")
    for question in QUESTIONS:
        assert question.words in shown
        assert all(option.words in shown for option in question.options)
    assert shown.count("They would rather not say") == len(QUESTIONS)


def test_keeps_the_answers_from_the_agent_who_asked(known: Desk, cast: Cast, team: Queue) -> None:
    answer = known.post("social", **SAID, agreed=["food"], team=team.pk)
    assert answer.status_code == 200
    screen = SocialScreen.objects.get()
    assert (screen.safety_score, screen.referred_to) == (11, team)
    shown = panel(known, "social")
    assert "A referral was made." in shown
    for word in TOLD:
        assert word not in shown.replace("social needs", ""), word
    where = reverse("desk:social", args=[screen.pk])
    assert where not in shown
    assert NURSE_TITLE not in panel(known, "timeline")
    assert Task.objects.filter(title=NURSE_TITLE).exists()
    for user in (cast.agent, cast.front_desk, cast.manager, cast.admin, cast.marketing):
        sign_in(known, user)
        assert known.client.get(where).status_code == 403
    assert not AuditEntry.objects.filter(verb="crm.patient.viewed", detail__what="social needs")


def test_shows_nurses_all_of_it_and_the_team_what_was_agreed(
    known: Desk, cast: Cast, team: Queue
) -> None:
    known.post("social", **SAID, agreed=["food"], team=team.pk)
    where = reverse("desk:social", args=[SocialScreen.objects.get().pk])
    sign_in(known, cast.nurse)
    shown = said(known.client.get(where))
    assert all(word in shown for word in ("Often true", "may not be safe", "Community help"))
    assert AuditEntry.objects.filter(actor_id=cast.nurse.pk, patient_id=known.patient.pk).exists()
    Agent.objects.create(user=cast.front_desk, since=NOW, skills=["social"])
    sign_in(known, cast.front_desk)
    shown = said(known.client.get(where))
    assert "Food" in shown
    assert not any(word in shown for word in ("Often true", "safe", "Safety", "hurt"))


def test_leaves_safety_out_where_somebody_else_speaks(known: Desk) -> None:
    proxy_speaks(known, ProxyScope.SCHEDULING)
    assert "physically hurt you" not in said(known.get("social"))
    known.post("social", **SAID)
    assert SocialScreen.objects.get().answers == {"food-worried": ["often"]}


def test_refers_to_no_queue_that_is_no_team(known: Desk) -> None:
    other = Queue.objects.create(code="spanish", name="Spanish", skills=["es"])
    assert known.post("social", **SAID, agreed=["food"], team=other.pk).status_code == 422
    assert not SocialScreen.objects.exists()


@pytest.mark.parametrize(
    "typed", [{}, {"place": ["none", "mold"]}, {"living": "castle"}, {"agreed": ["safety"]}]
)
def test_says_what_is_wrong_and_keeps_nothing(known: Desk, typed: dict[str, Any]) -> None:
    assert known.post("social", **typed).status_code == 422
    assert not SocialScreen.objects.exists()


def test_is_declined_as_a_whole_and_asked_again_only_as_they_wish(known: Desk) -> None:
    assert known.post("social-decline").status_code == 200
    assert "Would rather not be asked" in panel(known, "social")
    assert known.post("social", **SAID).status_code == 422
    known.post("social-decline")
    assert SocialScreen.objects.count() == 1
    assert known.post("social", **SAID, they_wish="on").status_code == 200
    assert not SocialScreen.objects.latest("pk").was_declined


def test_only_their_agent_asks_and_only_once_verified(desk: Desk, cast: Cast) -> None:
    assert desk.post("social", **SAID).status_code == 404
    Interaction.objects.filter(pk=desk.contact.pk).update(patient=desk.patient)
    desk.know()
    for user, status in ((cast.nurse, 409), (cast.marketing, 403)):
        sign_in(desk, user)
        assert desk.post("social", **SAID).status_code == status
        assert desk.post("social-decline").status_code == status
    assert not SocialScreen.objects.exists()
    assert not Task.objects.filter(cause_key__startswith="social:").exists()


def test_works_without_script(known: Desk) -> None:
    page = said(known.client.get(known.url("social")))
    assert "<title>Desk" in page
    assert known.client.post(known.url("social"), SAID).status_code == 302
    assert SocialScreen.objects.count() == 1
