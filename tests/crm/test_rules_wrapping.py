"""The note is what was done, in plain sentences, and nothing else."""

from __future__ import annotations

import pytest

from crm.rules.wrapping import (
    DISPOSITIONS,
    Disposition,
    Done,
    Facts,
    Said,
    Words,
    write_note,
)
from crm.states import Acuity, Channel, IdentifierKind, Speaker, StepKind

TWO = (IdentifierKind.BIRTH_DATE, IdentifierKind.POSTAL_CODE)
VISIT = "Tue Dec 1, 9:40 AM, Dr. Lena Park, Northgate"


def told(step: Done) -> Words:
    """What the floor above knows of visits and answers."""
    return Words({StepKind.BOOK: VISIT, StepKind.TELL: "lab status, vitamin D"}.get(step.kind, ""))


def asked(key: str) -> str:
    return {"late:minutes": "How late will you be?"}.get(key, "")


def test_writes_a_simple_booking_whole() -> None:
    steps = [Done(StepKind.VERIFY, "passed"), Done(StepKind.LOOK, "visits"), Done(StepKind.BOOK)]
    facts = Facts(verified_by=TWO, reason="the same doctor as in January", acuity=Acuity.ROUTINE)
    note = write_note(steps, (), facts, describe=told)
    assert note.disposition is Disposition.BOOKED
    assert note.text == (
        "Call with the patient. Verified by birth date and ZIP code.\n"
        "Reason: “the same doctor as in January”\n"
        f"Booked: {VISIT}."
    )


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (Facts(), "Call with the patient. Not verified."),
        (
            Facts(channel=Channel.SMS, verified_by=(*TWO, IdentifierKind.PHONE)),
            "Text messages with the patient. Verified by birth date, ZIP code and phone on record.",
        ),
        (
            Facts(speaker=Speaker.PROXY, proxy="Luis, parent", verified_by=TWO),
            "Call with Luis, parent. Verified by birth date and ZIP code.",
        ),
        (Facts(speaker=Speaker.PHARMACY), "Call with a pharmacy. Not verified."),
    ],
)
def test_says_who_it_was_and_how_they_were_verified(facts: Facts, line: str) -> None:
    assert write_note([], (), facts).lines == (line,)


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Done(StepKind.BOOK), f"Booked: {VISIT}."),
        (Done(StepKind.MOVE), "Moved a visit."),
        (Done(StepKind.CANCEL), "Cancelled a visit."),
        (Done(StepKind.UPDATE, "phone"), "Updated the record."),
        (Done(StepKind.TELL, "labs"), "Told: lab status, vitamin D."),
        (Done(StepKind.INTERPRETER), "With an interpreter."),
        (Done(StepKind.TASK), "Task made."),
    ],
)
def test_one_sentence_for_each_thing_done(step: Done, line: str) -> None:
    assert write_note([step, step], describe=told).lines[1:] == (line,)


@pytest.mark.parametrize(
    "kind",
    [StepKind.RING, StepKind.LOOK, StepKind.SEARCH, StepKind.HOLD_SLOT, StepKind.CALL_HOLD],
)
def test_what_changed_nothing_is_left_out(kind: StepKind) -> None:
    assert len(write_note([Done(kind, "labs")], describe=told).lines) == 1


def test_never_says_booked_before_the_ehr_does() -> None:
    note = write_note([Done(StepKind.BOOK)], describe=lambda _: Words(VISIT, is_confirmed=False))
    assert note.disposition is Disposition.REQUESTED
    assert note.lines[1] == f"Requested, not confirmed yet: {VISIT}."
    assert "Booked" not in note.text


def test_asks_above_for_the_words_of_a_question_and_leaves_out_what_has_none() -> None:
    answers = [Said("late:minutes", "15"), Said("internal", "x"), Said("late:minutes", " ")]
    assert write_note([], answers, ask=asked).lines[1:] == ("How late will you be: 15",)


def test_a_red_flag_and_who_took_it() -> None:
    asked = [("Ana Ruiz", "Is the calf pain all right?")]
    facts = Facts(acuity=Acuity.NURSE_NOW, handed_to=asked, to_clinician=True)
    note = write_note([Done(StepKind.SAFETY)], (), facts)
    assert note.disposition is Disposition.HANDED_OVER
    assert note.lines[1:] == (
        "Safety check: nurse now.",
        "Handed to Ana Ruiz: “Is the calf pain all right?”",
    )


@pytest.mark.parametrize(
    ("kinds", "facts", "found"),
    [
        ([StepKind.CANCEL, StepKind.BOOK], Facts(), Disposition.BOOKED),
        ([StepKind.TELL, StepKind.MOVE], Facts(), Disposition.MOVED),
        ([StepKind.UPDATE, StepKind.TASK], Facts(), Disposition.PASSED_ON),
        ([StepKind.BOOK], Facts(acuity=Acuity.EMERGENCY), Disposition.EMERGENCY),
        ([StepKind.LOOK], Facts(verified_by=TWO), Disposition.TOLD),
        ([StepKind.LOOK], Facts(), Disposition.OTHER),
        ([StepKind.TELL], Facts(to_clinician=True), Disposition.HANDED_OVER),
        ([StepKind.BOOK], Facts(to_clinician=True), Disposition.BOOKED),
        ([StepKind.TELL], Facts(handed_to=[("Kim", "?")]), Disposition.TOLD),
        ([], Facts(), Disposition.OTHER),
    ],
)
def test_proposes_what_weighs_most(kinds: list[StepKind], facts: Facts, found: Disposition) -> None:
    assert write_note([Done(kind) for kind in kinds], (), facts).disposition is found


def test_what_was_booked_and_given_up_again_was_not_booked() -> None:
    booked = Done(StepKind.BOOK, subject_type="visit", subject_id=1)
    given_up = Done(StepKind.CANCEL, subject_type="visit", subject_id=1)
    unsure = lambda _: Words(VISIT, is_confirmed=False)  # noqa: E731
    assert write_note([booked, given_up], describe=unsure).disposition is Disposition.CANCELLED
    other = Done(StepKind.CANCEL, subject_type="visit", subject_id=2)
    assert write_note([other, booked]).disposition is Disposition.BOOKED


class TestWhatWasMovedInIt:
    """A move is about the visit that takes the place of another one."""

    booked = Done(StepKind.BOOK, subject_type="visit", subject_id=1)
    moved = Done(StepKind.MOVE, subject_type="visit", subject_id=2, detail={"gives_up": 1})
    given_up = Done(StepKind.CANCEL, subject_type="visit", subject_id=2)

    def test_and_given_up_was_cancelled(self) -> None:
        assert write_note([self.moved, self.given_up]).disposition is Disposition.CANCELLED

    def test_and_booked_before_and_given_up_was_cancelled(self) -> None:
        steps = [self.booked, self.moved, self.given_up]
        assert write_note(steps).disposition is Disposition.CANCELLED

    def test_and_booked_before_is_booked_as_it_stands_now(self) -> None:
        def confirmed(step: Done) -> Words:
            return Words(VISIT, is_confirmed=step.subject_id == 2)

        steps = [self.booked, self.moved]
        assert write_note(steps, describe=confirmed).disposition is Disposition.BOOKED


def test_nobody_who_could_not_be_verified_was_told_anything() -> None:
    failed = [Done(StepKind.VERIFY, "failed")]
    assert write_note(failed).disposition is Disposition.NOT_VERIFIED
    assert write_note(failed, (), Facts(verified_by=TWO)).disposition is Disposition.OTHER


def test_every_disposition_has_its_words() -> None:
    assert set(DISPOSITIONS) == set(Disposition)
