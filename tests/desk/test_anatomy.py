"""Where time goes: one contact's ribbon, the sums, and that each figure opens what is behind it."""

from __future__ import annotations

import csv
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.engine import publish
from crm.models import Agent, AuditEntry, Call, ChartFetch, Interaction, QueueEntry
from crm.states import Channel, StepKind, WaitsFor
from desk.anatomy_words import say_seconds
from desk.queries.anatomy import Asked, By, Shift, left_out, read_sums
from desk.queries.contact_times import find_timed
from desk.rules.anatomy import Spent
from scheduling.models import EhrWrite
from tests.cast import Cast
from tests.crm.center import agent, queue
from tests.desk.oversight import as_, later, past_call
from tests.factories import NOW, AppointmentFactory, MessageFactory, PatientFactory

PHOENIX = ZoneInfo("America/Phoenix")
pytestmark = pytest.mark.django_db


def asked(**said: object) -> Asked:
    span = {"since": NOW - dt.timedelta(days=7), "until": NOW, "zone": PHOENIX}
    return Asked(**(span | said))  # type: ignore[arg-type]


def shape(contact: Interaction) -> list[tuple[str, str, float]]:
    found = find_timed(contact.pk, at=NOW)
    assert found is not None
    return [(one.kind, one.spent, one.seconds) for one in found.pieces]


