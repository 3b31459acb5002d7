"""What Firstcall comes with: whole, in both languages, and meant by what callers say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import call_command

from crm.engine.models import Event
from crm.states import Speaker
from desk.actions.call_types import add_call_type
from desk.actions.shipping import add_demo_articles, add_shipped
from desk.models import Article, CallType, ScriptVersion
from desk.queries.articles import ArticleFacts, articles_for, search_articles
from desk.queries.call_types import call_types_for, match_call_type
from desk.queries.scripts import find_version
from desk.rules.reasons import rank_reasons
from desk.rules.scripts import find_problems, places_of, read_script
from desk.rules.scripts.shape import SOURCES
from desk.rules.writing import plain
from desk.shipped.articles import ARTICLES
from desk.shipped.call_types import CALL_TYPES
from desk.shipped.scripts import SCRIPTS
from desk.states import Proof, VersionStatus
from tests.cast import Cast
from tests.factories import NOW, TEST, LocationFactory

KINDS = {row.code: row for row in CALL_TYPES}
WORDS = {row.code: [row.terms.name, *row.terms.words] for row in CALL_TYPES}
#: Those that the product promises.
PROMISED = {
    *("book", "move", "cancel", "late", "results", "refill", "plan", "directions", "bill"),
    *("pharmacy", "clinician", "critical-result", "facility", "transport", "records", "billing"),
    *("grievance", "police", "threat"),
}


# --- the documents -----------------------------------------------------------------------


@pytest.mark.parametrize(("code", "_name", "_kind", "steps"), SCRIPTS, ids=[s[0] for s in SCRIPTS])
def test_every_script_can_be_published(
    code: str, _name: str, _kind: str, steps: list[dict[str, object]]
) -> None:
    assert not find_problems(read_script({"steps": steps}))


def test_every_kind_of_call_has_a_script_and_a_way_to_end() -> None:
    assert set(KINDS) >= PROMISED
    assert {kind for _, _, kind, _ in SCRIPTS} == {"", *KINDS}
    for row in CALL_TYPES:
        codes = [each.code for each in row.terms.exits]
        assert codes
        assert len(set(codes)) == len(codes)


def test_nothing_of_a_patient_stands_on_a_machine() -> None:
    said = {place for row in CALL_TYPES for place in places_of(row.terms.voicemail)}
    assert said == {
        *("agent.name", "patient.given_name", "organization.name", "organization.phone"),
    }
    assert said <= SOURCES.keys()
    for row in CALL_TYPES:
        assert row.terms.may_leave_voicemail == bool(row.terms.voicemail)
        assert bool(row.terms.voicemail) == bool(row.terms.voicemail_es)


def test_police_and_threats_are_told_nothing_and_need_a_sign_off() -> None:
    for code in ("police", "threat"):
        assert KINDS[code].terms.proof is Proof.NOTHING_SAID
    gated = {code for code, row in KINDS.items() if row.terms.needs_sign_off}
    assert gated == {"critical-result", "grievance", "police", "threat"}


def test_a_critical_result_is_read_back_with_name_and_time() -> None:
    (steps,) = [steps for code, _, _, steps in SCRIPTS if code == "critical-result"]
    required = {step["key"] for step in steps if step.get("required")}
    assert required >= {"connect", "exact-result", "read-back", "who-and-when"}


# --- what callers say ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("my knee is stif again, I want the same docter I saw in January", "book"),
        ("I need an apointment", "book"),
        ("I'd like to see Dr. Park again", "book"),
        ("I need a physical", "book"),
        ("quiero hacer una cita con la doctora", "book"),
        ("I have to reshedule my appointment", "move"),
        ("can I move my appointment to another day", "move"),
        ("quiero cambiar mi cita para otro día", "move"),
        ("please cancel my appointment", "cancel"),
        ("quisiera cancelar la cita", "cancel"),
        ("I am running late, there is traffic", "late"),
        ("voy a llegar tarde", "late"),
        ("are my lab resuts in yet", "results"),
        ("ya están los resultados del laboratorio", "results"),
        ("I need a refil of my medicine", "refill"),
        ("se me acabó la medicina", "refill"),
        ("what is the next step of my treatment plan", "plan"),
        ("where do I park", "directions"),
        ("¿dónde está el estacionamiento?", "directions"),
        ("a question about my bill", "bill"),
        ("can I speak to a nurse", "nurse"),
        ("this is Walgreens pharmacy, about a prescription", "pharmacy"),
        ("I have a critical lab value", "critical-result"),
        ("patient is being discharged from the nursing home", "facility"),
        ("the ride did not come, I am the driver", "transport"),
        ("I want a copy of my medical records", "records"),
        ("calling about a claim", "billing"),
        ("I want to file a complaint, he was rude", "grievance"),
        ("officer with a subpoena", "police"),
        ("there is a bomb in the building", "threat"),
        ("tengo una pistola", "threat"),
    ],
)
def test_finds_the_kind_of_call(said: str, code: str) -> None:
    ranked = rank_reasons(said, WORDS)
    assert ranked[:1] == (code,), ranked


def test_says_one_alone_only_where_it_is_plain() -> None:
    assert rank_reasons("cancel or move my appointment", WORDS)[1:]
    assert rank_reasons("cancel my appointment", WORDS) == ("cancel",)
    assert rank_reasons("good morning", WORDS) == ()


# --- adding it -----------------------------------------------------------------------------


@pytest.fixture
def shipped(db: None) -> None:
    add_shipped(at=NOW)


@pytest.mark.django_db
def test_adds_what_is_missing_and_leaves_alone_what_managers_have() -> None:
    ours = replace(KINDS["late"].terms, name="Stuck in traffic")
    add_call_type(code="late", terms=ours, by=TEST, at=NOW)
    added = {"kinds of call": len(CALL_TYPES) - 1, "scripts": len(SCRIPTS), "scripts renewed": 0}
    assert add_shipped(at=NOW) == added
    assert not any(add_shipped(at=NOW).values())
    assert CallType.objects.get(code="late").name == "Stuck in traffic"
    assert Event.objects.filter(name="desk.script-published").count() == len(SCRIPTS)
    assert not ScriptVersion.objects.exclude(status=VersionStatus.PUBLISHED).exists()


@pytest.mark.django_db
def test_the_command_says_what_it_added_and_then_nothing(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_desk")
    assert f"{len(SCRIPTS)} scripts" in capsys.readouterr().out
    call_command("load_desk")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_the_kind_that_a_key_stands_for_comes_first(shipped: None) -> None:
    codes = [row.code for row in call_types_for(None)]
    assert codes[:3] == ["book", "move", "cancel"]
    assert [row.code for row in match_call_type("reshedule")] == ["move"]
    assert Speaker.PHARMACY in CallType.objects.get(code="pharmacy").speakers


@pytest.mark.django_db
def test_the_general_script_serves_every_line(shipped: None) -> None:
    version = find_version("late")
    assert isinstance(version, ScriptVersion)
    assert version.script.code == "late"
    assert find_version("") is not None
    assert find_version("nothing-like-it") is None


@pytest.mark.django_db
def test_the_articles_of_the_demo_are_found(shipped: None) -> None:
    phoenix = LocationFactory.create(short_name="Phoenix")
    tucson = LocationFactory.create(short_name="Tucson")
    assert add_demo_articles(at=NOW) == len(ARTICLES)
    assert add_demo_articles(at=NOW) == 0
    assert Article.objects.count() == len(ARTICLES)

    def codes(**facts: object) -> list[str]:
        return [v.article.code for v in articles_for(ArticleFacts(**facts))]  # type: ignore[arg-type]

    assert codes(call_type="directions", location_id=phoenix.pk)[0] == "way-phoenix"
    assert "way-phoenix" not in codes(call_type="directions", location_id=tucson.pk)
    assert "camino-phoenix" not in codes(call_type="directions", location_id=phoenix.pk)
    assert "camino-phoenix" in codes(call_type="directions", location_id=phoenix.pk, language="es")
    assert "refill-policy" in codes(call_type="refill")
    assert "mri-preparation" not in codes(call_type="refill")

    found = [v.article.code for v in search_articles("parking")]
    assert "way-phoenix" in found
    assert [v.article.code for v in search_articles("mri prepar")] == ["mri-preparation"]
    assert "way-tucson" in [v.article.code for v in search_articles("parkign")]
    assert "interpreter" in [v.article.code for v in search_articles("intérprete")]
    assert "interpreter" in [v.article.code for v in search_articles("interprete")]
    assert search_articles("  & | !") == ()


@pytest.mark.parametrize("article", ARTICLES, ids=[each.code for each in ARTICLES])
def test_articles_are_readable(article: object) -> None:
    body = str(getattr(article, "body", ""))
    assert len(plain(body)) > 200
    assert "**" not in plain(body)
