"""Versions that are written, scheduled, published and gone back to; scripts in a contact; votes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from crm.actions.contacts import give_reason, identify_contact, open_contact
from crm.engine import Actor, run_step
from crm.engine.models import AuditEntry, Event
from crm.models import Interaction, InteractionStep, Patient
from crm.states import Acuity, Channel, StepKind
from desk.actions.articles import (
    add_article,
    note_use,
    place_article,
    publish_article,
    vote,
    write_article,
)
from desk.actions.flow import ReasonMissing, StepGone, answer_step, skip_step
from desk.actions.scripts import ScriptTaken, add_script, edit_script, publish_script
from desk.actions.shipping import add_shipped
from desk.actions.sign_offs import MayNotSignOff, sign_off, start_training
from desk.actions.versions import (
    DraftChanged,
    NothingToGoBackTo,
    VersionHasProblems,
    discard_draft,
    go_back_to,
    start_draft,
    take_back,
)
from desk.models import Article, ArticleUse, ArticleVersion, ArticleVote, CallType, ScriptVersion
from desk.queries.articles import ArticleFacts, articles_for, find_article
from desk.queries.scripts import find_flow, find_version
from desk.queries.sign_offs import NotSignedOff, check_signed_off, is_signed_off
from desk.queries.versions import standing_of
from desk.rules.scripts import RequiredStepsMissing, ScriptDoc, UnknownAnswer, read_script
from desk.rules.writing import BlockKind, Mark, plain, read, read_line
from desk.states import StepState, VersionStatus
from desk.tasks import start_script
from outreach.models import Message
from scheduling.models import EhrWrite
from tests.cast import Cast
from tests.factories import NOW, TEST, LocationFactory, PatientFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ONE: dict[str, Any] = {
    "steps": [{"key": "hello", "kind": "say", "words": "Hello.", "words_es": "Hola."}]
}
TWO: dict[str, Any] = {"steps": [*ONE["steps"], {"key": "look", "kind": "check", "words": "Look."}]}


@pytest.fixture
def shipped(db: None) -> None:
    add_shipped(at=NOW - DAY)


def script_of_steps(document: dict[str, Any]) -> ScriptVersion:
    made = add_script(code="s", name="S", script=read_script(document), by=TEST, at=NOW)
    return made.versions.get()


def published(document: dict[str, Any]) -> ScriptVersion:
    draft = script_of_steps(document)
    return publish_script(version_id=draft.pk, revision=0, reason="first", by=TEST, at=NOW)


def parking(body: str = "Garage B.") -> ArticleVersion:
    made = add_article(
        code="parking", title="Where to park", words=["Garage"], body=body, by=TEST, at=NOW
    )
    draft = made.versions.get()
    return publish_article(version_id=draft.pk, revision=0, reason="first", by=TEST, at=NOW)


def published_events(name: str) -> int:
    return Event.objects.filter(name=name).count()


# --- versions --------------------------------------------------------------------------------


def test_a_newer_version_takes_the_place_of_the_one_in_force() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    assert (draft.number, draft.body) == (2, first.body)
    assert start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW) == draft
    edit_script(version_id=draft.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    publish_script(version_id=draft.pk, revision=1, reason="more", by=TEST, at=NOW)
    first.refresh_from_db()
    assert first.status == VersionStatus.RETIRED
    assert find_version("") == draft
    assert published_events("desk.script-published") == 2


def test_two_editors_do_not_overwrite_each_other() -> None:
    draft = script_of_steps(ONE)
    edit_script(version_id=draft.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    with pytest.raises(DraftChanged, match="Somebody changed"):
        edit_script(version_id=draft.pk, revision=0, edit=lambda s: s, by=TEST, at=NOW)
    with pytest.raises(DraftChanged):
        discard_draft(ScriptVersion, version_id=draft.pk, revision=0, by=TEST, at=NOW)


def test_what_has_problems_is_not_published() -> None:
    draft = script_of_steps({"steps": [{"key": "a", "kind": "ask", "words": "Why?"}]})
    with pytest.raises(VersionHasProblems) as refused:
        publish_script(version_id=draft.pk, revision=0, reason="x", by=TEST, at=NOW)
    assert "Spanish" in refused.value.sentences[0]
    assert find_version("") is None


def test_a_scheduled_version_comes_into_force_at_its_time_and_only_then() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    publish_script(
        version_id=draft.pk, revision=0, reason="new year", starts_at=NOW + DAY, by=TEST, at=NOW
    )
    assert find_version("") == first
    assert not run_step("desk.start-script", draft.pk, at=NOW + DAY / 2)
    assert run_step("desk.start-script", draft.pk, at=NOW + DAY)
    start_script(draft.pk, NOW + 2 * DAY)
    draft.refresh_from_db()
    assert (draft.status, draft.published_at) == (VersionStatus.PUBLISHED, NOW + DAY)
    assert find_version("") == draft
    assert published_events("desk.script-published") == 2


def test_what_was_scheduled_can_be_taken_back() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    publish_script(
        version_id=draft.pk, revision=0, reason="later", starts_at=NOW + DAY, by=TEST, at=NOW
    )
    take_back(ScriptVersion, version_id=draft.pk, by=TEST, at=NOW)
    assert not run_step("desk.start-script", draft.pk, at=NOW + DAY)
    standing = standing_of(ScriptVersion, first.script_id)
    assert (standing.published, standing.draft, standing.scheduled) == (first, draft, None)
    with pytest.raises(DraftChanged):
        take_back(ScriptVersion, version_id=first.pk, by=TEST, at=NOW)


def test_going_back_makes_a_new_version_and_keeps_the_draft() -> None:
    first = published(ONE)
    second = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    edit_script(version_id=second.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    publish_script(version_id=second.pk, revision=1, reason="more", by=TEST, at=NOW)
    third = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    back = go_back_to(ScriptVersion, version_id=first.pk, reason="too long", by=TEST, at=NOW)
    assert (back.number, back.body, back.reason) == (4, first.body, "too long")
    assert standing_of(ScriptVersion, first.script_id).draft == third
    assert find_version("") == back
    with pytest.raises(NothingToGoBackTo):
        go_back_to(ScriptVersion, version_id=back.pk, reason="x", by=TEST, at=NOW)


def test_what_was_published_is_never_changed() -> None:
    version = published(ONE)
    for change in ("UPDATE desk_scriptversion SET body = '{}'", "DELETE FROM desk_scriptversion"):
        with (
            pytest.raises(DatabaseError, match="not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{change} WHERE id = %s", [version.pk])
    version.refresh_from_db()
    assert version.body == ONE


def test_there_is_one_script_for_the_same_calls() -> None:
    script_of_steps(ONE)
    with pytest.raises(ScriptTaken):
        add_script(code="other", name="Other", script=ScriptDoc(()), by=TEST, at=NOW)


# --- which script ------------------------------------------------------------------------------


def test_the_script_of_a_site_comes_before_the_general_one(shipped: None) -> None:
    site = LocationFactory.create()
    late = CallType.objects.get(code="late")
    made = add_script(
        code="late-here",
        name="Late here",
        call_type=late,
        location=site,
        script=read_script(ONE),
        by=TEST,
        at=NOW,
    )
    draft = made.versions.get()
    publish_script(version_id=draft.pk, revision=0, reason="here", by=TEST, at=NOW)
    assert find_version("late", location_id=site.pk) == draft
    general = find_version("late")
    assert general is not None
    assert general.script.code == "late"


# --- in a contact ------------------------------------------------------------------------------


@pytest.fixture
def contact(cast: Cast, shipped: None) -> Interaction:
    """A call about being late, of a patient who is known."""
    by = Actor.user(cast.agent)
    made = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    identify_contact(contact_id=made.pk, patient=cast.patient, by=by, at=NOW)
    return give_reason(
        contact_id=made.pk,
        reason="stuck in traffic",
        call_type="late",
        need="Running late",
        acuity=Acuity.ROUTINE,
        by=by,
        at=NOW,
    )


def answer(contact: Interaction, key: str, said: str = "") -> None:
    answer_step(contact=contact, key=key, said=said, is_verified=True, by=TEST, at=NOW)


def test_a_contact_is_led_through_its_script(contact: Interaction) -> None:
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    assert flow.now is not None
    assert flow.now.step.key == "how-late"
    with pytest.raises(RequiredStepsMissing):
        flow.check_may_leave()
    answer(contact, "how-late", "30")
    with pytest.raises(StepGone):
        answer(contact, "new-time")
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    assert flow.now is not None
    assert flow.now.step.key == "tell-clinic"
    skip_step(
        contact=contact,
        key="tell-clinic",
        reason="Their line is busy",
        is_verified=True,
        by=TEST,
        at=NOW,
    )
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    flow.check_may_leave()
    skipped = AuditEntry.objects.get(verb="desk.script.step-skipped")
    assert (skipped.reason, skipped.detail["step"]) == ("Their line is busy", "tell-clinic")
    assert InteractionStep.objects.filter(code="skip:script:late:tell-clinic").exists()


def test_what_was_done_on_the_screen_ticks_its_step(contact: Interaction) -> None:
    answer(contact, "how-late", "15")
    InteractionStep.objects.create(interaction=contact, kind=StepKind.TASK, at=NOW)
    flow = find_flow(contact, is_verified=True, at=NOW)
    assert flow is not None
    told = flow.find("tell-clinic")
    assert told is not None
    assert told.state is StepState.DONE


def test_refuses_what_is_no_answer_and_a_skip_without_a_reason(contact: Interaction) -> None:
    with pytest.raises(UnknownAnswer):
        answer(contact, "how-late", "an hour")
    with pytest.raises(ReasonMissing):
        skip_step(contact=contact, key="how-late", reason=" ", is_verified=True, by=TEST, at=NOW)
    assert not contact.answers.exists()


def test_nothing_of_the_patient_is_said_before_they_are_verified(cast: Cast, shipped: None) -> None:
    by = Actor.user(cast.agent)
    opened = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    made = identify_contact(contact_id=opened.pk, patient=cast.patient, by=by, at=NOW)
    made.call_type = "cancel"
    before = find_flow(made, is_verified=False, at=NOW)
    after = find_flow(made, is_verified=True, at=NOW)
    assert before is not None
    assert after is not None
    assert not {name for name in before.facts.known if name.startswith(("patient.", "visit."))}
    assert (before.facts.age, before.facts.sex) == (None, "")
    assert after.facts.sex == cast.patient.sex


# --- articles ----------------------------------------------------------------------------------


def test_an_article_shows_where_it_holds(shipped: None) -> None:
    version = parking()
    here, there = LocationFactory.create(), LocationFactory.create()
    assert articles_for(ArticleFacts()) == (version,)
    place_article(
        article_id=version.article_id,
        language="en",
        specialty="",
        lines=[],
        locations=[here],
        call_types=[CallType.objects.get(code="directions")],
        by=TEST,
        at=NOW,
    )
    assert articles_for(ArticleFacts(call_type="directions", location_id=here.pk)) == (version,)
    assert not articles_for(ArticleFacts(call_type="directions", location_id=there.pk))
    assert not articles_for(ArticleFacts(call_type="bill", location_id=here.pk))


def test_one_vote_for_each_person_and_use_once_a_day(cast: Cast) -> None:
    version = parking()
    vote(version_id=version.pk, user=cast.agent, was_useful=False, note="Which door?", at=NOW)
    vote(version_id=version.pk, user=cast.agent, was_useful=True, at=NOW)
    assert list(ArticleVote.objects.values_list("was_useful", "note")) == [(True, "")]
    for at in (NOW, NOW, NOW + DAY):
        note_use(version=version, user=cast.agent, at=at)
    assert ArticleUse.objects.count() == 2


def test_an_empty_article_is_not_published() -> None:
    made = add_article(code="empty", title="Empty", words=(), body=" ", by=TEST, at=NOW)
    draft = made.versions.get()
    with pytest.raises(VersionHasProblems):
        publish_article(version_id=draft.pk, revision=0, reason="x", by=TEST, at=NOW)
    assert find_article("empty") is None


def test_a_draft_is_found_by_nobody() -> None:
    version = parking()
    draft = start_draft(ArticleVersion, document_id=version.article_id, by=TEST, at=NOW)
    write_article(
        version_id=draft.pk, revision=0, title="Elsewhere", words=(), body="No.", by=TEST, at=NOW
    )
    found = find_article("parking")
    assert found is not None
    assert found.title == "Where to park"
    assert Article.objects.get().versions.count() == 2


# --- how an article reads --------------------------------------------------------------------


def test_reads_blocks() -> None:
    kinds = [block.kind for block in read("# A\n\nb\nb\n\n- c\n- d\n1. e\n> f\n## G")]
    assert kinds == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.BULLETS,
        BlockKind.NUMBERS,
        BlockKind.NOTE,
        BlockKind.SUBHEADING,
    ]


def test_an_indented_line_goes_on_with_its_item() -> None:
    (block,) = read("- take the exit\n  then turn left\n- park")
    assert [line[0].text for line in block.lines] == ["take the exit then turn left", "park"]
    assert [block.kind for block in read("- a\nb")] == [BlockKind.BULLETS, BlockKind.PARAGRAPH]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("**b**", Mark.STRONG),
        ("*b*", Mark.EM),
        ("[b](https://example.org/a)", Mark.LINK),
        ("[b](/trees/)", Mark.LINK),
        ("[b](javascript:alert(1))", Mark.PLAIN),
        ("[b](//evil.example)", Mark.PLAIN),
        ("<script>", Mark.PLAIN),
    ],
)
def test_marks_what_is_marked_and_nothing_that_runs(text: str, mark: Mark) -> None:
    assert read_line(text)[0].mark is mark


def test_searches_without_accents_and_marks() -> None:
    assert plain("# Dónde\n**aparcar**") == "donde aparcar"


# --- sign-offs and training ------------------------------------------------------------------


def test_a_gated_call_is_closed_alone_only_after_a_sign_off(cast: Cast, shipped: None) -> None:
    threat = CallType.objects.get(code="threat")
    with pytest.raises(NotSignedOff, match="Threat"):
        check_signed_off(cast.agent, "threat")
    assert is_signed_off(cast.agent, "book")
    assert is_signed_off(cast.manager, "threat")
    by = Actor.user(cast.manager)
    made = sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    assert made is not None
    assert made.version == find_version("threat")
    assert is_signed_off(cast.agent, "threat")
    again = sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    assert again is None


@pytest.mark.parametrize("asks", [True, False])
def test_a_new_script_asks_for_a_new_sign_off_unless_a_word_was_mended(
    cast: Cast, shipped: None, asks: bool
) -> None:
    threat, by = CallType.objects.get(code="threat"), Actor.user(cast.manager)
    sign_off(user=cast.agent, call_type=threat, supervisor=cast.manager, by=by, at=NOW)
    present = find_version("threat")
    assert present is not None
    draft = start_draft(ScriptVersion, document_id=present.script_id, by=by, at=NOW)
    publish_script(version_id=draft.pk, revision=0, reason="x", asks_sign_off=asks, by=by, at=NOW)
    assert is_signed_off(cast.agent, "threat") is not asks


def test_nobody_signs_off_who_may_not(cast: Cast, shipped: None) -> None:
    threat, by = CallType.objects.get(code="threat"), Actor.user(cast.agent)
    for user, supervisor in ((cast.manager, cast.manager), (cast.agent, cast.nurse)):
        with pytest.raises(MayNotSignOff):
            sign_off(user=user, call_type=threat, supervisor=supervisor, by=by, at=NOW)
    assert not is_signed_off(cast.agent, "threat")


def test_training_is_on_made_up_patients_and_sends_nothing(cast: Cast, shipped: None) -> None:
    by, late = Actor.user(cast.agent), CallType.objects.get(code="late")
    PatientFactory.create()
    one = start_training(user=cast.agent, call_type=late, by=by, at=NOW)
    two = start_training(user=cast.agent, call_type=late, language="es", by=by, at=NOW)
    assert one.is_training
    assert two.is_training
    assert one.patient is not None
    assert one.patient.family_name == "Practice"
    assert two.patient is not None
    assert two.patient.language == "es"
    assert start_training(user=cast.agent, call_type=late, by=by, at=NOW).patient == one.patient
    assert Patient.objects.filter(identifiers__system="firstcall:training").count() == 2
    assert not Message.objects.exists()
    assert not EhrWrite.objects.exists()