class TestOne:
    def test_is_the_wait_the_talk_with_its_steps_and_the_wrap_up(self) -> None:
        contact = past_call(
            agent(),
            queue(),
            began=later(-900),
            wait=30,
            talk=200,
            wrap=20,
            steps=[
                (StepKind.VERIFY, 60, None, WaitsFor.AGENT),
                (StepKind.SEARCH, 100, 104, WaitsFor.SYSTEM),
                (StepKind.CALL_HOLD, 120, 180, WaitsFor.COLLEAGUE),
            ],
        )
        assert shape(contact) == [
            ("queue", Spent.QUEUE, 30),
            ("talk", Spent.TALKING, 30),
            ("talk", Spent.TALKING, 40),
            ("search", Spent.SYSTEM, 4),
            ("talk", Spent.TALKING, 16),
            ("call-hold", Spent.COLLEAGUE, 60),
            ("talk", Spent.TALKING, 50),
            ("wrap", Spent.AGENT, 20),
        ]

    def test_tells_the_menu_from_the_queue_from_the_ringing(self) -> None:
        contact = past_call(agent(), queue(), began=later(-900), wait=30, talk=60, wrap=0)
        contact.queue_entries.update(entered_at=later(-890), claimed_at=later(-875))
        assert shape(contact)[:3] == [
            ("menu", Spent.SYSTEM, 10),
            ("queue", Spent.QUEUE, 15),
            ("ringing", Spent.AGENT, 5),
        ]

    def test_of_a_call_that_waited_for_a_nurse_after_its_first_agent_has_both_waits(self) -> None:
        contact = past_call(agent(), queue(), began=later(-900), wait=30, talk=300, wrap=0)
        QueueEntry.objects.create(
            queue=queue("nurse"),
            interaction=contact,
            status="done",
            entered_at=later(-800),
            answer_by=later(-700),
            claimed_at=later(-750),
            ended_at=later(-570),
        )
        assert shape(contact) == [
            ("queue", Spent.QUEUE, 30),
            ("talk", Spent.TALKING, 70),
            ("queue", Spent.QUEUE, 50),
            ("talk", Spent.TALKING, 180),
        ]

    def test_straight_to_an_agent_rings_and_what_we_dial_waits_for_them(self) -> None:
        contact = past_call(agent(), None, began=later(-900), wait=12, talk=60, wrap=0)
        assert shape(contact)[0] == ("ringing", Spent.QUEUE, 12)
        Call.objects.filter(interaction=contact).update(is_outbound=True)
        assert shape(contact)[0] == ("ringing", Spent.CALLER, 12)

    def test_given_to_somebody_else_waits_no_longer_than_until_it_was_answered(self) -> None:
        contact = past_call(agent(), queue(), began=later(-900), wait=30, talk=60, wrap=0)
        contact.queue_entries.update(claimed_at=later(-850))
        assert shape(contact)[0] == ("queue", Spent.QUEUE, 30)

    def test_a_wrap_up_that_was_set_aside_is_a_moment_after_the_end(self) -> None:
        contact = past_call(agent(), None, began=later(-9000), wait=0, talk=60, wrap=1801)
        assert shape(contact) == [("talk", Spent.TALKING, 60)]

    def test_goes_on_while_it_goes_on(self) -> None:
        contact = Interaction.objects.create(channel=Channel.SMS, started_at=later(-75))
        found = find_timed(contact.pk, at=NOW)
        assert found is not None
        assert (found.is_over, found.seconds) == (False, 75)

    def test_waits_for_the_ehr_until_it_answers_or_they_go_on(self) -> None:
        began, patient = later(-900), PatientFactory.create()
        contact = past_call(
            agent(),
            None,
            began=began,
            wait=0,
            talk=300,
            wrap=0,
            patient=patient,
            steps=[
                (StepKind.LOOK, 10, None, WaitsFor.EHR),
                (StepKind.LOOK, 60, None, WaitsFor.EHR),
                (StepKind.VERIFY, 62, None, WaitsFor.AGENT),
                (StepKind.BOOK, 100, None, WaitsFor.EHR),
            ],
        )
        contact.steps.filter(kind=StepKind.LOOK).update(code="refills")
        fetch = ChartFetch.objects.create(patient=patient, part="medications", asked_at=began)
        for answered in (5, 14, 70):
            publish("crm.chart-read", fetch, at=later(answered, began), part=fetch.part)
        visit = AppointmentFactory.create(patient=patient)
        contact.steps.filter(kind=StepKind.BOOK).update(
            subject_type="scheduling.appointment", subject_id=visit.pk
        )
        write = EhrWrite.objects.create(
            appointment=visit,
            operation="book",
            created_at=later(100, began),
            done_at=later(107, began),
        )
        assert shape(contact) == [
            ("talk", Spent.TALKING, 10),
            ("look", Spent.EHR, 4),
            ("talk", Spent.TALKING, 46),
            ("look", Spent.EHR, 2),
            ("talk", Spent.TALKING, 38),
            ("book", Spent.EHR, 7),
            ("talk", Spent.TALKING, 193),
        ]
        assert read_sums(asked(), at=NOW).all.spent[Spent.EHR] == 13
        # What a person at the clinic confirms later, nobody waited for on the line.
        EhrWrite.objects.filter(pk=write.pk).update(done_at=later(3600, began))
        assert read_sums(asked(), at=NOW).all.spent[Spent.EHR] == 6

    def test_a_caller_on_hold_and_a_colleague_who_is_asked_are_waited_for_still(self) -> None:
        steps = [(StepKind.CALL_HOLD, 40, None, WaitsFor.AGENT)]
        contact = past_call(agent(), None, began=later(-100), wait=0, talk=100, steps=steps)
        Call.objects.update(status="on-hold", ended_at=None)
        contact.wrap_up.delete()
        Interaction.objects.update(ended_at=None)
        assert shape(contact) == [("talk", Spent.TALKING, 40), ("call-hold", Spent.AGENT, 60)]
        contact.steps.update(kind=StepKind.HAND_OFF, waits_for=WaitsFor.COLLEAGUE)
        assert shape(contact)[1] == ("hand-off", Spent.COLLEAGUE, 60)

    def test_with_an_interpreter_they_talk(self) -> None:
        steps = [(StepKind.INTERPRETER, 20, 200, WaitsFor.COLLEAGUE)]
        contact = past_call(agent(), None, began=later(-900), wait=0, talk=200, wrap=0, steps=steps)
        assert [spent for _, spent, _ in shape(contact)] == [Spent.TALKING, Spent.TALKING]

    def test_of_a_thread_tells_whose_text_was_waited_for(self) -> None:
        contact = Interaction.objects.create(channel=Channel.SMS, started_at=later(-600))
        for seconds, way in ((-600, "in"), (-590, "in"), (-400, "out"), (-100, "in")):
            MessageFactory.create(
                interaction=contact, direction=way, created_at=later(seconds), patient=None
            )
        QueueEntry.objects.create(
            queue=queue(),
            interaction=contact,
            status="claimed",
            entered_at=later(-600),
            answer_by=later(-500),
            claimed_at=later(-450),
        )
        assert shape(contact) == [
            ("queue", Spent.QUEUE, 150),
            ("our-text", Spent.AGENT, 50),
            ("their-text", Spent.CALLER, 300),
            ("our-text", Spent.AGENT, 100),
        ]

    def test_its_page_is_a_list_in_words_and_the_look_is_written_down(self, cast: Cast) -> None:
        steps = [(StepKind.BOOK, 100, None, WaitsFor.AGENT)]
        contact = past_call(cast.agent, queue(), began=later(-900), steps=steps)
        page = as_(cast.manager).get(reverse("desk:anatomy-contact", args=[contact.pk]))
        text = page.content.decode()
        assert "Talking until a visit was booked" in text
        assert "Waited in the queue" in text
        assert "style=" not in text
        assert AuditEntry.objects.filter(verb="crm.interaction.viewed").count() == 1
        assert as_(cast.manager).get(reverse("desk:anatomy-contact", args=[0])).status_code == 404

    def test_a_relay_call_says_that_it_is_nobodys_measure(self, cast: Cast) -> None:
        contact = past_call(cast.agent, queue(), began=later(-900), aid="relay")
        page = as_(cast.manager).get(reverse("desk:anatomy-contact", args=[contact.pk]))
        assert "counts in no figure of handle time" in page.content.decode()


