"""The opening page as it is read: what it says, to whom, and what is written down about that."""

from __future__ import annotations

import datetime as dt
from urllib.parse import unquote

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.models import PatientIdentifier
from crm.states import Role, Sensitivity
from tests.cast import Cast
from tests.factories import NOW, LocationFactory, OpeningFactory, SlotFactory
from tests.waitlist.opening_desk import Desk, first_offer, looks, words
from tests.waitlist.scene import Scene
from waitlist.models import Candidate, Opening
from waitlist.states import OpeningStatus

OPENINGS = reverse("waitlist:openings")


def page(opening: Opening) -> str:
    return reverse("waitlist:opening", args=[opening.pk])


def reading_pages(opening: Opening) -> list[str]:
    """Every address that is read, with what it needs."""
    names = ("opening", "opening-live")
    some = [reverse(f"waitlist:{name}", args=[opening.pk]) for name in names]
    rule = reverse("waitlist:opening-left-out", args=[opening.pk]) + "?rule=wants-no-offers"
    return [OPENINGS, *some, rule, reverse("waitlist:openings-export")]


# --- who may look ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", [Role.AGENT, Role.NURSE, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN]
)
def test_lets_the_care_team_look(opening: Opening, cast: Cast, role: Role) -> None:
    desk = Desk(cast.staff(role))
    for path in reading_pages(opening):
        assert desk.get(path).status_code == 200, path
        assert desk.get(path, htmx=True).status_code == 200, path


@pytest.mark.parametrize("name", ["marketing", "integration", "outsider"])
@pytest.mark.parametrize("htmx", [True, False])
def test_shows_others_nothing_and_notes_no_look(
    opening: Opening, cast: Cast, name: str, htmx: bool
) -> None:
    desk = Desk(getattr(cast, name))
    for path in reading_pages(opening):
        response = desk.get(path, htmx=htmx)
        assert response.status_code == 403, path
        assert "Quintero" not in response.content.decode()
    assert looks() == []


def test_sends_a_visitor_to_sign_in_and_back(opening: Opening) -> None:
    visitor = Desk(None)
    for path in reading_pages(opening):
        response = visitor.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("desk:sign-in") + "?next=%2Fopenings%2F")
    assert looks() == []


def test_moves_the_whole_page_to_sign_in_when_a_part_is_asked_for(opening: Opening) -> None:
    response = Desk(None).get(reverse("waitlist:opening-live", args=[opening.pk]), htmx=True)
    assert response["HX-Redirect"].startswith(reverse("desk:sign-in"))
    assert response.content == b""


def test_takes_no_posts_where_it_only_reads(opening: Opening, fiona: Desk) -> None:
    for path in reading_pages(opening):
        assert fiona.post(path.partition("?")[0], htmx=False).status_code == 405


def test_keeps_pages_with_patients_out_of_every_cache(opening: Opening, agent: Desk) -> None:
    for path in reading_pages(opening):
        assert "no-store" in agent.get(path)["Cache-Control"]


@pytest.mark.parametrize("name", ["opening", "opening-live", "opening-left-out"])
def test_says_so_where_there_is_no_such_opening(fiona: Desk, name: str) -> None:
    path = reverse(f"waitlist:{name}", args=[999])
    assert fiona.get(f"{path}?rule=deceased&q=Quintero").status_code == 404


# --- the list --------------------------------------------------------------------------


def test_lists_live_openings_with_state_wave_and_deadline(opening: Opening, agent: Desk) -> None:
    shown = words(agent.get(OPENINGS))
    provider = opening.slot.role.provider.family_name
    assert f"Sat Nov 21 9:00 AM MST Dr. Grace {provider} Offering" in shown
    assert "Cardiology follow-up · Camelback Wave 1, 3 of 3 ends in 2 days" in shown
    assert "1 Live 0 To send 0 Confirming 0 Paused 0 Filled 0 Ended" in shown


def test_names_no_patient_in_the_list_and_notes_no_look(opening: Opening, agent: Desk) -> None:
    assert "Quintero" not in agent.get(OPENINGS).content.decode()
    assert looks() == []


def test_orders_live_openings_by_deadline(opening: Opening, agent: Desk) -> None:
    soon = OpeningFactory.create(slot=SlotFactory.create(starts_at=NOW + dt.timedelta(hours=2.5)))
    html = agent.get(OPENINGS).content.decode()
    assert html.index(f'id="line-{soon.pk}"') < html.index(f'id="line-{opening.pk}"')
    lines = html[html.index("<main") : html.index("</main>")]
    assert lines.count(" late") == 1  # less than an hour is left of the first


