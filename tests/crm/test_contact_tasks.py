"""Texts that a person must answer: they wait at the desk by themselves, and one person has them."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions import claim_task, close_task, put_back_task
from crm.actions.contact_tasks import ThreadHeld, find_worker, take_from_list
from crm.actions.contacts import open_contact
from crm.actions.queues import TakenAlready, claim_entry, reassign_entry, release_entry
from crm.actions.wrapping import wrap_up
from crm.engine import Actor, IllegalMove, MovedMeanwhile
from crm.models import Agent, Interaction, Patient, Queue, QueueEntry, Task, User
from crm.queries.queues import queue_of_writer, queue_without_line
from crm.states import Channel, EntryStatus, TaskKind, TaskStatus
from outreach.actions import ThreadTaken, take_thread
from outreach.models import Message
from outreach.states import Direction
from tests.cast import Cast
from tests.crm.center import agent, line, queue
from tests.desk.scene import offered, text_from
from tests.drive import settle
from tests.factories import NOW, TEST

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
QUESTION = "Where do I park?"
MAIN_LINE, BONES_LINE = "+16025550100", "+16025550103"


@pytest.fixture
def general(cast: Cast) -> None:
    """The queue for all, and one that comes before it and asks for Spanish."""
    queue(answer_seconds=180)
    queue("spanish", "es", rank=1)


@pytest.fixture
def asked(general: None, cast: Cast) -> Task:
    text_from(cast.phone, QUESTION)
    return Task.objects.get()


def entry() -> QueueEntry:
    return QueueEntry.objects.select_related("queue", "interaction").latest("pk")


def claim(task: Task, owner: User) -> Task:
    task.refresh_from_db()
    return claim_task(task=task, owner=owner, by=Actor.user(owner), at=NOW)


class TestWaiting:
    def test_a_question_waits_for_somebody_with_the_time_that_its_queue_promises(
        self, asked: Task, cast: Cast
    ) -> None:
        found = entry()
        assert (found.queue.code, found.status) == ("general", EntryStatus.WAITING)
        assert found.answer_by == NOW + 3 * MINUTE
        contact = found.interaction
        assert (contact.channel, contact.patient, contact.agent) == ("sms", cast.patient, None)
        assert asked.contact == contact
        # Ours and theirs stand in one thread.
        assert set(Message.objects.values_list("interaction", flat=True)) == {contact.pk}

    def test_who_reads_spanish_waits_for_who_speaks_it(self, general: None, cast: Cast) -> None:
        Patient.objects.update(language="es")
        text_from(cast.phone, "¿Dónde me estaciono?")
        assert entry().queue.code == "spanish"

    def test_one_thread_waits_once(self, asked: Task, cast: Cast) -> None:
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        assert (QueueEntry.objects.count(), Interaction.objects.count()) == (1, 1)
        assert set(Task.objects.values_list("contact", flat=True)) == {entry().interaction_id}

    def test_what_nobody_waits_to_hear_waits_nowhere(self, general: None, cast: Cast) -> None:
        text_from(cast.phone, "CANCEL")
        text_from(cast.phone, "wrong number")
        assert Task.objects.exists()
        assert not QueueEntry.objects.exists()

    def test_a_danger_goes_to_the_nurses_as_ever(self, general: None, cast: Cast) -> None:
        text_from(cast.phone, "I have chest pain and cannot breathe")
        assert not QueueEntry.objects.exists()
        assert Task.objects.get().kind == TaskKind.SAFETY_ALERT

    def test_without_a_queue_for_them_the_task_stands_alone(self, cast: Cast) -> None:
        queue("spanish", "es")
        text_from(cast.phone, QUESTION)
        assert Task.objects.get().contact is None
        assert not Interaction.objects.exists()

    def test_a_further_text_goes_to_whoever_has_the_thread_and_is_at_work(
        self, asked: Task, cast: Cast
    ) -> None:
        ada = agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        assert set(Task.objects.values_list("owner", flat=True)) == {ada.pk}
        assert QueueEntry.objects.count() == 1
        Agent.objects.update(status="offline")
        text_from(cast.phone, "Hello?", at=NOW + 2 * MINUTE)
        assert entry().status == EntryStatus.WAITING
        assert Task.objects.latest("pk").owner is None

    def test_queues_are_found_by_language_then_for_all(self, general: None) -> None:
        found = [queue_without_line(said) for said in ("en", "es-MX", "", "vi")]
        assert [one and one.code for one in found] == ["general", "spanish", "general", "general"]


class TestWhichQueue:
    """As a caller of the same line would, by somebody who reads their language."""

    @pytest.fixture
    def center(self, general: None) -> None:
        bones = queue("orthopedics", "orthopedics", rank=2)
        line(bones, number=BONES_LINE, specialty="Orthopedics")
        line(Queue.objects.get(code="general"), number=MAIN_LINE)

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ({"number": MAIN_LINE}, "general"),
            ({"number": BONES_LINE}, "orthopedics"),
            ({"specialty": "orthopedics"}, "orthopedics"),
            ({"number": MAIN_LINE, "specialty": "Orthopedics"}, "orthopedics"),
            ({"number": BONES_LINE, "specialty": "Cardiology"}, "orthopedics"),
            ({"number": MAIN_LINE, "specialty": "Cardiology"}, "general"),
            ({"number": BONES_LINE, "language": "es"}, "spanish"),
            ({"number": BONES_LINE, "language": "vi"}, "orthopedics"),
            ({"number": "+16025559999", "language": "es-MX"}, "spanish"),
            ({"specialty": "Cardiology"}, "general"),
        ],
    )
    def test_goes_by_number_service_line_and_language(
        self, center: None, said: dict[str, str], found: str
    ) -> None:
        chosen = queue_of_writer(**({"language": "en"} | said))
        assert chosen is not None
        assert chosen.code == found

    def test_one_for_both_comes_before_one_for_the_language_alone(self, center: None) -> None:
        queue("huesos", "es", "orthopedics", rank=9)
        chosen = queue_of_writer(language="es", number=BONES_LINE)
        assert chosen is not None
        assert chosen.code == "huesos"
        Queue.objects.filter(code="orthopedics").update(is_active=False)
        gone = queue_of_writer(language="en", number=BONES_LINE)
        assert gone is not None
        assert gone.code == "general"

    def test_a_text_goes_by_what_the_thread_is_about(self, center: None, cast: Cast) -> None:
        about = open_contact(channel=Channel.SMS, patient=cast.patient, by=TEST, at=NOW)
        Interaction.objects.filter(pk=about.pk).update(specialty="Orthopedics")
        ours = offered(cast.patient, at=NOW - MINUTE)
        Message.objects.filter(pk=ours.pk).update(interaction=about)
        text_from(cast.phone, QUESTION)
        assert (entry().queue.code, entry().interaction.specialty) == ("orthopedics", "Orthopedics")


class TestTheList:
    """A thread is one person's, however many texts there are to answer."""

    def test_who_takes_one_has_all_of_its_thread(self, asked: Task, cast: Cast) -> None:
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        ada, ben = agent(first_name="Ada", last_name="Moe"), agent()
        take_from_list(task=asked, owner=ada, by=Actor.user(ada), at=NOW)
        assert set(Task.objects.values_list("owner", flat=True)) == {ada.pk}
        text_from(cast.phone, "Hello?", at=NOW + 2 * MINUTE)
        third = Task.objects.latest("pk")
        with pytest.raises(ThreadHeld, match="Ada Moe has this conversation"):
            take_from_list(task=third, owner=ben, by=Actor.user(ben), at=NOW)
        third.refresh_from_db()
        assert (third.status, third.owner) == (TaskStatus.OPEN, None)
        take_from_list(task=third, owner=ada, by=Actor.user(ada), at=NOW)
        assert set(Task.objects.values_list("owner", flat=True)) == {ada.pk}

    def test_nobody_takes_a_text_of_a_thread_that_somebody_has_at_the_desk(
        self, asked: Task, cast: Cast
    ) -> None:
        ada, ben = agent(), agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        Agent.objects.update(status="offline")
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        further = Task.objects.latest("pk")
        QueueEntry.objects.filter(status=EntryStatus.WAITING).update(status=EntryStatus.LEFT)
        with pytest.raises(ThreadHeld):
            take_from_list(task=further, owner=ben, by=Actor.user(ben), at=NOW)
        # It waits again while who had it is away: then it is for anybody.
        QueueEntry.objects.filter(status=EntryStatus.LEFT).update(status=EntryStatus.WAITING)
        take_from_list(task=further, owner=ben, by=Actor.user(ben), at=NOW)
        further.refresh_from_db()
        assert further.owner == ben

    def test_what_is_left_of_a_contact_that_is_over_is_for_anybody(self, asked: Task) -> None:
        ada, ben = agent(), agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        pk, by = entry().interaction_id, Actor.user(ada)
        wrap_up(contact_id=pk, disposition="told", note="", was_edited=False, by=by, at=NOW)
        asked.refresh_from_db()
        put_back_task(task=asked, by=TEST, at=NOW)
        take_from_list(task=asked, owner=ben, by=Actor.user(ben), at=NOW)
        assert asked.owner == ben


