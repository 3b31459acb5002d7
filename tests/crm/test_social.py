"""The AHC screening tool: its rule, what is kept of it, and what follows."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import ContactOver, open_contact
from crm.actions.social import AskedLately, NotInPrivate, decline_screen, keep_screen
from crm.engine import Actor
from crm.models import AuditEntry, Interaction, InteractionStep, Queue, SocialScreen, Task, WrapUp
from crm.rules.social import (
    DECLINED,
    QUESTIONS,
    NoSuchAnswer,
    due_again_on,
    find_needs,
    is_due,
)
from crm.states import Channel, Speaker, TaskKind
from crm.states.social import SocialNeed
from tests.cast import Cast
from tests.factories import NOW

N = SocialNeed
NOBODY_HURTS = {key: ["never"] for key in ("hurt", "insult", "threaten", "scream")}
STEADY = {
    "living": ["steady"],
    "place": ["none"],
    "food-worried": ["never"],
    "food-last": ["never"],
    "transport": ["no"],
    "utilities": ["no"],
    **NOBODY_HURTS,
}
#: 3 + 3 + 3 + 2.
UNSAFE = {
    "hurt": ["sometimes"], "insult": ["sometimes"], "threaten": ["sometimes"], "scream": ["rarely"],
}  # fmt: skip


def test_has_the_ten_questions_in_the_tools_order() -> None:
    assert [question.number for question in QUESTIONS] == list(range(1, 11))
    assert {question.need for question in QUESTIONS} == set(N)


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ({}, ()),
        ({"living": ["worried"]}, (N.LIVING,)),
        ({"living": ["none"]}, (N.LIVING,)),
        ({"place": ["mold", "leaks"]}, (N.LIVING,)),
        ({"food-worried": ["sometimes"]}, (N.FOOD,)),
        ({"food-last": ["often"]}, (N.FOOD,)),
        ({"transport": ["yes"]}, (N.TRANSPORT,)),
        ({"utilities": ["off"]}, (N.UTILITIES,)),
        (UNSAFE, (N.SAFETY,)),
        (UNSAFE | {"scream": ["never"]}, ()),
        ({"living": [DECLINED], "place": [DECLINED], "utilities": ["yes"]}, (N.UTILITIES,)),
    ],
)
def test_finds_the_need(said: dict[str, list[str]], needs: tuple[SocialNeed, ...]) -> None:
    assert find_needs(STEADY | said).needs == needs


def test_sums_the_safety_questions_only_where_the_sum_is_certain() -> None:
    assert find_needs(STEADY).safety_score == 4
    assert find_needs(STEADY | UNSAFE).safety_score == 11
    assert find_needs(STEADY | {"hurt": [DECLINED]}).safety_score is None
    three = {"hurt": ["frequently"], "insult": ["frequently"], "threaten": ["rarely"]}
    found = find_needs(STEADY | three | {"scream": [DECLINED]})
    assert (found.safety_score, found.needs) == (12, (N.SAFETY,))


@pytest.mark.parametrize(
    "said",
    [
        {"living": ["castle"]},
        {"pets": ["yes"]},
        {"living": ["steady", "none"]},
        {"place": ["none", "mold"]},
        {"place": [DECLINED, "mold"]},
        {"transport": []},
    ],
)
def test_refuses_what_the_tool_does_not_have(said: dict[str, list[str]]) -> None:
    with pytest.raises(NoSuchAnswer):
        find_needs(said)


def test_is_due_again_after_a_year() -> None:
    asked = dt.date(2024, 2, 29)
    assert due_again_on(asked) == dt.date(2025, 3, 1)
    assert not is_due(asked, on=dt.date(2025, 2, 28))
    assert is_due(asked, on=dt.date(2025, 3, 1))
    assert is_due(None, on=asked)


@pytest.fixture
def by(cast: Cast) -> Actor:
    return Actor.user(cast.agent)


@pytest.fixture
def contact(cast: Cast, by: Actor) -> Interaction:
    return open_contact(
        channel=Channel.VOICE, agent=cast.agent, patient=cast.patient, by=by, at=NOW
    )


def test_keeps_the_answers_away_from_everything_else(contact: Interaction, by: Actor) -> None:
    screen = keep_screen(
        contact_id=contact.pk,
        answers=STEADY | UNSAFE | {"food-last": ["often"]},
        agreed=[N.FOOD, N.SAFETY],
        by=by,
        at=NOW,
    )
    assert (screen.needs, screen.safety_score) == ([N.FOOD, N.SAFETY], 11)
    assert screen.agreed == [N.FOOD]
    tasks = {task.kind: task for task in Task.objects.all()}
    assert set(tasks) == {TaskKind.REFERRAL, TaskKind.ASK_NURSE}
    told = [f"{task.title} {task.why}" for task in tasks.values()]
    told += [str(step.detail) + step.code for step in InteractionStep.objects.all()]
    told += [f"{entry.detail} {entry.reason}" for entry in AuditEntry.objects.all()]
    for word in ("food", "safe", "hurt", "often", "violence", "score", "need"):
        assert not [each for each in told if word in each.lower()], word
    nurse_steps = InteractionStep.objects.filter(subject_id=tasks[TaskKind.ASK_NURSE].pk)
    assert not nurse_steps.filter(subject_type="crm.task").exists()
    assert tasks[TaskKind.ASK_NURSE].due_at == NOW + dt.timedelta(hours=2)


def test_refers_to_a_team_only_what_was_agreed_to(contact: Interaction, by: Actor) -> None:
    team = Queue.objects.create(code="community", name="Community help", skills=["social"])
    said = STEADY | {"transport": ["yes"], "utilities": ["yes"]}
    screen = keep_screen(
        contact_id=contact.pk, answers=said, agreed=[N.TRANSPORT], refer_to=team, by=by, at=NOW
    )
    assert screen.referred_to == team
    assert screen.agreed == [N.TRANSPORT]
    assert screen.referral is not None
    assert "Community help" in screen.referral.why
    again = keep_screen(
        contact_id=contact.pk, answers=said, refer_to=team, they_wish=True, by=by, at=NOW
    )
    assert (again.referral, again.referred_to) == (None, None)


def test_asks_again_within_the_year_only_where_they_wish(contact: Interaction, by: Actor) -> None:
    declined = decline_screen(contact_id=contact.pk, by=by, at=NOW)
    assert (declined.was_declined, declined.answers) == (True, {})
    for later in (dt.timedelta(), dt.timedelta(days=300)):
        with pytest.raises(AskedLately):
            keep_screen(contact_id=contact.pk, answers=STEADY, by=by, at=NOW + later)
    keep_screen(contact_id=contact.pk, answers=STEADY, they_wish=True, by=by, at=NOW)
    a_year = dt.timedelta(days=366)
    keep_screen(contact_id=contact.pk, answers=STEADY, by=by, at=NOW + a_year)
    assert SocialScreen.objects.count() == 3


def test_asks_nobody_but_the_patient_about_safety(contact: Interaction, by: Actor) -> None:
    Interaction.objects.filter(pk=contact.pk).update(speaker=Speaker.PROXY)
    with pytest.raises(NotInPrivate):
        keep_screen(contact_id=contact.pk, answers=STEADY, by=by, at=NOW)
    assert not SocialScreen.objects.exists()
    rest = {key: codes for key, codes in STEADY.items() if key not in NOBODY_HURTS}
    assert keep_screen(contact_id=contact.pk, answers=rest, by=by, at=NOW).safety_score is None


def test_adds_nothing_to_a_contact_that_is_over(contact: Interaction, by: Actor) -> None:
    Interaction.objects.filter(pk=contact.pk).update(ended_at=NOW)
    WrapUp.objects.create(interaction=contact, disposition="told", at=NOW)
    with pytest.raises(ContactOver):
        decline_screen(contact_id=contact.pk, by=by, at=NOW)
    assert not SocialScreen.objects.exists()