LIVE = {"later", "matching", "watching", "offering", "claimed", "paused"}


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        ("live", LIVE),
        ("confirming", {"claimed"}),
        ("paused", {"paused"}),
        ("filled", {"filled"}),
        ("ended", {"taken", "withdrawn", "expired"}),
        ("nonsense", LIVE),
    ],
)
def test_filters_by_state(opening: Opening, agent: Desk, state: str, statuses: set[str]) -> None:
    Opening.objects.all().delete()
    made = {
        status.value: OpeningFactory.create(status=status, closed_at=NOW).pk
        for status in OpeningStatus
    }
    html = agent.get(f"{OPENINGS}?state={state}").content.decode()
    found = {status for status, pk in made.items() if f'id="line-{pk}"' in html}
    assert found == statuses


def test_filters_by_site_and_keeps_the_filter_in_every_link(opening: Opening, agent: Desk) -> None:
    here = opening.slot.role.clinic.location
    elsewhere = LocationFactory.create(short_name="Elsewhere")
    html = agent.get(f"{OPENINGS}?site={elsewhere.pk}").content.decode()
    assert f'id="line-{opening.pk}"' not in html
    html = agent.get(f"{OPENINGS}?site={here.pk}&state=live").content.decode()
    assert f'href="{page(opening)}?state=live&amp;site={here.pk}"' in html
    assert f"?state=filled&amp;site={here.pk}" in html


def test_an_ended_opening_leaves_the_list_after_a_week(agent: Desk) -> None:
    OpeningFactory.create(status=OpeningStatus.FILLED, closed_at=NOW - dt.timedelta(days=8))
    assert "Ended openings stay in this list for seven days" in words(
        agent.get(f"{OPENINGS}?state=filled")
    )


def test_says_what_it_means_that_nothing_is_open(agent: Desk) -> None:
    assert "No time is open now" in words(agent.get(OPENINGS))


def test_answers_with_the_list_alone_and_with_nothing_while_nothing_changes(
    opening: Opening, agent: Desk
) -> None:
    part = agent.get(OPENINGS, target="work-list").content.decode()
    assert part.lstrip().startswith('<div id="work-list"')
    again = part.split("seen=")[1].split('"')[0]
    assert agent.get(f"{OPENINGS}?seen={again}", target="work-list").status_code == 204
    Opening.objects.update(status=OpeningStatus.PAUSED)
    assert agent.get(f"{OPENINGS}?seen={again}", target="work-list").status_code == 200


# --- one opening -----------------------------------------------------------------------


def test_shows_one_opening_beside_the_list(opening: Opening, agent: Desk) -> None:
    shown = words(agent.get(page(opening)))
    assert f"Sat Nov 21, 9:00 AM MST Dr. Grace {opening.slot.role.provider.family_name}" in shown
    assert "Cardiology follow-up, 30 min" in shown
    assert "Cancelled by the patient: Maria Alvarez" in shown
    assert "3 of 4 considered" in shown
    assert "Booked 6 weeks later for the same visit type" in shown
    assert "Freed Matched 0 ms Offered 0 ms Said yes Booked" in shown
    assert "Wants no offers of earlier times 1" in shown


def test_shows_the_arithmetic_and_the_texts_without_their_secret(
    opening: Opening, agent: Desk
) -> None:
    offer, times = first_offer(opening), "\N{MULTIPLICATION SIGN}"
    shown = words(agent.get(page(opening)))
    assert f"Clinical urgency 0.00 {times} 1000 0.0 Days gained 0.75 {times} 40 30.0" in shown
    assert "Reply YES or NO" in shown
    assert f"Sent · Wed Nov 18, 10:00 AM · to …{str(offer.phone.number)[-4:]}" in shown
    assert offer.token not in agent.get(page(opening)).content.decode()


