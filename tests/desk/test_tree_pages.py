"""The pages of decision trees: who may, and that each works with script and without."""

from __future__ import annotations

from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Role
from scheduling.actions.trees import edit_draft, publish_draft
from scheduling.models import DecisionTree, TreeCase, TreeRun, TreeVersion
from scheduling.queries.trees import find_draft
from scheduling.rules.trees import read_tree
from scheduling.states import TreeRunStatus, TreeStatus
from tests.cast import Cast
from tests.desk.test_task_views import client_of, htmx, text_of
from tests.factories import NOW, TEST, LocationFactory
from tests.scheduling.trees import KNEE

pytestmark = pytest.mark.django_db
#: One of each kind; tests/crm/test_permissions.py asks the predicates for every role.
READERS = (Role.AGENT, Role.MANAGER)
EDITORS = (Role.MANAGER,)
OUTSIDERS = (Role.MARKETING,)


def draft_of(tree: DecisionTree) -> TreeVersion:
    found = find_draft(tree.pk)
    assert found is not None
    return found


def to_read(tree: DecisionTree) -> list[str]:
    of_tree = ("tree", "tree-versions", "tree-bench")
    return [
        reverse("desk:trees"),
        reverse("desk:tree-find"),
        *(reverse(f"desk:{name}", args=[tree.pk]) for name in of_tree),
    ]


def to_edit(tree: DecisionTree) -> list[str]:
    return [
        reverse("desk:tree-new"),
        reverse("desk:tree-describe", args=[tree.pk]),
        reverse("desk:tree-draft", args=[tree.pk]),
        reverse("desk:tree-node", args=[tree.pk, "q2"]),
        reverse("desk:tree-node", args=[tree.pk, "o2"]),
    ]


def to_post(tree: DecisionTree) -> list[str]:
    return [
        reverse("desk:tree-node-remove", args=[tree.pk, "q3"]),
        reverse("desk:tree-publish", args=[tree.pk]),
        reverse("desk:tree-discard", args=[tree.pk]),
        reverse("desk:tree-case-drop", args=[tree.pk, 1]),
    ]


# --- who may -------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*READERS, *OUTSIDERS, None])
def test_the_care_team_reads_and_managers_edit(
    cast: Cast, knee: DecisionTree, role: Role | None
) -> None:
    client = client_of(cast.staff(role) if role else cast.outsider)
    before = list(TreeVersion.objects.values())
    for address in to_read(knee):
        assert client.get(address).status_code == (200 if role in READERS else 403), address
    for address in to_edit(knee):
        assert client.get(address).status_code == (200 if role in EDITORS else 403), address
    if role not in EDITORS:
        for address in [*to_edit(knee), *to_post(knee)]:
            assert client.post(address, {"revision": 0}).status_code == 403, address
    assert list(TreeVersion.objects.values()) == before


def test_visitors_sign_in_and_links_change_nothing(cast: Cast, knee: DecisionTree) -> None:
    for address in [*to_read(knee), *to_edit(knee)]:
        assert "sign-in" in Client().get(address)["Location"]
    for address in to_post(knee):
        assert client_of(cast.manager).get(address).status_code == 405


# --- the editor ----------------------------------------------------------------------


def question_form(revision: int, **changed: str) -> dict[str, Any]:
    """q2 as its form sends it: yes, no, and an empty line."""
    lines = [("a1", "Yes", "o2"), ("a2", "No", "q3"), ("", "", "")]
    body: dict[str, Any] = {
        "revision": revision,
        "text": "Did it begin with an injury?",
        "help": "",
        "fact": "",
        "answers-TOTAL_FORMS": len(lines),
        "answers-INITIAL_FORMS": 2,
    }
    for number, (key, text, to) in enumerate(lines):
        body |= {f"answers-{number}-{k}": v for k, v in (("key", key), ("text", text), ("to", to))}
        body[f"answers-{number}-ORDER"] = number + 1
    return body | changed


def save(
    client: Client, tree: DecisionTree, node: str, body: dict[str, Any], *, live: bool = False
) -> HttpResponseBase:
    address = reverse("desk:tree-node", args=[tree.pk, node])
    return client.post(address, body, headers=htmx("editor") if live else {})


@pytest.mark.parametrize("live", [False, True])
def test_a_question_is_changed_where_it_stands(cast: Cast, knee: DecisionTree, live: bool) -> None:
    body = question_form(0, **{"answers-2-text": "Not sure", "answers-2-to": "new-question"})
    response = save(client_of(cast.manager), knee, "q2", body, live=live)
    assert response.status_code == (200 if live else 302)
    draft = draft_of(knee)
    assert draft.body["nodes"]["q2"]["answers"][2] == {"key": "a3", "text": "Not sure", "to": "q4"}
    assert draft.revision == 1
    if live:
        page = text_of(response)
        assert "<html" not in page
        assert "Write the question in the words" in page


