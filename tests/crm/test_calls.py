"""What telephone systems tell: heard once, in any order, with all that hangs on it."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from crm.actions.contacts import take_contact
from crm.actions.handoffs import accept_handoff, offer_handoff
from crm.actions.queues import claim_entry
from crm.actions.tasks import close_task
from crm.engine import Actor
from crm.models import Agent, AuditEntry, Call, Event, Interaction, Phone, QueueEntry, Task, User
from crm.rules.calls import CallNews, Heard, caller_kind, check_menu, lasted, meant_by, put_together
from crm.states import (
    Acuity,
    AgentState,
    Aid,
    CallStatus,
    Channel,
    EntryStatus,
    HandoffTo,
    StepKind,
    TaskKind,
    TaskStatus,
)
from tests.crm.center import (
    MENU,
    OURS,
    PBX,
    THEIRS,
    agent,
    hear,
    hear_all,
    line,
    queue,
    second,
    told,
)
from tests.factories import NOW, PatientFactory, PatientPhoneFactory, PhoneFactory

RANG, PRESSED, ANSWERED = CallNews.RANG, CallNews.PRESSED, CallNews.ANSWERED
MISSED = CallNews.MISSED
HELD, RESUMED, ENDED, ABANDONED = (
    CallNews.HELD,
    CallNews.RESUMED,
    CallNews.ENDED,
    CallNews.ABANDONED,
)


@pytest.fixture
def dana(db: None) -> User:
    """At extension 201, behind a line that leads to a queue for all."""
    line(queue(), specialty="Orthopedics", language="es")
    return agent(extension="201")


def state(user: User) -> AgentState:
    return AgentState(Agent.objects.get(user=user).status)


def the_wait() -> QueueEntry:
    return QueueEntry.objects.get()


def published() -> list[str]:
    names = Event.objects.filter(name__startswith="crm.call-").order_by("pk")
    return [name.removeprefix("crm.call-") for name in names.values_list("name", flat=True)]


# --- put together: pure -------------------------------------------------------------------

pieces = st.builds(
    Heard,
    news=st.sampled_from(CallNews),
    at=st.integers(0, 40).map(second),
    extension=st.sampled_from(["", "201", "202"]),
    key=st.sampled_from(["", "2"]),
)


@given(st.lists(pieces, min_size=1, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_the_order_and_repeats_of_news_change_nothing(
    heard: list[Heard], chance: random.Random, is_outbound: bool
) -> None:
    shuffled = [*heard, *heard[:2]]
    chance.shuffle(shuffled)
    assert put_together(shuffled, is_outbound=is_outbound) == put_together(
        heard, is_outbound=is_outbound
    )


@given(st.lists(pieces, min_size=1, max_size=8))
def test_what_is_put_together_holds_together(heard: list[Heard]) -> None:
    story = put_together(heard)
    over = story.status in {CallStatus.ENDED, CallStatus.ABANDONED}
    assert over == (story.ended_at is not None)
    assert (story.status is CallStatus.ON_HOLD) == (story.held_since is not None)
    assert all(hold.ended_at is None or hold.at <= hold.ended_at for hold in story.holds)
    assert story.waited >= dt.timedelta()
    assert story.answered_at is None or story.answered_at >= story.rang_at


def test_it_rings_wherever_it_was_said_to_until_it_was_missed_there_or_answered() -> None:
    at_201, at_202 = told(RANG, 1, extension="201"), told(RANG, 2, extension="202")
    missed, answered = told(MISSED, 3, extension="201"), told(ANSWERED, 4, extension="202")
    news = [one.heard for one in (told(RANG), at_201, at_202, missed, answered)]
    assert [put_together(news[:n]).rings_at for n in range(1, 6)] == [
        (),
        ("201",),
        ("201", "202"),
        ("202",),
        (),
    ]


def test_what_is_heard_survives_being_kept() -> None:
    one = told(ANSWERED, 5, extension="201").heard
    assert Heard.of_json(one.as_json()) == one


def test_a_later_key_says_it_better_and_a_second_level_has_its_own_meaning() -> None:
    menu = {**MENU, "21": {"says": "move an appointment", "call_type": "move"}}
    assert meant_by(menu, ["2"]).call_type == "book"
    assert meant_by(menu, ["2", "1"]).call_type == "move"
    urgent = meant_by(menu, ["2", "9"])
    assert (urgent.call_type, urgent.queue, urgent.acuity) == ("book", "nurse", Acuity.NURSE_NOW)
    assert meant_by(menu, ["7"]) == meant_by({}, ["2"])


@pytest.mark.parametrize(
    ("menu", "fault"),
    [
        (MENU, ""),
        ({"": {}}, "no key"),
        ({"x": {}}, "no key"),
        ([], "written so"),
        ({"1": {"say": "hi"}}, "Key 1 may have"),
        ({"1": {"queue": "mars"}}, "queue that does not exist"),
        ({"1": {"acuity": "soon"}}, "acuity that does not exist"),
    ],
)
def test_a_menu_is_looked_at_before_it_is_kept(menu: object, fault: str) -> None:
    said = check_menu(menu, queues={"spanish", "nurse"})
    assert fault in said
    assert bool(said) == bool(fault)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("+16025550142", "known"), ("anonymous", "withheld"), ("", "withheld"), ("JAN", "unreadable")],
)
def test_a_caller_is_known_withheld_or_unreadable(words: str, kind: str) -> None:
    assert caller_kind(words) == kind


def test_lengths_are_said_as_clocks_say_them() -> None:
    assert [lasted(dt.timedelta(seconds=n)) for n in (9, 70, 3723)] == ["0:09", "1:10", "1:02:03"]


# --- one call, from ring to end -------------------------------------------------------------


def test_a_ring_opens_the_contact_and_puts_it_into_the_queue_of_its_line(dana: User) -> None:
    call = hear(RANG)
    contact, wait = call.interaction, the_wait()
    assert (contact.channel, contact.patient, contact.agent) == (Channel.VOICE, None, None)
    assert (contact.specialty, contact.language) == ("Orthopedics", "es")
    assert str(call.phone) == THEIRS
    assert (wait.status, wait.entered_at) == (EntryStatus.WAITING, NOW)
    assert wait.answer_by == NOW + dt.timedelta(seconds=wait.queue.answer_seconds)
    assert published() == ["rang"]


def test_a_call_goes_its_way(dana: User) -> None:
    hear(RANG)
    hear(PRESSED, 5, key="2")
    call = hear(ANSWERED, 20, extension="201")
    assert (call.status, call.interaction.call_type) == (CallStatus.TALKING, "book")
    assert call.pressed == ["2"]
    contact = Interaction.objects.get()
    assert (contact.agent, contact.call_type) == (dana, "book")
    wait = the_wait()
    assert (wait.status, wait.claimed_by, wait.claimed_at) == (
        EntryStatus.CLAIMED,
        dana,
        second(20),
    )
    assert state(dana) is AgentState.ON_CONTACT
    assert hear(HELD, 30).status == CallStatus.ON_HOLD
    assert hear(RESUMED, 50).status == CallStatus.TALKING
    call = hear(ENDED, 80)
    assert (call.status, call.held_seconds, call.held_since) == (CallStatus.ENDED, 20, None)
    assert state(dana) is AgentState.WRAP_UP
    assert the_wait().status == EntryStatus.DONE
    assert Interaction.objects.get().ended_at == second(80)
    assert not Task.objects.exists()
    assert published() == ["rang", "changed", "answered", "held", "resumed", "ended"]
    steps = call.interaction.steps.order_by("at", "pk").values_list("kind", "at", "ended_at")
    assert [(kind, end and (end - at).seconds) for kind, at, end in steps] == [
        (StepKind.RING, 20),
        (StepKind.RING, None),
        (StepKind.ANSWER, None),
        (StepKind.CALL_HOLD, 20),
    ]


def test_somebody_who_hung_up_is_called_back(dana: User) -> None:
    hear(RANG)
    hear(PRESSED, 4, key="2")
    call = hear(ABANDONED, 70)
    task = Task.objects.get()
    assert call.status == CallStatus.ABANDONED
    assert the_wait().status == EntryStatus.LEFT
    assert (task.kind, task.title) == (TaskKind.CALL_BACK, "Hung up after 1:10, call back")
    assert task.why == "General line, chose “appointments”"
    assert task.callback.phone == call.phone
    assert second(70) < task.due_at <= second(70 + 1800)
    assert Interaction.objects.get().summary == "Hung up after 1:10"


def test_one_who_keeps_hanging_up_makes_one_task_until_it_is_done(dana: User) -> None:
    for n, key in enumerate(["c1", "c2"]):
        hear(RANG, 100 * n, source_id=key)
        hear(ABANDONED, 100 * n + 9, source_id=key)
    task = Task.objects.get()
    close_task(task=task, by=PBX, at=second(300))
    hear(RANG, 400, source_id="c3")
    hear(ENDED, 409, source_id="c3")  # some systems know no other word
    assert Task.objects.filter(status=TaskStatus.OPEN).count() == 1


def test_another_line_is_another_matter(dana: User) -> None:
    line(queue("spanish", "es"), number="+16025550101")
    hear(RANG)
    hear(ABANDONED, 9)
    hear(RANG, 20, source_id="c2", called="+16025550101")
    hear(ABANDONED, 29, source_id="c2")
    assert Task.objects.count() == 2


def test_a_key_leads_to_another_queue_and_says_how_urgent(dana: User) -> None:
    nurses = queue("nurse", "nurse", answer_seconds=30)
    hear(RANG)
    hear(PRESSED, 5, key="9")
    wait = the_wait()
    assert (wait.queue, wait.acuity) == (nurses, Acuity.NURSE_NOW)
    assert (wait.entered_at, wait.answer_by) == (NOW, second(30))


def test_what_an_agent_says_it_is_about_is_not_undone_by_the_menu(dana: User) -> None:
    hear(RANG)
    hear(PRESSED, 5, key="2")
    contact_id = hear(ANSWERED, 9, extension="201").interaction_id
    Interaction.objects.filter(pk=contact_id).update(call_type="move")
    hear(HELD, 20)
    assert Interaction.objects.get().call_type == "move"


def test_an_outgoing_call_waits_in_no_queue_and_is_its_agents(dana: User) -> None:
    ours: dict[str, Any] = {"is_outbound": True, "caller": OURS, "called": THEIRS}
    call = hear(RANG, extension="201", **ours)
    assert (str(call.phone), str(call.line)) == (THEIRS, "General line")
    assert Interaction.objects.get().agent == dana
    call = hear(ENDED, 30)
    assert call.status == CallStatus.ENDED
    assert not QueueEntry.objects.exists()
    assert not Task.objects.exists()


# --- callers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", ["anonymous", "", "Clinic, Main", "12"])
def test_a_caller_without_a_number_is_taken_all_the_same(dana: User, caller: str) -> None:
    call = hear(RANG, caller=caller)
    assert call.phone is None
    assert not Phone.objects.exists()
    assert the_wait().status == EntryStatus.WAITING
    step = call.interaction.steps.get()
    assert step.detail == {"number": caller_kind(caller)}
    hear(ABANDONED, 60)
    assert not Task.objects.exists()  # nobody can call them back


def test_a_shared_phone_names_nobody(dana: User) -> None:
    phone = PhoneFactory.create(number=THEIRS)
    for _ in range(2):
        PatientPhoneFactory.create(patient=PatientFactory.create(), phone=phone)
    call = hear(RANG)
    assert call.phone == phone
    assert call.interaction.patient is None
    assert Phone.objects.filter(number=THEIRS).count() == 1


def test_a_relay_call_is_known_as_one(dana: User) -> None:
    hear(RANG)
    assert hear(ANSWERED, 9, extension="201", aid=Aid.RELAY).aid == Aid.RELAY


def test_a_number_of_no_line_waits_in_the_first_queue_for_all(dana: User) -> None:
    first = queue("front", rank=1)
    queue("spanish", "es", rank=0)
    call = hear(RANG, called="+16025559999")
    assert call.line is None
    assert the_wait().queue == first


def test_without_a_queue_for_all_it_rings_all_the_same(db: None) -> None:
    queue("spanish", "es")
    call = hear(RANG, called="+16025559999")
    assert call.status == CallStatus.RINGING
    assert not QueueEntry.objects.exists()


def test_an_extension_of_nobody_takes_it_from_the_queue(dana: User) -> None:
    hear(RANG)
    call = hear(ANSWERED, 9, extension="299")
    assert call.status == CallStatus.TALKING
    wait = the_wait()
    assert (wait.status, wait.claimed_by) == (EntryStatus.CLAIMED, None)
    assert Interaction.objects.get().agent is None


# --- twice, late, in any order --------------------------------------------------------------------

STORIES = {
    "answered": [
        told(RANG),
        told(PRESSED, 5, key="2"),
        told(ANSWERED, 20, extension="201"),
        told(HELD, 30),
        told(ENDED, 60),
    ],
    "abandoned": [told(RANG), told(PRESSED, 5, key="2"), told(ABANDONED, 70), told(ENDED, 70.5)],
    "held": [told(RANG), told(ANSWERED, 20, extension="201"), told(HELD, 30), told(RESUMED, 40)],
}


def seen() -> tuple[object, ...]:
    """All that is to be seen of one call once it has been heard."""
    call, wait = Call.objects.get(), the_wait()
    contact = call.interaction
    tasks = Task.objects.filter(status=TaskStatus.OPEN).values_list("title", flat=True)
    steps = call.interaction.steps.order_by("at", "kind", "code")
    return (
        (call.status, call.rang_at, call.answered_at, call.ended_at, call.held_seconds),
        (call.pressed, call.phone, call.line),
        (contact.agent, contact.started_at, contact.ended_at, contact.call_type, contact.summary),
        (wait.status, wait.claimed_by, wait.claimed_at, wait.entered_at, wait.answer_by),
        tuple(tasks),
        tuple(steps.values_list("kind", "code", "at", "ended_at")),
        tuple(Agent.objects.values_list("status", flat=True)),
    )


def forget() -> None:
    Task.objects.all().delete()
    Interaction.objects.all().delete()
    Agent.objects.update(status=AgentState.AVAILABLE)


@pytest.mark.parametrize("story", STORIES)
def test_the_end_is_the_same_in_every_order(dana: User, story: str) -> None:
    news = STORIES[story]
    hear_all(news)
    right = seen()
    orders = list(itertools.permutations(news))
    for order in random.Random(5).sample(orders, 23) if len(orders) > 24 else orders:
        forget()
        hear_all([*order, order[0]])
        assert seen() == right, [one.news for one in order]


def test_the_same_news_again_changes_nothing(dana: User) -> None:
    hear_all(STORIES["answered"])
    before = (seen(), Event.objects.count(), AuditEntry.objects.count())
    hear_all(STORIES["answered"])
    assert (seen(), Event.objects.count(), AuditEntry.objects.count()) == before


def test_an_answer_that_is_told_after_the_end_takes_the_task_back(dana: User) -> None:
    hear(RANG)
    hear(ENDED, 60)
    assert Call.objects.get().status == CallStatus.ABANDONED
    hear(ANSWERED, 20, at=65, extension="201")
    assert Call.objects.get().status == CallStatus.ENDED
    assert Task.objects.get().status == TaskStatus.CANCELLED
    assert (the_wait().status, the_wait().claimed_by) == (EntryStatus.DONE, dana)
    assert state(dana) is AgentState.WRAP_UP


def test_a_call_that_was_put_through_is_the_second_ones(dana: User) -> None:
    sam = agent(extension="202")
    hear(RANG)
    hear(ANSWERED, 20, extension="201")
    hear(ANSWERED, 90, extension="202")
    assert Interaction.objects.get().agent == sam
    assert (state(dana), state(sam)) == (AgentState.AVAILABLE, AgentState.ON_CONTACT)


def test_an_old_answer_takes_nothing_from_whoever_took_it_at_the_desk_since(dana: User) -> None:
    sam = agent()
    hear(RANG)
    claim_entry(entry_id=the_wait().pk, agent=sam, by=PBX, at=second(30))
    hear(ANSWERED, 20, at=40, extension="201")
    assert Interaction.objects.get().agent == sam


@pytest.mark.parametrize(("answered", "keeps"), [(20, True), (90, False)])
def test_a_late_answer_takes_nothing_from_whoever_accepted_a_hand_off_since(
    dana: User, answered: int, keeps: bool
) -> None:
    sam = agent()
    call = hear(RANG)
    contact_id = call.interaction_id
    take_contact(contact_id=contact_id, agent=dana, by=PBX, at=second(10))
    giver = Actor.user(dana)
    asked: dict[str, Any] = {"to": HandoffTo.PERSON, "user": sam, "question": "Yours?"}
    handoff = offer_handoff(contact_id=contact_id, by=giver, at=second(20), **asked)
    accept_handoff(handoff_id=handoff.pk, user=sam, by=Actor.user(sam), at=second(30))
    hear(ANSWERED, answered, at=95, extension="201")
    assert Interaction.objects.get().agent == (sam if keeps else dana)


def test_one_taken_at_the_desk_was_no_lost_call(dana: User) -> None:
    hear(RANG)
    claim_entry(entry_id=the_wait().pk, agent=dana, by=PBX, at=second(9))
    assert hear(ENDED, 60).status == CallStatus.ENDED
    assert not Task.objects.exists()
    assert the_wait().status == EntryStatus.DONE


def test_hears_a_ring_in_so_many_statements(
    dana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """However many wait already."""
    hear(RANG, source_id="other")
    with django_assert_num_queries(30):
        hear(RANG)
