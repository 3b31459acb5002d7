"""The pages of mass rescheduling: who may, what they do, and what patients see and are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import ConsentEntry, Phone, Task
from crm.states import Role, TaskKind
from outreach.models import Message
from scheduling.actions.mass import start_job
from scheduling.actions.mass_running import on_visit_settled, undo_job, work_on
from scheduling.models import Appointment, MassMove, MassMoveItem
from scheduling.states import AppointmentStatus, MassItemStatus, MassMoveHow, MassMoveStatus
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW, AbsenceFactory, phone_of
from tests.scheduling.mass_cast import MassScene

pytestmark = pytest.mark.django_db
S = MassItemStatus
#: The EHR of these tests is not asked: its answers are given by hand.
NO_EHR = frozenset({"scheduling.ehr-write", "scheduling.settle-slot"})
HX = {"HX-Request": "true"}


@pytest.fixture
def scene() -> MassScene:
    return MassScene()


def as_role(client: Client, cast: Cast, role: Role = Role.MANAGER) -> Client:
    client.force_login(cast.staff(role))
    return client


def started(scene: MassScene, how: MassMoveHow) -> MassMoveItem:
    """One visit, three free times, and the job has done what it can."""
    scene.visit()
    for days in (1, 2, 3):
        scene.free(days=days)
    job = scene.job()
    start_job(job_id=job.pk, how=how, user=scene.user, by=scene.by, at=scene.at)
    settle(scene.at, but=NO_EHR)
    return job.items.get()


def confirmed(item: MassMoveItem, at: dt.datetime = NOW) -> MassMoveItem:
    """The EHR has the new visit."""
    item.refresh_from_db()
    assert item.moved_to_id is not None
    rows = Appointment.objects.filter(pk=item.moved_to_id)
    rows.update(status=AppointmentStatus.BOOKED)
    on_visit_settled(appointment_id=item.moved_to_id, at=at)
    settle(at, but=NO_EHR)
    item.refresh_from_db()
    return item


def templates() -> list[str]:
    rows = Message.objects.filter(direction="out").order_by("pk")
    return list(rows.values_list("text_version__key", flat=True))


# --- staff ----------------------------------------------------------------------------


def test_a_job_from_form_to_plan_to_start(scene: MassScene, client: Client, cast: Cast) -> None:
    scene.visit(), scene.free()
    as_role(client, cast)
    asked = {
        "name": "Dr. Out is sick",
        "reason": "clinician-sick",
        "providers": [scene.away.provider.pk],
        "first_on": "2026-11-23",
        "last_on": "2026-11-23",
        "days_after": "14",
    }
    answer = client.post(reverse("desk:mass-new"), asked)
    job = MassMove.objects.get()
    assert answer.headers["Location"] == reverse("desk:mass-job", args=[job.pk])
    # Monday in Phoenix, whole.
    assert job.starts_at == dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
    assert job.ends_at - job.starts_at == dt.timedelta(days=1)
    page = client.get(reverse("desk:mass-job", args=[job.pk]))
    assert "Waiting for its turn" in page.text
    work_on(job.pk, NOW)
    page = client.get(reverse("desk:mass-job", args=[job.pk]))
    item = job.items.get()
    assert "1 of 1 visits have a place" in page.text
    assert (
        "Another clinician"
        in client.get(reverse("desk:mass-job", args=[job.pk]) + f"?item={item.pk}").text
    )
    client.post(reverse("desk:mass-start", args=[job.pk]), {"how": "move"})
    job.refresh_from_db()
    assert (job.status, job.how, job.started_by) == ("running", "move", cast.manager)
    again = client.post(reverse("desk:mass-start", args=[job.pk]), {"how": "move"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("zone", "first", "last", "hours"),
    [
        ("America/Chicago", "2027-03-14", "2027-03-14", 23),
        ("America/Chicago", "2026-11-01", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2027-04-04", "2027-04-04", 24.5),
        ("America/Phoenix", "2027-03-14", "2027-03-14", 24),
    ],
)
def test_a_day_is_the_sites_day_over_both_clock_changes(
    scene: MassScene,
    client: Client,
    cast: Cast,
    *,
    zone: str,
    first: str,
    last: str,
    hours: float,
) -> None:
    scene.site.zone = zone
    scene.site.save()
    asked = {
        "name": "Storm",
        "reason": "closed",
        "locations": [scene.site.pk],
        "first_on": first,
        "last_on": last,
        "days_after": "14",
    }
    as_role(client, cast).post(reverse("desk:mass-new"), asked)
    job = MassMove.objects.get()
    assert (job.ends_at - job.starts_at).total_seconds() / 3600 == hours


def test_a_form_that_lacks_something_says_where(client: Client, cast: Cast) -> None:
    asked = {"name": "x", "reason": "closed", "set_aside": ["same-day"], "days_after": "14"}
    answer = as_role(client, cast).post(reverse("desk:mass-new"), asked)
    assert answer.status_code == 422
    assert "Choose a clinician or a site." in answer.text
    assert "Say why" in answer.text
    assert not MassMove.objects.exists()


def test_begins_from_leave_that_is_on_record(scene: MassScene, client: Client, cast: Cast) -> None:
    leave = AbsenceFactory.create(provider=scene.away.provider, reason="Jury duty")
    as_role(client, cast)
    assert "Jury duty" in client.get(reverse("desk:mass")).text
    form = client.get(reverse("desk:mass-new") + f"?absence={leave.pk}")
    assert 'value="2026-11-23"' in form.text
    assert f'value="{scene.away.provider.pk}" selected' in form.text


def test_a_visit_is_left_out_and_given_another_time_with_and_without_htmx(
    scene: MassScene, client: Client, cast: Cast
) -> None:
    scene.visit()
    scene.free(), scene.free(days=3)
    job = scene.job()
    item = job.items.get()
    act = reverse("desk:mass-change", args=[job.pk, item.pk])
    as_role(client, cast)
    target = {"HX-Request": "true", "HX-Target": "mass-item"}
    answer = client.post(act, {"act": "choose", "slot": item.options[0]}, headers=target)
    assert answer.status_code == 200
    assert "Chosen by a person" in answer.text
    assert client.post(act, {"act": "choose", "slot": "0"}, headers=target).status_code == 422
    assert client.post(act, {"act": "choose", "slot": "999999"}, headers=target).status_code == 409
    assert client.post(act, {"act": "exclude"}).status_code == 302
    assert client.post(act, {"act": "exclude"}).status_code == 409
    item.refresh_from_db()
    assert item.status == S.EXCLUDED
    csv = client.get(reverse("desk:mass-export", args=[job.pk])).text
    assert "Left out" in csv
    assert str(item.appointment.patient) not in csv


POSTS: list[tuple[str, dict[str, Any]]] = [
    ("mass-start", {"how": "move"}),
    ("mass-act", {"act": "stop"}),
    ("mass-change", {"act": "exclude"}),
]


@pytest.mark.parametrize("role", [Role.AGENT, Role.NURSE, Role.MARKETING, Role.INTEGRATION])
@pytest.mark.parametrize(("name", "data"), POSTS)
def test_who_does_not_own_the_schedule_changes_nothing(
    scene: MassScene,
    client: Client,
    cast: Cast,
    *,
    role: Role,
    name: str,
    data: dict[str, Any],
) -> None:
    scene.visit(), scene.free()
    job = scene.job()
    item = job.items.get()
    keys = [job.pk, item.pk] if name == "mass-change" else [job.pk]
    as_role(client, cast, role)
    url = reverse(f"desk:{name}", args=keys)
    assert client.post(url, data).status_code == 403
    assert client.get(reverse("desk:mass-job", args=[job.pk])).status_code == 403
    client.logout()
    assert client.post(url, data).status_code == 302
    job.refresh_from_db()
    item.refresh_from_db()
    assert (job.status, item.status) == (MassMoveStatus.PLANNED, S.PROPOSED)
    as_role(client, cast)
    assert client.get(url).status_code == 405


def test_agents_settle_the_work_list_and_outsiders_do_not(
    scene: MassScene, client: Client, cast: Cast
) -> None:
    scene.visit()
    job = scene.job()
    start_job(job_id=job.pk, how=MassMoveHow.MOVE, user=scene.user, by=scene.by, at=NOW)
    settle(NOW, but=NO_EHR)
    item = job.items.get()
    url = reverse("desk:mass-settle", args=[job.pk, item.pk])
    assert as_role(client, cast, Role.MARKETING).post(url).status_code == 403
    item.refresh_from_db()
    assert item.status == S.FOR_AGENT
    as_role(client, cast, Role.AGENT)
    page = client.get(reverse("desk:mass-work", args=[job.pk]))
    assert str(item.appointment.patient) in page.text
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 409
    item.refresh_from_db()
    assert item.status == S.SETTLED
    assert Task.objects.get(kind=TaskKind.MASS_MOVE).status == "completed"


# --- texts ----------------------------------------------------------------------------


def says_stop(phone: Phone) -> None:
    ConsentEntry.objects.create(
        phone=phone,
        channel="sms",
        purpose="all",
        decision="revoked",
        at=NOW,
        source="carrier-keyword",
        recorded_by="test",
    )


def test_tells_the_new_time_once_the_ehr_has_it(scene: MassScene) -> None:
    item = started(scene, MassMoveHow.MOVE)
    assert templates() == []
    item = confirmed(item)
    assert (item.status, templates()) == (S.MOVED, ["mass_moved"])
    assert item.told_at is not None
    text = Message.objects.get(direction="out").body
    assert "Mon Nov 23, 9:00 AM" in text
    assert "Tue Nov 24, 9:00 AM" in text


def test_whom_no_text_may_reach_is_called(scene: MassScene) -> None:
    item = started(scene, MassMoveHow.MOVE)
    says_stop(phone_of(item.appointment.patient))
    item = confirmed(item)
    assert (item.status, templates(), item.told_at) == (S.MOVED, [], None)
    task = Task.objects.get(kind=TaskKind.MASS_MOVE)
    assert "does not know yet" in task.why


def test_choices_are_not_sent_to_whoever_has_said_stop(scene: MassScene) -> None:
    visit = scene.visit()
    scene.free()
    says_stop(phone_of(visit.patient))
    job = scene.job()
    start_job(job_id=job.pk, how=MassMoveHow.OFFER, user=scene.user, by=scene.by, at=NOW)
    settle(NOW, but=NO_EHR)
    assert templates() == []
    assert job.items.get().status == S.FOR_AGENT


def test_undo_tells_whoever_was_asked_to_choose(scene: MassScene) -> None:
    item = started(scene, MassMoveHow.OFFER)
    undo_job(job_id=item.job_id, by=scene.by, at=NOW)
    settle(NOW, but=NO_EHR)
    assert templates() == ["mass_choices", "mass_choices_over"]


# --- the patient's page ---------------------------------------------------------------


def born(item: MassMoveItem, year: int = 1980) -> dict[str, str]:
    return {"month": "3", "day": "14", "year": str(year)}


def test_the_page_asks_the_birth_date_then_books_the_choice(
    scene: MassScene, client: Client
) -> None:
    item = started(scene, MassMoveHow.OFFER)
    assert templates() == ["mass_choices"]
    url, take = (reverse(f"mass:{name}", args=[item.token]) for name in ("choices", "choose"))
    assert item.token in Message.objects.get(direction="out").body
    first = client.get(url)
    assert "Mon Nov 23" not in first.text
    assert client.post(take, {"slot": item.options[1]}).status_code == 302  # nothing before it
    item.refresh_from_db()
    assert item.status == S.OFFERED
    assert client.post(url, born(item)).status_code == 302
    page = client.get(url)
    assert "Mon Nov 23, 9:00 AM" in page.text
    assert page.text.count("Take ") == 3
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "Elija" in client.get(url, {"lang": "es"}).text
    assert client.post(take, {"slot": "0"}).status_code == 409
    assert client.post(take, {"slot": item.options[1]}).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.slot_id) == (S.ASKED, item.options[1])
    assert "We are asking the clinic" in client.get(url).text
    assert confirmed(item).status == S.MOVED
    assert templates() == ["mass_choices", "visit_moved"]
    assert "Your new time is confirmed" in client.get(url).text


def test_none_of_these_hands_it_to_a_person(scene: MassScene, client: Client) -> None:
    item = started(scene, MassMoveHow.OFFER)
    client.post(reverse("mass:choices", args=[item.token]), born(item))
    client.post(reverse("mass:choose", args=[item.token]), {"slot": "none"})
    item.refresh_from_db()
    assert item.status == S.FOR_AGENT
    assert "We will call you" in client.get(reverse("mass:choices", args=[item.token])).text


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_dates_lock_a_link_whether_it_exists_or_not(
    scene: MassScene, client: Client, *, exists: bool
) -> None:
    item = started(scene, MassMoveHow.OFFER)
    token = item.token if exists else f"nobody-{item.pk}-{item.token}"
    url = reverse("mass:choices", args=[token])
    answers = [client.post(url, born(item, year=1999)).status_code for _ in range(6)]
    assert answers == [422, 422, 422, 422, 403, 403]
    assert client.post(url, born(item)).status_code == 403
    assert client.get(url).status_code == 403