def test_shows_the_answer_as_it_came_and_how_it_was_read(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    offer = first_offer(opening)
    scene.reply(offer.patient, "no gracias")
    shown = words(agent.get(page(opening)))
    assert "no gracias Their answer, read as “no”" in shown
    assert "Said no" in shown


def test_tells_a_fill_from_end_to_end(opening: Opening, scene: Scene, agent: Desk) -> None:
    winner = first_offer(opening).patient
    later = scene.later_visit(winner)
    scene.at += dt.timedelta(seconds=41, milliseconds=200)
    scene.reply(winner, "YES")
    shown = words(agent.get(page(opening)))
    assert f"{winner} has it, and was told." in shown
    assert "is given back and is an opening now" in shown
    assert f"Book {winner} Booked and read back" in shown
    for step in (
        "Filled 41.2 s",
        "Booked in the EHR and read back 41.2 s",
        f"{winner} said yes by text 41.2 s",
        "Wave 1: 3 people offered it 0 ms",
        "4 considered, 3 could take it 0 ms",
        "Slot freed 0 ms",
    ):
        assert step in shown, step
    child = Opening.objects.get(parent=opening)
    assert child.slot_id == later.slot_id
    assert f'id="child-{child.pk}"' in agent.get(page(opening)).content.decode()
    assert f'id="parent-{opening.pk}"' in agent.get(page(child)).content.decode()


def test_says_why_somebody_above_was_passed_over(opening: Opening, agent: Desk) -> None:
    first_offer(opening).delete()
    shown = words(agent.get(page(opening)))
    assert "Not asked yet: Already had 1 text" in shown


def test_names_a_labeled_patient_by_initials(opening: Opening, agent: Desk) -> None:
    patient = first_offer(opening).patient
    patient.sensitivity = [Sensitivity.BEHAVIORAL_HEALTH]
    patient.save()
    html = agent.get(page(opening)).content.decode()
    assert str(patient) not in html
    assert patient.initials in html
    assert "A privacy label" in html


def test_gives_buttons_to_those_who_may_press_them(
    opening: Opening, agent: Desk, fiona: Desk
) -> None:
    buttons = ('id="pause"', 'id="withdraw"', 'id="book-first"', 'id="candidates-csv"')
    for_fiona, for_agent = (d.get(page(opening)).content.decode() for d in (fiona, agent))
    for button in buttons:
        assert button in for_fiona
        assert button not in for_agent


def test_shows_the_first_of_many_and_everybody_on_request(scene: Scene, agent: Desk) -> None:
    for _ in range(28):
        scene.add_candidate()
    opening = scene.free()
    html = agent.get(page(opening)).content.decode()
    assert html.count('id="candidate-') == 25
    html = agent.get(f"{page(opening)}?everybody=1").content.decode()
    assert html.count('id="candidate-') == 28


def test_answers_htmx_with_the_opening_and_marks_it_in_the_list(
    opening: Opening, agent: Desk
) -> None:
    html = agent.get(page(opening), target="opening").content.decode()
    assert "<html" not in html
    assert 'hx-swap-oob="true"' in html
    assert f'id="line-{opening.pk}"' in html
    assert 'aria-current="true"' in html


# --- looks -----------------------------------------------------------------------------


def test_notes_a_look_at_each_patient_who_is_named_once(
    opening: Opening, agent: Desk, cast: Cast
) -> None:
    agent.get(page(opening))
    named = set(Candidate.objects.filter(rank__isnull=False).values_list("patient_id", flat=True))
    assert opening.freed_appointment is not None
    named.add(opening.freed_appointment.patient_id)
    assert sorted(looks()) == sorted((cast.agent.pk, pk, f"opening {opening.pk}") for pk in named)


def live_path(html: str) -> str:
    """The address that the opened page refreshes itself from."""
    return (
        html.split('id="work-center"')[1]
        .split('hx-get="')[1]
        .split('"', maxsplit=1)[0]
        .replace("&amp;", "&")
    )


def test_a_refresh_notes_no_second_look_and_answers_nothing_without_change(
    opening: Opening, agent: Desk
) -> None:
    path = live_path(agent.get(page(opening)).content.decode())
    before = looks()
    assert agent.get(path, htmx=True).status_code == 204
    Opening.objects.update(status=OpeningStatus.PAUSED)
    refreshed = agent.get(path, htmx=True)
    assert refreshed.status_code == 200
    assert 'id="opening-side"' in refreshed.content.decode()
    assert looks() == before


def test_a_refresh_that_names_somebody_new_is_a_look(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    path = live_path(agent.get(page(opening)).content.decode())
    before = len(looks())
    Candidate.objects.filter(opening=opening, rank=3).update(patient=scene.add_candidate(), rank=3)
    assert agent.get(path, htmx=True).status_code == 200
    assert len(looks()) == 2 * before


@pytest.mark.parametrize("token", ["", "made-up", None])
def test_a_refresh_without_the_look_before_it_is_a_look(
    opening: Opening, agent: Desk, cast: Cast, token: str | None
) -> None:
    if token is None:  # somebody else's
        html = Desk(cast.nurse).get(page(opening)).content.decode()
        token = live_path(html).split("seen_by=")[1]
    before = len(looks())
    live = reverse("waitlist:opening-live", args=[opening.pk])
    assert agent.get(f"{live}?seen_by={token}", htmx=True).status_code == 200
    assert len(looks()) == before + 4


# --- who was left out ------------------------------------------------------------------


def test_lists_whom_a_rule_left_out_and_notes_it(opening: Opening, agent: Desk) -> None:
    path = reverse("waitlist:opening-left-out", args=[opening.pk])
    shown = words(agent.get(f"{path}?rule=wants-no-offers", htmx=True))
    assert shown.startswith("Wants no offers of earlier times 1 left out by this rule")
    assert [what for _, _, what in looks()] == [f"left out of opening {opening.pk}"]
    assert agent.get(f"{path}?rule=too-far").status_code == 404


def ask(desk: Desk, opening: Opening, asked: str) -> str:
    path = reverse("waitlist:opening-why-not", args=[opening.pk])
    return words(desk.post(path, {"q": unquote(asked)}, htmx=True))


@pytest.mark.parametrize("name", ["marketing", "integration", "outsider"])
def test_explains_nothing_to_others(opening: Opening, cast: Cast, name: str) -> None:
    path = reverse("waitlist:opening-why-not", args=[opening.pk])
    response = Desk(getattr(cast, name)).post(path, {"q": "quintero"}, htmx=False)
    assert response.status_code == 403
    assert looks() == []


def test_takes_no_name_in_an_address(opening: Opening, agent: Desk) -> None:
    path = reverse("waitlist:opening-why-not", args=[opening.pk])
    assert agent.get(f"{path}?q=quintero").status_code == 405
    assert looks() == []


def test_explains_nothing_of_an_opening_that_is_not_there(agent: Desk) -> None:
    path = reverse("waitlist:opening-why-not", args=[999])
    assert agent.post(path, {"q": "quintero"}, htmx=False).status_code == 404


def test_explains_a_place_in_the_ranking(opening: Opening, agent: Desk) -> None:
    first = Candidate.objects.get(opening=opening, rank=1)
    said = ask(agent, opening, f"{first.patient.given_name} Quin")
    assert "In the ranking Stands at 1 of 3: booked 6 weeks later" in said
    assert looks()[0][1] == first.patient_id


def test_asks_the_rules_again_about_somebody_left_out(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    patient = scene.add_candidate(family_name="Zamora", wants_earlier_offers=False)
    assert "Left out Does not want offers of earlier times." in ask(agent, opening, "zamora")
    patient.wants_earlier_offers = True
    patient.save()
    assert "Could take it now" in ask(agent, opening, "zamora")


def test_tells_what_held_at_matching_where_it_no_longer_does(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    dora = Candidate.objects.get(opening=opening, rank__isnull=True).patient
    scene.cancel_in_ehr(scene.later_visit(dora))
    said = ask(agent, opening, "pinto")
    assert "No candidate Has no later visit" in said
    assert "When it was matched: Does not want offers of earlier times." in said


def test_finds_a_labeled_patient_by_record_number_only(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    patient = scene.add_candidate(family_name="Zamora", sensitivity=[Sensitivity.VIP])
    PatientIdentifier.objects.create(patient=patient, system="urn:x:mrn", value="S77")
    assert "Nobody is found for “zamora”" in ask(agent, opening, "zamora")
    assert "S77" in ask(agent, opening, "s77")


@pytest.mark.parametrize("asked", ["", "%20", "q", "nobody%20by%20that%20name", "%25", "x" * 200])
def test_asks_for_more_where_nothing_can_be_found(
    opening: Opening, agent: Desk, asked: str
) -> None:
    said = ask(agent, opening, asked)
    assert "Type a name" in said or "Nobody is found" in said
    assert looks() == []


def test_says_that_there_are_others_by_that_name(
    opening: Opening, scene: Scene, agent: Desk
) -> None:
    for _ in range(6):
        scene.add_candidate(family_name="Zamora")
    assert "There are others by that name" in ask(agent, opening, "zamora")
    assert len(looks()) == 5


def test_stands_on_a_page_of_its_own_without_script(opening: Opening, agent: Desk) -> None:
    path = reverse("waitlist:opening-why-not", args=[opening.pk])
    html = agent.post(path, {"q": "quintero"}, htmx=False).content.decode()
    assert "<html" in html
    assert "Back to the opening" in html


# --- what it costs ---------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 12])
def test_the_list_takes_a_fixed_number_of_queries(
    scene: Scene, agent: Desk, django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    for _ in range(people):
        OpeningFactory.create()
    with django_assert_num_queries(5):  # session, user; openings, counts, sites
        agent.get(OPENINGS)


@pytest.mark.parametrize("people", [2, 12])
def test_one_opening_takes_a_fixed_number_of_queries(
    scene: Scene, agent: Desk, django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    for _ in range(people):
        scene.add_candidate()
    opening = scene.free()
    scene.reply(first_offer(opening).patient, "yes")
    with django_assert_num_queries(21):
        agent.get(page(opening))