class TestMany:
    def test_sums_up_by_reason_agent_team_and_shift(self) -> None:
        alma, grace = agent(first_name="Alma"), agent(first_name="Grace")
        Agent.objects.filter(user=alma).update(team="North")
        general = queue()
        past_call(alma, general, began=later(-900), wait=10, talk=100, wrap=20)
        past_call(alma, general, began=later(-5 * 3600), wait=30, talk=300, wrap=0)
        past_call(grace, general, began=later(-800), wait=20, talk=100, call_type="move")
        by = {each: read_sums(asked(by=each), at=NOW) for each in By}
        reasons = [(one.key, one.contacts, one.seconds) for one in by[By.REASON].groups]
        assert reasons == [("book", 2, 460), ("move", 1, 140)]
        assert by[By.REASON].groups[0].mean(Spent.QUEUE) == 20
        assert {one.label for one in by[By.AGENT].groups} == {
            alma.get_full_name(),
            grace.get_full_name(),
        }
        assert {one.key: one.contacts for one in by[By.TEAM].groups} == {"North": 2, "": 1}
        shifts = {one.key: one.contacts for one in by[By.SHIFT].groups}
        assert shifts == {Shift.MORNING: 2, Shift.NIGHT: 1}  # 10 in Phoenix, and 5
        assert all(found.all.contacts == 3 for found in by.values())

    @pytest.mark.parametrize(
        ("said", "contacts"),
        [
            ({"call_type": "move"}, 1),
            ({"call_type": ""}, 0),
            ({"team": "North"}, 1),
            ({"shift": Shift.EVENING}, 0),
            ({"shift": Shift.MORNING}, 2),
            ({"until": NOW - dt.timedelta(seconds=850)}, 1),
        ],
    )
    def test_is_of_those_that_were_asked_for(self, said: dict[str, object], contacts: int) -> None:
        alma, grace = agent(), agent()
        Agent.objects.filter(user=alma).update(team="North")
        past_call(alma, None, began=later(-900))
        past_call(grace, None, began=later(-800), call_type="move")
        assert read_sums(asked(**said), at=NOW).all.contacts == contacts
        assert read_sums(asked(agent_id=grace.pk), at=NOW).all.contacts == 1

    def test_nobody_is_measured_by_relay_tty_or_training(self) -> None:
        alma = agent()
        aside = [
            past_call(alma, None, began=later(-900), aid="relay", talk=2000),
            past_call(alma, None, began=later(-800), aid="tty"),
            past_call(alma, None, began=later(-700), is_training=True),
        ]
        counted = past_call(alma, None, began=later(-600))
        assert [one.contact.pk for one in read_sums(asked(), at=NOW).timed] == [counted.pk]
        assert {one.pk for one in left_out(asked())} == {one.pk for one in aside}

    def test_behind_a_figure_are_those_with_most_of_that_time(self) -> None:
        alma, general = agent(), queue()
        short = past_call(alma, general, began=later(-900), wait=5)
        long = past_call(alma, general, began=later(-3000), wait=90)
        none = past_call(alma, general, began=later(-600), wait=0)
        found = read_sums(asked(), at=NOW)
        assert [one.contact.pk for one in found.behind(Spent.QUEUE)] == [long.pk, short.pk]
        assert [one.contact.pk for one in found.behind(None)] == [none.pk, short.pk, long.pk]

    @pytest.mark.parametrize("many", [1, 15])
    def test_takes_three_statements(
        self, many: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        alma, general = agent(), queue()
        for n in range(many):
            past_call(alma, general, began=later(-900 - n))
        with django_assert_num_queries(3):
            read_sums(asked(), at=NOW)


class TestPage:
    def test_every_figure_opens_the_calls_behind_it(self, cast: Cast) -> None:
        contact = past_call(cast.agent, queue(), began=later(-900), wait=47)
        client = as_(cast.manager)
        page = client.get(reverse("desk:anatomy"), {"weeks": "1"})
        cells = {one: query for one, _, query in page.context["lines"][0]["cells"]}
        assert cells[Spent.QUEUE] == "weeks=1&call_type=book&spent=queue"
        opened = client.get(f"{reverse('desk:anatomy')}?{cells[Spent.QUEUE]}")
        assert "0:47" in opened.content.decode()
        assert reverse("desk:anatomy-contact", args=[contact.pk]) in opened.content.decode()

    def test_opens_what_was_left_out_too(self, cast: Cast) -> None:
        contact = past_call(cast.agent, None, began=later(-900), aid="tty")
        client = as_(cast.manager)
        page = client.get(reverse("desk:anatomy")).content.decode()
        assert "1 relay, TTY or training call</a> left out" in page
        assert "No baseline yet" in page
        opened = client.get(reverse("desk:anatomy"), {"show": "left-out"}).content.decode()
        assert reverse("desk:anatomy-contact", args=[contact.pk]) in opened

    def test_goes_as_a_table_in_seconds(self, cast: Cast) -> None:
        past_call(cast.agent, queue(), began=later(-900), wait=30, talk=200, wrap=20)
        past_call(cast.agent, None, began=later(-700), call_type="", wait=0, talk=99, wrap=0)
        answer = as_(cast.manager).get(reverse("desk:anatomy-export"))
        head, *rows = csv.reader(answer.content.decode().splitlines())
        assert head[:4] == ["Reason", "contacts", "seconds", "Talking"]
        assert rows[0][1:5] == ["1", "250.0", "200.0", "20.0"]
        assert rows[1][:3] == ["No reason given", "1", "99.0"]
        assert AuditEntry.objects.filter(verb="crm.anatomy.exported").count() == 1

    def test_takes_as_many_queries_for_many_calls_as_for_one(
        self, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = as_(cast.manager)
        client.get(reverse("desk:anatomy"))
        for many in (1, 12):
            for n in range(many):
                past_call(cast.agent, None, began=later(-900 - n))
            with django_assert_num_queries(15):
                client.get(reverse("desk:anatomy"))

    def test_takes_what_it_does_not_understand_as_not_said(self, cast: Cast) -> None:
        said = {"by": "x", "weeks": "9", "agent": "x", "shift": "x", "spent": "x", "team": "x"}
        page = as_(cast.manager).get(reverse("desk:anatomy"), said)
        found = page.context["asked"]
        assert (found.by, found.agent_id, found.shift, found.spent) == (By.REASON, None, None, None)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (59.6, "1:00"), (221, "3:41"), (3730, "1:02:10")]
)
def test_time_is_said_as_on_a_stopwatch(seconds: float, said: str) -> None:
    assert say_seconds(seconds) == said
