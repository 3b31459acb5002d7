"""The pages of articles, scripts, kinds of call and sign-offs: who may, with script and without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm import clock
from crm.actions.contacts import give_reason, identify_contact, open_contact
from crm.actions.verifying import verify_contact
from crm.engine import Actor
from crm.models import Interaction, WrapUp
from crm.states import Acuity, Channel, IdentifierKind, Role
from desk.actions.call_types import CallTypeTerms, add_call_type
from desk.actions.sign_offs import sign_off
from desk.actions.versions import start_draft
from desk.models import (
    Article,
    ArticleUse,
    ArticleVersion,
    ArticleVote,
    CallType,
    Script,
    ScriptVersion,
    SignOff,
)
from desk.queries.articles import find_article
from desk.queries.scripts import find_version
from desk.queries.versions import standing_of
from desk.shipped.call_types import CALL_TYPES
from desk.states import VersionStatus
from tests.cast import Cast
from tests.desk.test_task_views import client_of, htmx, text_of
from tests.factories import NOW, TEST

pytestmark = pytest.mark.django_db
READERS = (Role.AGENT, Role.MANAGER)


@pytest.fixture(autouse=True)
def drafts(shipped: None) -> None:
    """A script and an article that somebody writes at."""
    late, way = Script.objects.get(code="late"), Article.objects.get(code="way-phoenix")
    start_draft(ScriptVersion, document_id=late.pk, by=TEST, at=NOW)
    start_draft(ArticleVersion, document_id=way.pk, by=TEST, at=NOW)


def url(name: str, *args: Any) -> str:
    return reverse(f"desk:{name}", args=args)


def shipped_terms(code: str) -> CallTypeTerms:
    return next(row.terms for row in CALL_TYPES if row.code == code)


def to_read() -> list[str]:
    return [
        url("knowledge"),
        url("article", "way-phoenix"),
        url("article-versions", "way-phoenix"),
        url("article-version", "way-phoenix", 1),
        url("scripts"),
        url("script", "late"),
        url("script-versions", "late"),
        url("script-version", "late", 2),
        url("call-types"),
        url("sign-offs"),
    ]


def to_edit() -> list[str]:
    return [
        url("article-new"),
        url("article-draft", "way-phoenix"),
        url("article-place", "way-phoenix"),
        url("script-new"),
        url("script-draft", "late"),
        url("script-step-new", "late"),
        url("script-step", "late", "how-late"),
        url("call-type-new"),
        url("call-type", "late"),
    ]


def to_post() -> list[str]:
    return [
        *(url(f"article-{name}", "way-phoenix") for name in ("begin", "preview", "publish")),
        *(url(f"article-{name}", "way-phoenix") for name in ("discard", "take-back")),
        url("article-go-back", "way-phoenix", 1),
        *(url(f"script-{name}", "late") for name in ("begin", "publish", "discard", "take-back")),
        url("script-go-back", "late", 1),
        url("script-step-move", "late", "how-late"),
        url("script-step-remove", "late", "how-late"),
        url("sign-off-give"),
    ]


def state_of_all() -> list[Any]:
    kinds: tuple[Any, ...] = (ArticleVersion, ScriptVersion, CallType, SignOff)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*READERS, Role.MARKETING])
def test_the_care_team_reads_and_managers_write(cast: Cast, role: Role) -> None:
    client = client_of(cast.staff(role))
    before = state_of_all()
    for address in to_read():
        assert client.get(address).status_code == (200 if role in READERS else 403), address
    for address in to_edit():
        assert client.get(address).status_code == (200 if role is Role.MANAGER else 403), address
    if role is not Role.MANAGER:
        for address in (*to_edit(), *to_post()):
            if address != url("script-draft", "late"):
                assert client.post(address, {"revision": 0}).status_code == 403, address
    assert state_of_all() == before


def test_visitors_sign_in_and_links_change_nothing(cast: Cast) -> None:
    for address in (*to_read(), *to_edit()):
        assert "sign-in" in Client().get(address)["Location"]
    for address in (*to_post(), url("training-start", "late"), url("article-vote", "way-phoenix")):
        assert client_of(cast.manager).get(address).status_code == 405


# --- articles ------------------------------------------------------------------------------------


def test_reading_is_counted_and_words_are_escaped(cast: Cast) -> None:
    client = client_of(cast.agent)
    said = text_of(client.get(url("article", "way-phoenix")))
    assert "<strong>Garage B</strong>" in said
    client.get(url("article", "way-phoenix"))
    assert ArticleUse.objects.get().user == cast.agent


def test_searching_as_one_types(cast: Cast) -> None:
    client = client_of(cast.agent)
    found = text_of(client.post(url("knowledge"), {"said": "refil"}, headers=htmx()))
    assert "Refills: who decides" in found
    assert "<html" not in found
    whole = text_of(client.post(url("knowledge"), {"said": "submarine"}))
    assert "Nothing found" in whole
    assert "<html" in whole


@pytest.mark.parametrize("with_script", [True, False])
def test_a_vote(cast: Cast, with_script: bool) -> None:
    client, version = client_of(cast.agent), find_article("way-phoenix")
    assert version is not None
    data = {"version": version.pk, "useful": "no", "note": "Which floor?"}
    headers = htmx() if with_script else {}
    answered = client.post(url("article-vote", "way-phoenix"), data, headers=headers)
    assert answered.status_code == (200 if with_script else 302)
    assert ArticleVote.objects.get().note == "Which floor?"
    assert "Which floor?" in text_of(client_of(cast.manager).get(url("article", "way-phoenix")))
    assert "What readers missed" not in text_of(client.get(url("article", "way-phoenix")))
    assert client.post(url("article-vote", "way-phoenix"), {"useful": "no"}).status_code == 422


def test_an_article_from_the_first_word_to_open_desks(cast: Cast) -> None:
    client = client_of(cast.manager)
    made = client.post(url("article-new"), {"title": "Flu shots", "code": "flu", "language": "en"})
    assert made["Location"] == url("article-draft", "flu")
    again = client.post(url("article-new"), {"title": "x", "code": "flu", "language": "en"})
    assert again.status_code == 422
    refused = client.post(url("article-publish", "flu"), {"revision": 0, "reason": "now"})
    assert refused.status_code == 422
    assert "Write what there is to know." in text_of(refused)
    typed = {"revision": 0, "title": "Flu shots", "words": "vaccine", "body": "Walk in <b>now</b>."}
    seen = text_of(client.post(url("article-preview", "flu"), typed, headers=htmx()))
    assert "&lt;b&gt;now" in seen
    assert client.post(url("article-draft", "flu"), typed).status_code == 302
    assert client.post(url("article-draft", "flu"), typed).status_code == 409
    client.post(url("article-publish", "flu"), {"revision": 1, "reason": "the season begins"})
    version = find_article("flu")
    assert version is not None
    assert version.published_by == cast.manager


def test_publishing_at_a_time_and_taking_it_back(cast: Cast) -> None:
    client = client_of(cast.manager)
    soon = clock.now().replace(year=clock.now().year + 1)
    form = {"revision": 0, "reason": "new garage", "starts_at": soon.strftime("%Y-%m-%dT%H:%M")}
    assert client.post(url("article-publish", "way-phoenix"), form).status_code == 302
    article = Article.objects.get(code="way-phoenix")
    scheduled = standing_of(ArticleVersion, article.pk).scheduled
    assert scheduled is not None
    assert scheduled.due_at is not None
    client.post(url("article-take-back", "way-phoenix"))
    assert standing_of(ArticleVersion, article.pk).draft == scheduled
    past = form | {"starts_at": "2020-01-01T08:00"}
    refused = client.post(url("article-publish", "way-phoenix"), past)
    assert refused.status_code == 422
    assert "This time has passed" in text_of(refused)


def test_going_back_to_an_earlier_version(cast: Cast) -> None:
    client = client_of(cast.manager)
    client.post(url("article-publish", "way-phoenix"), {"revision": 0, "reason": "same"})
    client.post(url("article-go-back", "way-phoenix", 1), {"reason": ""})
    version = find_article("way-phoenix")
    assert version is not None
    assert version.number == 2
    client.post(url("article-go-back", "way-phoenix", 1), {"reason": "the garage is shut"})
    version = find_article("way-phoenix")
    assert version is not None
    assert (version.number, version.reason) == (3, "the garage is shut")


def test_where_an_article_shows(cast: Cast) -> None:
    late = CallType.objects.get(code="late")
    form = {"language": "es", "specialty": "", "call_types": [late.pk]}
    client_of(cast.manager).post(url("article-place", "first-visit"), form)
    article = Article.objects.get(code="first-visit")
    assert (article.language, list(article.call_types.all())) == ("es", [late])


# --- scripts ---------------------------------------------------------------------------------


def test_a_preview_goes_through_the_script(cast: Cast) -> None:
    client = client_of(cast.agent)
    begun = text_of(client.get(url("script", "late")))
    assert "a.late-minutes=30" in begun
    assert "Tell the clinic" not in begun.split("As the agent goes")[0]
    gone_on = text_of(client.get(url("script", "late"), {"a.late-minutes": "30", "language": "es"}))
    assert "Puede que la clínica" in gone_on


def step_form(**changed: Any) -> dict[str, Any]:
    return {
        "revision": 0,
        "kind": "ask",
        "words": "How late?",
        "words_es": "¿Qué tan tarde?",
        "options": "15 = A little | Poco\n30 = Some | Algo\nmore = Much | Mucho",
        "fills": "late-minutes",
        "required": "on",
    } | changed


@pytest.mark.parametrize("with_script", [True, False])
def test_a_step_is_changed_where_it_stands(cast: Cast, with_script: bool) -> None:
    client, headers = client_of(cast.manager), htmx() if with_script else {}
    address = url("script-step", "late", "how-late")
    assert "Hasta 15" in text_of(client.get(address, headers=headers))
    saved = client.post(address, step_form(), headers=headers)
    assert saved.status_code == (200 if with_script else 302)
    stale = client.post(address, step_form(), headers=headers)
    assert stale.status_code == 409
    assert "Somebody changed this draft" in text_of(stale)
    draft = standing_of(ScriptVersion, Script.objects.get(code="late").pk).draft
    assert draft is not None
    step = draft.body["steps"][1]
    assert (step["words"], step["options"][0]["words_es"]) == ("How late?", "Poco")


def test_a_condition_that_cannot_be_read_is_said_so(cast: Cast) -> None:
    form = step_form(about_1="age", holds_1="old")
    refused = client_of(cast.manager).post(url("script-step", "late", "how-late"), form)
    assert refused.status_code == 422
    assert "under 18" in text_of(refused)


def test_a_script_with_problems_is_not_published_and_one_without_is(cast: Cast) -> None:
    client = client_of(cast.manager)
    client.post(url("script-step-new", "late"), step_form(words_es="", words="And?", fills=""))
    refused = client.post(url("script-publish", "late"), {"revision": 1, "reason": "more"})
    assert refused.status_code == 422
    assert "in Spanish, too" in text_of(refused)
    client.post(url("script-step-remove", "late", "and"), {"revision": 1})
    client.post(url("script-step-move", "late", "new-time"), {"revision": 2, "way": "up"})
    client.post(url("script-publish", "late"), {"revision": 3, "reason": "sooner"})
    version = find_version("late")
    assert version is not None
    assert (version.number, version.asks_sign_off) == (2, False)
    assert version.status == VersionStatus.PUBLISHED
    assert "another order" in text_of(client.get(url("script-versions", "late")))


def test_a_new_script_for_calls_that_have_none(cast: Cast) -> None:
    client = client_of(cast.manager)
    taken = client.post(url("script-new"), {"name": "Again", "code": "again"})
    assert taken.status_code == 422
    assert "There is a script for this already" in text_of(taken)


# --- kinds of call, sign-offs, training ------------------------------------------------------


def call_type_form(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Running late",
        "need": "Running late",
        "words": "late, tarde",
        "speakers": ["patient"],
        "proof": "two-identifiers",
        "rank": 40,
        "callback_attempts": 2,
        "is_active": "on",
        "exits-TOTAL_FORMS": 1,
        "exits-INITIAL_FORMS": 0,
        "exits-0-code": "seen",
        "exits-0-words": "Will be seen",
        "exits-0-resolves": "on",
    } | changed


def test_a_kind_of_call_is_kept(cast: Cast) -> None:
    client = client_of(cast.manager)
    assert client.post(url("call-type", "late"), call_type_form()).status_code == 302
    late = CallType.objects.get(code="late")
    assert (late.words, [e.code for e in late.exits.all()]) == (["late", "tarde"], ["seen"])
    without = call_type_form(**{"exits-0-code": "", "exits-0-words": ""})
    refused = client.post(url("call-type", "late"), without)
    assert refused.status_code == 422
    assert "at least one way" in text_of(refused)
    assert late.exits.count() == 1


def test_a_supervisor_signs_off_and_an_agent_does_not(cast: Cast) -> None:
    form = {"user": cast.agent.pk, "call_type": "police"}
    assert "Sign off" not in text_of(client_of(cast.agent).get(url("sign-offs")))
    client = client_of(cast.manager)
    assert "Sign Agent Cast off for Police" in text_of(client.get(url("sign-offs")))
    client.post(url("sign-off-give"), form)
    client.post(url("sign-off-give"), {"user": cast.manager.pk, "call_type": "police"})
    made = SignOff.objects.get()
    assert (made.user, made.by, made.call_type.code) == (cast.agent, cast.manager, "police")


def test_practicing_opens_a_contact_that_is_training(cast: Cast) -> None:
    answered = client_of(cast.agent).post(url("training-start", "late"))
    contact = Interaction.objects.get()
    assert answered["Location"] == url("screen-contact", contact.pk)
    assert contact.is_training
    assert contact.agent == cast.agent
    unknown = client_of(cast.agent).post(url("training-start", "nothing"))
    assert unknown.status_code == 404


def test_the_command_bar_finds_articles(cast: Cast) -> None:
    client = client_of(cast.agent)
    found = text_of(client.post(url("screen-find"), {"said": "parki"}, headers=htmx()))
    assert url("article", "way-phoenix") in found
    assert "1300 N 12th Street" in found


# --- the panel of the desk -------------------------------------------------------------------


@pytest.fixture
def contact(cast: Cast) -> Interaction:
    """A call about the way, in the agent's hands."""
    by = Actor.user(cast.agent)
    made = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    identify_contact(contact_id=made.pk, patient=cast.patient, by=by, at=NOW)
    said = {IdentifierKind.FULL_NAME: "Rosa Delgado", IdentifierKind.PHONE: "4805550142"}
    verify_contact(contact_id=made.pk, said=said, by=by, at=NOW)
    return give_reason(
        contact_id=made.pk,
        reason="where to park",
        call_type="refill",
        need="A refill",
        acuity=Acuity.ROUTINE,
        by=by,
        at=NOW,
    )