class TestTaking:
    def test_who_takes_the_contact_has_the_task(self, asked: Task) -> None:
        ada, ben = agent(), agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        asked.refresh_from_db()
        assert (asked.owner, asked.status) == (ada, TaskStatus.CLAIMED)
        with pytest.raises((IllegalMove, MovedMeanwhile)):
            claim(asked, ben)
        with pytest.raises(ThreadTaken):
            take_thread(message_id=_asked_text().pk, agent=ben, by=Actor.user(ben), at=NOW)

    def test_two_who_take_two_texts_of_a_thread_at_once_are_not_both_given_it(
        self, asked: Task, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        first, second = Message.objects.filter(direction=Direction.IN).order_by("pk")
        ada, ben = agent(), agent()
        looks = "outreach.actions.claiming.find_worker"

        def then_ada_takes_it(contact: Interaction) -> User | None:
            """Ben has looked, and the contact is not locked yet."""
            seen = find_worker(contact)
            monkeypatch.setattr(looks, find_worker)
            take_thread(message_id=second.pk, agent=ada, by=Actor.user(ada), at=NOW)
            return seen

        monkeypatch.setattr(looks, then_ada_takes_it)
        with pytest.raises(ThreadTaken):
            take_thread(message_id=first.pk, agent=ben, by=Actor.user(ben), at=NOW)

    def test_who_takes_the_task_ends_the_wait_and_putting_it_back_goes_on(
        self, asked: Task
    ) -> None:
        ada, ben = agent(), agent()
        claim(asked, ada)
        with pytest.raises(TakenAlready):  # even before the queue has heard of it
            claim_entry(entry_id=entry().pk, agent=ben, by=Actor.user(ben), at=NOW)
        settle(NOW + MINUTE)
        found = entry()
        assert (found.status, found.claimed_by) == (EntryStatus.CLAIMED, ada)
        assert found.interaction.agent is None
        with pytest.raises(ThreadTaken):
            take_thread(message_id=_asked_text().pk, agent=ben, by=Actor.user(ben), at=NOW)
        asked.refresh_from_db()
        put_back_task(task=asked, by=TEST, at=NOW)
        settle(NOW + MINUTE)
        found = entry()
        assert (found.status, found.claimed_by) == (EntryStatus.WAITING, None)
        assert found.entered_at == NOW

    def test_closing_the_last_task_ends_the_wait(self, asked: Task, cast: Cast) -> None:
        text_from(cast.phone, "And is there a fee?", at=NOW + MINUTE)
        close_task(task=asked, by=TEST, at=NOW)
        settle(NOW + MINUTE)
        assert entry().status == EntryStatus.WAITING
        close_task(task=Task.objects.exclude(pk=asked.pk).get(), by=TEST, at=NOW)
        settle(NOW + MINUTE)
        assert entry().status == EntryStatus.LEFT

    def test_wrapping_up_closes_the_task(self, asked: Task) -> None:
        ada = agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        pk, by = entry().interaction_id, Actor.user(ada)
        wrap_up(contact_id=pk, disposition="told", note="", was_edited=False, by=by, at=NOW)
        settle(NOW + MINUTE)
        asked.refresh_from_db()
        assert (asked.status, asked.owner) == (TaskStatus.DONE, ada)
        assert entry().status == EntryStatus.DONE

    def test_giving_it_back_gives_the_task_back(self, asked: Task) -> None:
        ada = agent()
        claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        release_entry(entry_id=entry().pk, by=Actor.user(ada), at=NOW)
        asked.refresh_from_db()
        assert (asked.owner, asked.status) == (None, TaskStatus.OPEN)

    def test_a_supervisor_moves_both(self, asked: Task) -> None:
        ada, ben = agent(), agent()
        claim(asked, ada)
        settle(NOW + MINUTE)
        reassign_entry(entry_id=entry().pk, to=ben, by=TEST, at=NOW)
        asked.refresh_from_db()
        assert (asked.owner, entry().interaction.agent) == (ben, ben)

    def test_a_thread_that_is_over_begins_another(self, asked: Task, cast: Cast) -> None:
        ada = agent()
        first = claim_entry(entry_id=entry().pk, agent=ada, by=Actor.user(ada), at=NOW)
        pk, by = first.interaction_id, Actor.user(ada)
        wrap_up(contact_id=pk, disposition="told", note="", was_edited=False, by=by, at=NOW)
        settle(NOW + MINUTE)
        text_from(cast.phone, "Thank you, but where is that?", at=NOW + MINUTE)
        again = entry()
        assert again.interaction_id != pk
        assert (again.status, again.interaction.channel) == (EntryStatus.WAITING, Channel.SMS)


def _asked_text() -> Message:
    return Message.objects.filter(direction=Direction.IN).earliest("pk")
