"""Scripts, pure: what comes up, what stands where, and what may not be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules.scripts import (
    DID,
    SKIP,
    ConditionUnreadable,
    EditRefused,
    Fact,
    OneOf,
    RequiredStepsMissing,
    ScriptDoc,
    ScriptFacts,
    ScriptStep,
    ScriptUnreadable,
    Span,
    StepNow,
    UnknownAnswer,
    check_may_leave,
    compare,
    find_now,
    find_problems,
    move_step,
    new_key,
    put_in,
    put_step,
    read_answer,
    read_holds,
    read_script,
    remove_step,
    say_holds,
    steps_now,
    write_script,
)
from desk.states import StepDo, StepState

LATE: dict[str, Any] = {
    "steps": [
        {
            "key": "thanks",
            "kind": "say",
            "words": "Thank you for letting us know, {patient.given_name}.",
            "words_es": "Gracias por avisarnos, {patient.given_name}.",
        },
        {
            "key": "how-late",
            "kind": "ask",
            "words": "How many minutes late will you be?",
            "words_es": "¿Cuántos minutos tarde va a llegar?",
            "fills": "late-minutes",
            "required": True,
            "options": [
                {"key": "some", "words": "Up to 15", "words_es": "Hasta 15"},
                {"key": "many", "words": "More than 15", "words_es": "Más de 15"},
            ],
        },
        {
            "key": "phone",
            "kind": "ask",
            "words": "Which number reaches you?",
            "words_es": "¿En qué número la encontramos?",
            "fills": "callback-phone",
            "source": "patient.phone",
        },
        {
            "key": "guardian",
            "kind": "check",
            "words": "A parent or guardian comes along.",
            "required": True,
            "when": [{"about": "age", "from": None, "below": 18}],
        },
        {
            "key": "move",
            "kind": "act",
            "words": "Move the visit.",
            "act": "move",
            "when": [{"about": "answer:late-minutes", "is": ["many"]}],
        },
        {
            "key": "bye",
            "kind": "say",
            "words": "Drive safely.",
            "words_es": "Maneje con cuidado.",
        },
    ]
}
ADULT = ScriptFacts(age=40, language="en", known={"patient.given_name": "Rosa"})


def stand(facts: ScriptFacts = ADULT, **answers: str) -> dict[str, StepNow]:
    said = {key.replace("_", "-"): value for key, value in answers.items()}
    return {each.step.key: each for each in steps_now(read_script(LATE), facts, said)}


def states(facts: ScriptFacts = ADULT, **answers: str) -> dict[str, str]:
    return {key: each.state.value for key, each in stand(facts, **answers).items()}


# --- walking ---------------------------------------------------------------------------


def test_one_thing_is_to_do_and_what_is_said_before_it_goes_with_it() -> None:
    assert states() == {
        "thanks": "now",
        "how-late": "now",
        "phone": "later",
        "move": "later",
        "bye": "later",
    }


def test_a_step_whose_condition_is_not_met_does_not_come_up() -> None:
    assert "move" not in states(late_minutes="some")
    assert "guardian" not in states()
    assert states(replace(ADULT, age=9))["guardian"] == "later"


def test_what_is_not_known_yet_comes_later_and_does_not_hold_anybody_up() -> None:
    nobody = stand(replace(ADULT, age=None), late_minutes="some", callback_phone="x")
    assert nobody["guardian"].state is StepState.LATER
    assert not nobody["guardian"].is_sure
    assert find_now(tuple(nobody.values())) is None
    check_may_leave(read_script(LATE), replace(ADULT, age=None), {"late-minutes": "some"})


def test_what_is_known_is_not_asked_again() -> None:
    known = replace(ADULT, known={"patient.phone": "(602) 555-0148"})
    phone = stand(known, late_minutes="some")["phone"]
    assert (phone.state, phone.value, phone.was_known) == (StepState.DONE, "(602) 555-0148", True)
    assert states(known, late_minutes="some")["bye"] == "now"


def test_an_answer_of_this_contact_counts_before_the_record() -> None:
    known = replace(ADULT, known={"patient.phone": "(602) 555-0148"})
    phone = stand(known, callback_phone="(480) 555-0100")["phone"]
    assert (phone.value, phone.was_known) == ("(480) 555-0100", False)


def test_a_known_value_that_is_none_of_the_answers_is_asked() -> None:
    step = read_script(LATE).steps[1]
    script = ScriptDoc((replace(step, source="patient.interpreter"),))
    known = ScriptFacts(known={"patient.interpreter": "perhaps"})
    assert steps_now(script, known, {})[0].state is StepState.NOW
    known = ScriptFacts(known={"patient.interpreter": "many"})
    assert steps_now(script, known, {})[0].value == "More than 15"


def test_an_answer_shows_in_its_words() -> None:
    assert stand(late_minutes="some")["how-late"].value == "Up to 15"


def test_a_step_is_done_when_the_thing_was_done() -> None:
    moved = replace(ADULT, done=frozenset({"move", "move:visit"}))
    assert states(moved, late_minutes="many")["move"] == "done"


def test_what_may_be_left_out_is_passed_over_and_what_must_be_done_is_not() -> None:
    assert states(callback_phone="x")["how-late"] == "now"
    gone_on = replace(ADULT, done=frozenset({"move"}))
    assert states(gone_on, late_minutes="many") == {
        "thanks": "done",
        "how-late": "done",
        "phone": "passed",
        "move": "done",
        "bye": "now",
    }
    assert stand(gone_on, late_minutes="many")["phone"].is_open


def test_a_skipped_step_stays_with_its_reason() -> None:
    script, answers = read_script(LATE), {f"{SKIP}late-minutes": "Line dropped"}
    skipped = steps_now(script, ADULT, answers)[1]
    assert (skipped.state, skipped.reason) == (StepState.SKIPPED, "Line dropped")
    check_may_leave(script, ADULT, answers)


def test_required_steps_cannot_be_left_out_silently() -> None:
    with pytest.raises(RequiredStepsMissing, match="How many minutes late") as refused:
        check_may_leave(read_script(LATE), replace(ADULT, age=9), {})
    assert [each.step.key for each in refused.value.steps] == ["how-late", "guardian"]


def test_a_required_sentence_is_ticked_by_itself() -> None:
    read_back = ScriptStep(key="back", kind=StepDo.SAY, words="Read it back", required=True)
    (now,) = steps_now(ScriptDoc((read_back,)), ADULT, {})
    assert now.state is StepState.NOW
    (done,) = steps_now(ScriptDoc((read_back,)), ADULT, {"back": DID})
    assert done.state is StepState.DONE


def test_speaks_the_language_of_the_contact() -> None:
    spanish = stand(replace(ADULT, language="es"))
    assert spanish["thanks"].words == "Gracias por avisarnos, Rosa."
    assert spanish["move"].words == "Move the visit."


def test_leaves_a_gap_where_nothing_is_known() -> None:
    assert put_in("Hello {patient.given_name}.", {}) == "Hello …."


@pytest.mark.parametrize(("said", "kept"), [("some", "some"), (" many ", "many")])
def test_takes_an_answer_that_is_one(said: str, kept: str) -> None:
    assert read_answer(read_script(LATE).steps[1], said) == kept


def test_refuses_an_answer_that_is_none() -> None:
    with pytest.raises(UnknownAnswer, match="no such answer"):
        read_answer(read_script(LATE).steps[1], "perhaps")
    with pytest.raises(UnknownAnswer, match="Write the answer down"):
        read_answer(read_script(LATE).steps[2], "  ")


steps_of = st.lists(
    st.builds(
        ScriptStep,
        key=st.sampled_from("abcdefgh"),
        kind=st.sampled_from(StepDo),
        words=st.just("words"),
        required=st.booleans(),
        when=st.lists(
            st.builds(
                lambda key, value: (
                    read_script(
                        {
                            "steps": [
                                {
                                    "key": "x",
                                    "kind": "say",
                                    "when": [{"about": f"answer:{key}", "is": [value]}],
                                }
                            ]
                        }
                    )
                    .steps[0]
                    .when[0]
                ),
                st.sampled_from("abcdefgh"),
                st.sampled_from([DID, "no"]),
            ),
            max_size=2,
        ).map(tuple),
    ),
    max_size=8,
    unique_by=lambda step: step.key,
)
answers_of = st.dictionaries(
    st.sampled_from([*"abcdefgh", "skip:a", "skip:b"]), st.sampled_from([DID, "no"])
)


@given(steps_of, answers_of)
def test_always_one_thing_to_do_and_leaving_agrees_with_it(
    steps: list[ScriptStep], answers: dict[str, str]
) -> None:
    script = ScriptDoc(tuple(steps))
    found = steps_now(script, ADULT, answers)
    active = [each for each in found if not each.step.is_passive]
    ahead = [each for each in active if each.state in {StepState.NOW, StepState.LATER}]
    assert sum(each.state is StepState.NOW for each in active) == int(
        any(each.is_sure for each in ahead)
    )
    missing = [each for each in active if each.step.required and each.is_open and each.is_sure]
    assert list(stopped_by(script, answers)) == missing


def stopped_by(script: ScriptDoc, answers: dict[str, str]) -> tuple[StepNow, ...]:
    try:
        check_may_leave(script, ADULT, answers)
    except RequiredStepsMissing as refused:
        return refused.steps
    return ()


@given(steps_of)
def test_answering_what_comes_next_leads_to_the_end(steps: list[ScriptStep]) -> None:
    script, answers = ScriptDoc(tuple(steps)), dict[str, str]()
    for _ in range(len(steps) + 1):
        now = find_now(steps_now(script, ADULT, answers))
        if now is None:
            break
        answers[now.step.answer_key] = DID
    check_may_leave(script, ADULT, answers)
    assert find_now(steps_now(script, ADULT, answers)) is None


# --- documents -------------------------------------------------------------------------


def test_reads_what_it_wrote() -> None:
    script = read_script(LATE)
    assert read_script(write_script(script)) == script
    assert not find_problems(script)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "sing"}, "its kind must be"),
        ({"key": "Not a key"}, "cannot be a key"),
        ({"words": "x" * 601}, "at most 600 characters"),
        ({"when": [{"about": "moon", "is": ["full"]}]}, "cannot be about"),
        ({"when": [{"about": "age", "is": ["old"], "from": "x"}]}, "whole numbers"),
        ({"when": [{"about": "sex"}]}, "list of words"),
        ({"options": "many"}, "must be a list"),
        ({"act": "Sing!"}, "nothing that can be done"),
    ],
)
def test_refuses_what_is_no_script(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScriptUnreadable, match=sentence):
        read_script({"steps": [{"key": "a", "kind": "say", "words": "Hello"} | change]})


def test_two_steps_with_one_key_are_refused() -> None:
    with pytest.raises(ScriptUnreadable, match="same key"):
        read_script({"steps": [{"key": "a", "kind": "say"}, {"key": "a", "kind": "say"}]})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"words": ""}, "Write what is said"),
        ({"words_es": ""}, "in Spanish, too"),
        ({"options": [{"key": "a", "words": "A", "words_es": "A"}]}, "at least two"),
        ({"kind": "check"}, "Only a question has answers"),
        ({"kind": "act", "options": []}, "Choose what is done here"),
        ({"act": "sing"}, "from the list"),
        ({"source": "patient.shoe"}, "nothing that the desk knows"),
        ({"words": "Hello {patient.shoe}"}, "Nobody knows what stands for"),
        ({"when": [{"about": "answer:nothing", "is": ["a"]}]}, "No step before this one asks"),
        ({"when": [{"about": "language", "is": ["fr"]}]}, "is not one of"),
        ({"when": [{"about": "age", "from": 20, "below": 10}]}, "Nothing lies in the range"),
    ],
)
def test_says_what_stands_against_publishing(change: dict[str, Any], sentence: str) -> None:
    body = {"steps": [LATE["steps"][0], LATE["steps"][1] | change]}
    found = find_problems(read_script(body))
    assert any(sentence in problem.sentence for problem in found), found
    assert {problem.step for problem in found} == {"how-late"}


def test_a_condition_names_an_answer_that_can_be_given() -> None:
    move = LATE["steps"][4] | {"when": [{"about": "answer:late-minutes", "is": ["never"]}]}
    (problem,) = find_problems(read_script({"steps": [LATE["steps"][1], move]}))
    assert problem.sentence.startswith("“never” is no answer to “How many")


def test_a_script_without_steps_is_not_published() -> None:
    assert "no steps yet" in find_problems(ScriptDoc(()))[0].sentence


# --- conditions as they are typed ----------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "text", "condition"),
    [
        (Fact.AGE, "under 18", Span(None, 18)),
        (Fact.AGE, "18 to 64", Span(18, 65)),
        (Fact.AGE, "65 and over", Span(65, None)),
        (Fact.HOUR, "before 8", Span(None, 8)),
        (Fact.SPEAKER, "not patient, proxy", OneOf(("patient", "proxy"), is_not=True)),
        (None, "many", OneOf(("many",))),
    ],
)
def test_reads_a_condition_and_says_it_back(fact: Fact | None, text: str, condition: Any) -> None:
    assert read_holds(fact, text) == condition
    assert say_holds(fact, condition) == text


@pytest.mark.parametrize("text", ["", "old", "64 to 18", "180 and over"])
def test_refuses_an_age_that_it_cannot_read(text: str) -> None:
    with pytest.raises(ConditionUnreadable):
        read_holds(Fact.AGE, text)


# --- editing and comparing ------------------------------------------------------------


def test_puts_moves_and_takes_out_steps() -> None:
    script = read_script(LATE)
    moved = move_step(script, "bye", by=-1)
    assert [step.key for step in moved.steps][-2:] == ["bye", "move"]
    assert move_step(script, "thanks", by=-1) == script
    assert put_step(remove_step(script, "bye"), script.steps[-1]) == script
    with pytest.raises(EditRefused, match="gone"):
        remove_step(script, "nothing")


def test_names_a_new_step_by_its_first_words() -> None:
    assert new_key("¿Cuántos minutos tarde?", ()) == "cuantos-minutos-tarde"
    assert new_key("Bye", {"bye", "bye-2"}) == "bye-3"
    assert new_key("15", ()) == "step"


def test_says_what_changed() -> None:
    old = read_script(LATE)
    new = put_step(old, replace(old.steps[1], words="How late?", required=False))
    told = [
        change.sentence
        for change in compare(old, move_step(remove_step(new, "move"), "bye", by=-1))
    ]
    assert told == [
        "“How many minutes late will you be?” now reads “How late?”.",
        "“How late?” may be left out now.",
        "“Move the visit.”",
        "The steps stand in another order.",
    ]
    assert compare(old, old) == ()