def test_the_panel_shows_what_fits_and_finds_the_rest(cast: Cast, contact: Interaction) -> None:
    client = client_of(cast.agent)
    shown = text_of(client.get(url("screen-panel", contact.pk, "knowledge")))
    assert "Refills: who decides" in shown
    assert "Preparing for an MRI" not in shown
    address = url("screen-knowledge", contact.pk)
    found = text_of(client.post(address, {"said": "mri"}, headers=htmx()))
    assert "Preparing for an MRI" in found
    assert "<section" not in found
    again = text_of(client.post(address, {"said": ""}, headers=htmx()))
    assert "Refills: who decides" in again
    assert "Preparing for an MRI" in text_of(client.post(address, {"said": "mri"}))


def test_an_article_opens_in_its_place_and_is_noted(cast: Cast, contact: Interaction) -> None:
    client = client_of(cast.agent)
    address = url("screen-article", contact.pk, "refill-policy")
    shown = text_of(client.post(address, headers=htmx()))
    assert "two working days" in shown
    assert ArticleUse.objects.get().interaction == contact
    assert contact.steps.filter(code="article:refill-policy").count() == 1
    client.post(address, {"again": "1"}, headers=htmx())
    client_of(cast.manager).post(address, headers=htmx())
    assert contact.steps.filter(code="article:refill-policy").count() == 1
    assert client.post(address)["Location"] == url("article", "refill-policy")
    assert client.post(url("screen-article", contact.pk, "no-such")).status_code == 404