def test_an_outcome_can_become_another(cast: Cast, knee: DecisionTree) -> None:
    form = {"revision": 0, "ends": "queue", "queue": "Orthopedics", "modality": "in-person"}
    client = client_of(cast.manager)
    assert save(client, knee, "o2", form | {"urgency": "routine"}).status_code == 302
    assert draft_of(knee).body["nodes"]["o2"] == {
        "kind": "hand-over",
        "to": "queue",
        "queue": "Orthopedics",
    }


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"text": ""}, "This field is required"),
        ({"fact": "age", "answers-0-when": "grown up"}, "under 18"),
        ({"answers-0-text": ""}, "Write the answer out"),
        ({"answers-0-to": "q9"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_read_stays_in_the_form(
    cast: Cast, knee: DecisionTree, changed: dict[str, str], says: str, live: bool
) -> None:
    response = save(client_of(cast.manager), knee, "q2", question_form(0, **changed), live=live)
    assert response.status_code == 422
    assert says in text_of(response)
    assert draft_of(knee).revision == 0


def test_a_second_editor_is_told_and_overwrites_nothing(cast: Cast, knee: DecisionTree) -> None:
    client = client_of(cast.manager)
    assert save(client, knee, "q2", question_form(0, text="Was there a fall?")).status_code == 302
    response = save(client, knee, "q2", question_form(0, text="Mine"), live=True)
    assert response.status_code == 409
    assert "changed this draft meanwhile" in text_of(response)
    assert draft_of(knee).body["nodes"]["q2"]["text"] == "Was there a fall?"


def test_a_node_is_taken_out_and_the_first_is_not(cast: Cast, knee: DecisionTree) -> None:
    client = client_of(cast.manager)
    first = reverse("desk:tree-node-remove", args=[knee.pk, "q1"])
    assert client.post(first, {"revision": 0}).status_code == 409
    third = reverse("desk:tree-node-remove", args=[knee.pk, "q3"])
    assert client.post(third, {"revision": 0}).status_code == 302
    assert "q3" not in draft_of(knee).body["nodes"]


def test_publishing_says_what_stands_against_it(cast: Cast, knee: DecisionTree) -> None:
    client = client_of(cast.manager)
    address = reverse("desk:tree-publish", args=[knee.pk])
    assert "who agreed" in text_of(client.post(address, {"revision": 0}))
    open_end = question_form(0, **{"answers-0-to": ""})
    save(client, knee, "q2", open_end)
    response = client.post(address, {"revision": 1, "reason": "better"})
    assert response.status_code == 422
    assert "leads nowhere yet" in text_of(response)
    save(client, knee, "q2", question_form(1))
    response = client.post(address, {"revision": 2, "reason": "better"}, follow=True)
    assert "Version 2 is published." in text_of(response)
    assert TreeVersion.objects.get(status=TreeStatus.PUBLISHED).published_by == cast.manager


def test_a_new_tree_begins_with_its_draft(cast: Cast, knee: DecisionTree) -> None:
    client = client_of(cast.manager)
    address = reverse("desk:tree-new")
    taken = client.post(address, {"name": "Knee pain"})
    assert (taken.status_code, "has this name" in text_of(taken)) == (422, True)
    made = client.post(address, {"name": "Hip", "words": "hip\ncadera, groin"})
    tree = DecisionTree.objects.get(name="Hip")
    assert made["Location"] == reverse("desk:tree-draft", args=[tree.pk])
    assert tree.words == ["hip", "cadera", "groin"]


# --- the bench -----------------------------------------------------------------------


def test_the_bench_tries_keeps_and_asks_again(cast: Cast, knee: DecisionTree) -> None:
    client = client_of(cast.manager)
    address = reverse("desk:tree-bench", args=[knee.pk])
    case = {"age": "40", "answer_q2": "a1"}
    assert "New orthopedics · In person · Within 7 days" in text_of(
        client.post(address, case | {"try": "1"})
    )
    unnamed = client.post(address, case | {"keep": "1"})
    assert (unnamed.status_code, "Give the case a name" in text_of(unnamed)) == (422, True)
    client.post(address, case | {"keep": "1", "name": "Fell"})
    kept = TreeCase.objects.get()
    assert (kept.facts, kept.answers, kept.expected["visit_type"]) == (
        {"age": 40},
        {"q2": "a1"},
        "BONES-NEW",
    )
    client.post(address, {"age": "40", "keep": "1", "name": "Wrong", "expected": "o1"})
    page = text_of(client.get(address))
    assert "1 of 2 fails" in page
    refused = client.post(
        reverse("desk:tree-publish", args=[knee.pk]), {"revision": 0, "reason": "x"}
    )
    assert "Kept cases fail: “Wrong”" in text_of(refused)
    wrong = TreeCase.objects.get(name="Wrong")
    client.post(reverse("desk:tree-case-drop", args=[knee.pk, wrong.pk]))
    assert list(TreeCase.objects.values_list("name", flat=True)) == ["Fell"]


def test_an_agent_tries_but_keeps_nothing(cast: Cast, knee: DecisionTree) -> None:
    address = reverse("desk:tree-bench", args=[knee.pk])
    body = {"age": "9", "keep": "1", "name": "Mine"}
    assert "Hand over to a nurse now" in text_of(client_of(cast.agent).post(address, body))
    assert not TreeCase.objects.exists()


# --- walking -------------------------------------------------------------------------


@pytest.fixture
def agent(cast: Cast) -> Client:
    return client_of(cast.agent)


@pytest.mark.parametrize("live", [False, True])
def test_a_reason_leads_by_questions_to_a_visit(
    agent: Client, cast: Cast, knee: DecisionTree, live: bool
) -> None:
    headers = htmx() if live else {}
    found = agent.post(reverse("desk:tree-find"), {"reason": "kene hurts"}, headers=headers)
    assert "Knee pain" in text_of(found)
    assert ("<html" in text_of(found)) is not live
    agent.post(reverse("desk:tree-start", args=[knee.pk]), {"age": "40"}, headers=headers)
    run = TreeRun.objects.get()
    assert (run.at_node, run.started_by) == ("q2", cast.agent)
    answer = reverse("desk:tree-answer", args=[run.pk])
    response = agent.post(answer, {"question": "q2", "answer": "a1"}, headers=headers, follow=True)
    page = text_of(response)
    assert "New orthopedics" in page
    assert "Within 7 days" in page
    run.refresh_from_db()
    assert run.status == TreeRunStatus.ENDED


def test_a_reason_that_may_be_danger_stops_before_any_tree(
    agent: Client, knee: DecisionTree
) -> None:
    body = {"reason": "knee hurts and crushing chest pain, cant breathe"}
    page = text_of(agent.post(reverse("desk:tree-find"), body))
    assert "Have them call 911 now." in page
    assert "tree-start" not in page
    assert reverse("desk:tree-start", args=[knee.pk]) not in page


def test_the_hour_is_the_hour_at_the_site(agent: Client, knee: DecisionTree) -> None:
    """17:00 UTC is ten in the morning in Phoenix."""
    LocationFactory.create(short_name="Northgate", zone="America/Phoenix")
    draft = draft_of(knee)
    edit_draft(
        version_id=draft.pk, revision=0, edit=lambda _: read_tree(_by_hour()), by=TEST, at=NOW
    )
    publish_draft(version_id=draft.pk, revision=1, reason="x", by=TEST, at=NOW)
    agent.post(reverse("desk:tree-start", args=[knee.pk]), {"age": "40", "location": "Northgate"})
    assert TreeRun.objects.get().at_node == "o2"


def _by_hour() -> dict[str, Any]:
    nodes = dict(KNEE["nodes"])
    morning, later = {"from": None, "below": 12}, {"from": 12, "below": None}
    answers = [
        {"key": "a1", "text": "Morning", "to": "o2", "when": morning},
        {"key": "a2", "text": "Later", "to": "q3", "when": later},
    ]
    nodes["q2"] = nodes["q2"] | {"fact": "hour", "answers": answers}
    return {"start": "q1", "nodes": nodes}


def test_answers_can_be_changed_and_strange_ones_are_refused(
    agent: Client, knee: DecisionTree
) -> None:
    agent.post(reverse("desk:tree-start", args=[knee.pk]), {"age": "40"})
    run = TreeRun.objects.get()
    here = reverse("desk:tree-run", args=[run.pk])
    assert "A child" in text_of(agent.get(f"{here}?again=q1"))
    answer = reverse("desk:tree-answer", args=[run.pk])
    strange = agent.post(answer, {"question": "q3", "answer": "a1"}, headers=htmx())
    assert (strange.status_code, "not on the way" in text_of(strange)) == (409, True)
    agent.post(answer, {"question": "q1", "answer": "a1"})
    assert "Hand over to a nurse now" in text_of(agent.get(here))


def test_leaving_takes_a_reason_of_the_list(agent: Client, knee: DecisionTree) -> None:
    agent.post(reverse("desk:tree-start", args=[knee.pk]), {})
    run = TreeRun.objects.get()
    address = reverse("desk:tree-leave", args=[run.pk])
    assert agent.post(address, {"why": "tired"}).status_code == 422
    assert agent.post(address, {"why": "hung-up"}).status_code == 302
    run.refresh_from_db()
    assert (run.status, run.left_why) == (TreeRunStatus.LEFT, "hung-up")
    assert "1 left here, 100 %" in text_of(agent.get(reverse("desk:tree", args=[knee.pk])))


def test_no_address_and_no_trail_holds_what_was_said(agent: Client, knee: DecisionTree) -> None:
    """The reason goes in the body, and only ids and codes are written down."""
    body = {"reason": "my knee after the accident with uncle Bob", "age": "40"}
    agent.post(reverse("desk:tree-find"), body)
    started = agent.post(reverse("desk:tree-start", args=[knee.pk]), body)
    assert "?" not in started["Location"]
    trail = str(list(AuditEntry.objects.values()))
    assert "Bob" not in trail
    assert TreeRun.objects.get().known == {"q1": "a2"}
