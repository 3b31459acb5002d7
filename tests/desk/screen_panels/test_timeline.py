"""The whole story of a patient, on every channel, a page at a time."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry, Interaction, Task
from crm.states import Channel, TaskKind
from desk.queries.story import Place
from desk.queries.timeline import PAGE, Only, Story, Teller, read_story
from desk.screen.contact import read_contact
from outreach.models import Message
from outreach.states import Direction
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, AppointmentFactory, MessageFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def told(desk: Desk, *, before: Place | None = None, only: Only | None = None) -> Story:
    contact = read_contact(desk.contact.pk)
    teller = Teller(contact=contact.interaction, steps=contact.steps, zone=contact.zone)
    return read_story(teller, before=before, only=only, at=NOW)


def whole(desk: Desk, only: Only | None = None) -> list[str]:
    """Every page of it, one after the other."""
    story = told(desk, only=only)
    lines = list(story.lines)
    while story.earlier is not None:
        story = told(desk, before=story.earlier, only=only)
        lines += story.lines
    assert all(earlier.at <= later.at for later, earlier in pairwise(lines))
    return [line.said for line in lines]


def much(desk: Desk, n: int) -> None:
    """So many of each, of which most happened in the same instants."""
    patient, phone = desk.patient, desk.contact.call.phone
    Message.objects.bulk_create(
        Message(patient=patient, phone=phone, direction=Direction.IN, body=f"Text {k}.",
                key=f"t{k}", carrier_id=f"SM{k}", created_at=NOW - HOUR * (k // 7))
        for k in range(n)
    )  # fmt: skip
    Interaction.objects.bulk_create(
        Interaction(patient=patient, channel=channel, summary=f"About {k}.",
                    started_at=NOW - HOUR * (k // 7))
        for k in range(n) for channel in (Channel.VOICE, Channel.WEB)
    )  # fmt: skip
    Task.objects.bulk_create(
        Task(patient=patient, kind=TaskKind.ANSWER_TEXT, title=f"Do {k}", due_at=NOW,
             created_at=NOW - HOUR * (k // 7), cause_key=f"story:{k}")
        for k in range(n)
    )  # fmt: skip
    kind = AppointmentFactory.create(patient=patient, booked_at=NOW - HOUR * 90).visit_type
    Appointment.objects.bulk_create(
        Appointment(patient=patient, visit_type=kind, starts_at=NOW - HOUR * (k + 1),
                    ends_at=NOW - HOUR * k, status=AppointmentStatus.FULFILLED, origin="ehr",
                    booked_at=NOW - HOUR * (k // 7), source="ehr", source_id=f"s{k}")
        for k in range(n)
    )  # fmt: skip


def test_every_line_is_told_once_however_many_happened_at_once(desk: Desk) -> None:
    desk.know()
    much(desk, 24)
    lines = whole(desk)
    for k in range(24):
        assert lines.count(f"they wrote: Text {k}.") == 1
        assert lines.count(f"task: Do {k}") == 1
        assert lines.count(f"call: About {k}.") == lines.count(f"web: About {k}.") == 1
    assert sum(line.startswith("visit: ") for line in lines) == 24
    assert sum("booked" in line for line in lines) == 25
    assert "found who it is about" in lines
    parts = [whole(desk, only) for only in Only]
    assert sorted(line for part in parts for line in part) == sorted(lines)
    assert all(line.startswith("they wrote") for line in parts[list(Only).index(Only.TEXTS)])


def test_what_comes_in_meanwhile_moves_no_page(desk: Desk) -> None:
    desk.know()
    much(desk, 24)
    first = told(desk)
    expected = told(desk, before=first.earlier).lines
    much_later = MessageFactory.create(patient=desk.patient, body="New.", created_at=NOW)
    assert told(desk, before=first.earlier).lines == expected
    assert any(much_later.body in line.said for line in told(desk).lines)


def test_the_last_page_takes_as_many_statements_as_the_first(desk: Desk) -> None:
    desk.know()
    much(desk, 24)
    story, counts = told(desk), set()
    while story.earlier is not None:
        with CaptureQueriesContext(connection) as found:
            told_now = told(desk, before=story.earlier)
        counts.add(len(found))
        story = told_now
    assert len(counts) == 1


def test_a_page_far_back_is_found_by_the_index_of_its_patient(desk: Desk) -> None:
    """Not by reading everybody's texts; planned for a table that is not small."""
    place = Place(NOW - HOUR * 24, 7, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as found:
        desk.know()
        told(desk, before=place, only=Only.TEXTS)
    asked = next(one["sql"] for one in found if 'FROM "outreach_message"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "patient_id" in plan.split("Index Cond")[1].splitlines()[0]


def test_no_show_and_cancelled_visits_are_told_as_such_and_errors_not_at_all(desk: Desk) -> None:
    desk.know()
    said = {"patient": desk.patient, "starts_at": NOW - HOUR, "ends_at": NOW - HOUR / 2}
    said |= {"booked_at": NOW - HOUR * 50}
    AppointmentFactory.create(**said, status=AppointmentStatus.NO_SHOW)
    AppointmentFactory.create(**said, status=AppointmentStatus.ENTERED_IN_ERROR)
    AppointmentFactory.create(
        **said,
        status=AppointmentStatus.CANCELLED,
        cancelled_at=NOW - HOUR * 2,
        cancelled_by="patient",
    )
    lines = whole(desk, Only.VISITS)
    starts = [re.split(r"[ :,]", line)[0] for line in lines]
    assert starts[0] == "did"
    assert "was cancelled" in lines[1]
    assert len(lines) == 4


def test_the_panel_leads_further_back_with_and_without_script(desk: Desk) -> None:
    desk.know()
    much(desk, 24)
    page = desk.get("panel", "timeline").content.decode()
    assert page.count("<li") == PAGE + 1
    assert "data-stays" not in page
    [link] = re.findall(r'<a href="([^"]*before=[^"]*)"', page)
    link = link.replace("&amp;", "&")
    seen = re.search(r'name="seen_by" value="([^"]+)"', desk.get("talk").content.decode())
    assert seen
    looks = AuditEntry.objects.filter(verb="crm.patient.viewed").count()
    here = f"{link}&seen_by={seen[1]}"  # as the page sends it
    more = desk.client.get(here, headers={"hx-request": "true"}).content.decode()
    assert more.lstrip().startswith("<li data-stays")
    assert "<section" not in more
    assert AuditEntry.objects.filter(verb="crm.patient.viewed").count() == looks
    assert 'id="panel-timeline"' in desk.client.get(link).content.decode()
    assert AuditEntry.objects.filter(verb="crm.patient.viewed").count() == looks + 1
    alone = desk.get("timeline", query="only=tasks").content.decode()
    assert "Do 3" in alone
    assert "Text 3" not in alone
    assert desk.get("timeline", query="before=x&only=y").status_code == 200


def test_nothing_is_told_before_two_identifiers(desk: Desk) -> None:
    MessageFactory.create(patient=desk.patient, body="My knee.")
    desk.post("identify", patient=desk.patient.pk)
    assert desk.get("timeline")["location"] == desk.url("contact")
    asked = desk.client.get(desk.url("timeline"), headers={"hx-request": "true"})
    assert (asked.status_code, asked.content) == (204, b"")


def test_words_that_the_safety_check_held_are_for_nurses_alone(desk: Desk) -> None:
    desk.know()
    MessageFactory.create(
        patient=desk.patient,
        body="I have chest pain",
        direction=Direction.IN,
        subject_type="triage.alert",
    )
    assert whole(desk, Only.TEXTS) == ["they wrote: (held for a nurse)"]


@pytest.mark.parametrize("said", ["", "x", "1-2", "1-2-x", "9" * 40 + "-1-1"])
def test_a_place_that_is_none_is_the_beginning(said: str) -> None:
    assert Place.read(said) is None


def test_a_place_reads_as_it_was_written() -> None:
    place = Place(NOW + dt.timedelta(microseconds=7), 3, 12)
    assert Place.read(str(place)) == place