@pytest.mark.parametrize("with_script", [True, False])
def test_a_vote_from_the_panel(cast: Cast, contact: Interaction, with_script: bool) -> None:
    client, version = client_of(cast.agent), find_article("refill-policy")
    assert version is not None
    address = url("screen-article-vote", contact.pk, "refill-policy")
    headers = htmx() if with_script else {}
    answered = client.post(address, {"version": version.pk, "useful": "yes"}, headers=headers)
    assert answered.status_code == (200 if with_script else 302)
    assert ArticleVote.objects.get().was_useful
    other = find_article("way-tucson")
    assert other is not None
    wrong = client.post(address, {"version": other.pk, "useful": "yes"}, headers=htmx())
    assert wrong.status_code == 422
    denied = client_of(cast.marketing).post(address, {"version": version.pk, "useful": "no"})
    assert denied.status_code == 403
    assert ArticleVote.objects.get().was_useful


def test_a_call_that_needs_a_sign_off_is_not_closed_without_it(
    cast: Cast, contact: Interaction
) -> None:
    """It has no script, so that nothing else stands against it."""
    terms = replace(shipped_terms("police"), name="Subpoena")
    kind = add_call_type(code="subpoena", terms=terms, by=TEST, at=NOW)
    Interaction.objects.update(call_type="subpoena")
    client, address = client_of(cast.agent), url("screen-wrap", contact.pk)
    refused = client.post(address, {"disposition": "privacy", "note": "x", "written": ""})
    assert refused.status_code == 409
    assert "needs a sign-off" in text_of(refused)
    assert not WrapUp.objects.exists()
    Interaction.objects.update(is_training=True)
    assert "needs a sign-off" not in text_of(client.get(address))
    Interaction.objects.update(is_training=False)
    by = Actor.user(cast.manager)
    sign_off(user=cast.agent, call_type=kind, supervisor=cast.manager, by=by, at=NOW)
    assert "needs a sign-off" not in text_of(client.get(address))
