"""What may be said of a chart, and to whom: the tables, row by row."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.rules.chart import is_worth_asking, may_hear, say_freshness
from crm.rules.chart_labs import LabAct, LabAdvice, LabWord, say_of_lab
from crm.rules.chart_plan import DueAdvice, DueWord, say_of_item
from crm.rules.drugs import class_of, is_controlled
from crm.rules.refills import OnFile, RefillDecision, RefillWay, decide_refill
from crm.states import (
    Acuity,
    ChartPart,
    DrugClass,
    ItemStatus,
    MedicationStatus,
    ProxyScope,
    ReportStatus,
    ReviewOutcome,
    Sensitivity,
    Speaker,
)
from tests.factories import NOW

DAY = dt.timedelta(days=1)
TODAY = NOW.date()


def lab(**facts: Any) -> LabAdvice:
    said: dict[str, Any] = {
        "status": ReportStatus.FINAL,
        "category": "LAB",
        "collected_at": NOW - 2 * DAY,
        "reviewed_at": NOW - DAY,
        "outcome": ReviewOutcome.NONE,
        "released_at": NOW - DAY,
        "is_sensitive": False,
    }
    return say_of_lab(**said | facts, at=NOW)


class TestLabs:
    @pytest.mark.parametrize(
        ("facts", "word", "act"),
        [
            ({}, LabWord.READY, LabAct.TELL_WHERE),
            ({"outcome": ReviewOutcome.NO_ACTION}, LabWord.READY, LabAct.TELL_WHERE),
            ({"outcome": ReviewOutcome.TALK}, LabWord.TALK, LabAct.CALL_BACK),
            ({"reviewed_at": None}, LabWord.NOT_REVIEWED, LabAct.CALL_BACK),
            (
                {"reviewed_at": None, "released_at": None},
                LabWord.NOT_REVIEWED,
                LabAct.CALL_BACK,
            ),
            ({"released_at": None}, LabWord.NOT_RELEASED, LabAct.TELL_WHERE),
            ({"status": ReportStatus.CORRECTED}, LabWord.READY, LabAct.TELL_WHERE),
            ({"status": ReportStatus.REGISTERED}, LabWord.NOT_READY, LabAct.NOTHING),
            ({"status": ReportStatus.PRELIMINARY}, LabWord.NOT_READY, LabAct.NOTHING),
            (
                {"status": ReportStatus.REGISTERED, "collected_at": NOW - 6 * DAY},
                LabWord.LATE,
                LabAct.LOOK_INTO,
            ),
            (
                {
                    "status": ReportStatus.REGISTERED,
                    "collected_at": NOW - 6 * DAY,
                    "category": "PAT",
                },
                LabWord.NOT_READY,
                LabAct.NOTHING,
            ),
            ({"status": ReportStatus.CANCELLED}, LabWord.CANCELLED, LabAct.CALL_BACK),
            ({"status": ReportStatus.UNKNOWN}, LabWord.UNCLEAR, LabAct.LOOK_INTO),
            ({"is_sensitive": True}, LabWord.CONFIDENTIAL, LabAct.CALL_BACK),
        ],
    )
    def test_each_state_has_its_word_and_its_act(
        self, facts: dict[str, Any], word: LabWord, act: LabAct
    ) -> None:
        advice = lab(**facts)
        assert (advice.word, advice.act) == (word, act)

    def test_no_action_is_said_only_where_the_doctor_said_so(self) -> None:
        assert "no action" in lab(outcome=ReviewOutcome.NO_ACTION).say
        assert "no action" not in lab().say

    @pytest.mark.parametrize("released_at", [None, NOW])
    def test_what_no_doctor_has_seen_is_not_read_out(self, released_at: dt.datetime | None) -> None:
        assert "do not read it out" in lab(reviewed_at=None, released_at=released_at).say


def item(**facts: Any) -> DueAdvice:
    said: dict[str, Any] = {
        "status": ItemStatus.ACTIVE,
        "due_from_on": TODAY - 10 * DAY,
        "due_until_on": TODAY + 20 * DAY,
        "visits_planned": 1,
        "visits_done": 0,
        "next_on": None,
    }
    return say_of_item(**said | facts, on=TODAY)


class TestPlan:
    @pytest.mark.parametrize(
        ("facts", "word", "words", "may_book"),
        [
            ({}, DueWord.DUE, "due by Dec 8", True),
            ({"due_until_on": TODAY - DAY}, DueWord.OVERDUE, "was due by Nov 17", True),
            (
                {"due_from_on": TODAY + 5 * DAY},
                DueWord.LATER,
                "due from Nov 23 to Dec 8",
                True,
            ),
            (
                {"due_from_on": None, "due_until_on": TODAY + 90 * DAY},
                DueWord.LATER,
                "due by Feb 16, 2027",
                True,
            ),
            (
                {"due_from_on": None, "due_until_on": None},
                DueWord.DUE,
                "ordered, no day set",
                True,
            ),
            ({"next_on": TODAY + 9 * DAY}, DueWord.ON_TRACK, "next Nov 27", False),
            (
                {"next_on": TODAY + 9 * DAY, "visits_planned": 8, "visits_done": 5},
                DueWord.ON_TRACK,
                "5 of 8 done · next Nov 27",
                False,
            ),
            (
                {"next_on": TODAY + 30 * DAY},
                DueWord.DUE,
                "due by Dec 8; booked Dec 18, which is after that",
                True,
            ),
            (
                {"status": ItemStatus.ON_HOLD},
                DueWord.ON_HOLD,
                "on hold: the clinic decides when it goes on",
                False,
            ),
            ({"visits_planned": 3, "visits_done": 3}, DueWord.DONE, "3 of 3 done", False),
            ({"status": ItemStatus.COMPLETED}, DueWord.DONE, "done", False),
        ],
    )
    def test_says_what_is_due_and_by_when(
        self, facts: dict[str, Any], word: DueWord, words: str, may_book: bool
    ) -> None:
        assert item(**facts) == DueAdvice(word, words, may_book=may_book)


def refill(
    kind: DrugClass = DrugClass.OTHER,
    *,
    days_left: int | None = 5,
    is_controlled: bool = False,
    **on_file: Any,
) -> RefillDecision:
    said: dict[str, Any] = {
        "status": MedicationStatus.ACTIVE,
        "supply": 30,
        "last_filled_on": TODAY - 25 * DAY,
        "refills_left": 2,
    }
    return decide_refill(
        kind=kind,
        is_controlled=is_controlled,
        on_file=OnFile(**said | on_file),
        days_left=days_left,
        on=TODAY,
    )


class TestRefills:
    def test_enough_refills_and_not_too_early_goes_to_the_clinic_as_a_request(self) -> None:
        assert refill().way is RefillWay.REQUEST

    @pytest.mark.parametrize(
        "kind", [DrugClass.INSULIN, DrugClass.ANTICONVULSANT, DrugClass.ANTICOAGULANT]
    )
    @pytest.mark.parametrize(
        "more",
        [
            {"days_left": 0},
            {"days_left": 3},
            {"days_left": None},
            {"days_left": 0, "is_controlled": True},
            {"days_left": 0, "status": MedicationStatus.STOPPED},
            {"days_left": 0, "refills_left": 0},
            {"days_left": 0, "last_filled_on": TODAY - DAY},
        ],
    )
    def test_nearly_out_of_a_critical_drug_is_a_nurse_now(
        self, kind: DrugClass, more: dict[str, Any]
    ) -> None:
        decision = refill(kind, **more)
        assert decision.way is RefillWay.NURSE_NOW
        assert decision.acuity is Acuity.NURSE_NOW
        assert decision.within == dt.timedelta(0)

    def test_enough_of_a_critical_drug_is_an_ordinary_request(self) -> None:
        assert refill(DrugClass.INSULIN, days_left=4).way is RefillWay.REQUEST

    @pytest.mark.parametrize("left", [0, 5])
    def test_a_controlled_drug_goes_to_its_prescriber(self, left: int) -> None:
        decision = refill(is_controlled=True, days_left=left)
        assert decision.way is RefillWay.PRESCRIBER
        assert "cannot promise" in decision.say

    def test_an_early_one_waits_and_makes_no_task(self) -> None:
        decision = refill(last_filled_on=TODAY - 10 * DAY, days_left=20)
        assert (decision.way, decision.makes_task) == (RefillWay.TOO_EARLY, False)
        assert "from Nov 30" in decision.say  # 22 days of 30 after Nov 8

    def test_early_and_yet_out_is_for_the_clinic(self) -> None:
        decision = refill(last_filled_on=TODAY - 10 * DAY, days_left=0)
        assert decision.way is RefillWay.CLINIC
        assert decision.within < DAY

    @pytest.mark.parametrize(
        ("on_file", "way"),
        [
            ({"refills_left": 0}, RefillWay.RENEW),
            ({"refills_left": None}, RefillWay.CLINIC),
            ({"status": MedicationStatus.STOPPED}, RefillWay.CLINIC),
            ({"status": MedicationStatus.ON_HOLD}, RefillWay.CLINIC),
            ({"last_filled_on": None}, RefillWay.REQUEST),
        ],
    )
    def test_what_the_chart_says_decides_the_rest(
        self, on_file: dict[str, Any], way: RefillWay
    ) -> None:
        assert refill(**on_file).way is way

    def test_what_is_not_in_the_chart_is_for_the_clinic(self) -> None:
        decision = decide_refill(
            kind=DrugClass.OTHER, is_controlled=False, on_file=None, days_left=10, on=TODAY
        )
        assert decision.way is RefillWay.CLINIC


class TestDrugs:
    @pytest.mark.parametrize(
        ("name", "atc", "kind"),
        [
            ("Insulin glargine 100 units/mL", "", DrugClass.INSULIN),
            ("lantus pen", "", DrugClass.INSULIN),
            ("keppra xr", "", DrugClass.ANTICONVULSANT),
            ("Elaquis", "", DrugClass.ANTICOAGULANT),
            ("warfrin", "", DrugClass.ANTICOAGULANT),
            ("A new one 5 mg", "B01AF99", DrugClass.ANTICOAGULANT),
            ("A new one 5 mg", "A10AE99", DrugClass.INSULIN),
            ("Aspirin 81 mg", "B01AC06", DrugClass.OTHER),
            ("Metformin 500 mg", "A10BA02", DrugClass.OTHER),
            ("levothyroxine", "", DrugClass.OTHER),
            ("amlodipine", "", DrugClass.OTHER),
        ],
    )
    def test_knows_critical_drugs_by_code_by_brand_and_misspelt(
        self, name: str, atc: str, kind: DrugClass
    ) -> None:
        assert class_of(name, atc=atc) is kind

    @pytest.mark.parametrize(
        ("name", "is_so"),
        [
            ("Oxycodone 5 mg tablets", True),
            ("lorazapam", True),
            ("Vimpat 100", True),
            ("Hydrocortisone cream", False),
            ("Lisinopril", False),
        ],
    )
    def test_knows_controlled_drugs(self, name: str, is_so: bool) -> None:
        assert is_controlled(name) is is_so


class TestWhoMayHear:
    @pytest.mark.parametrize(
        ("speaker", "scope", "parts"),
        [
            (Speaker.PATIENT, (), set(ChartPart)),
            (Speaker.PROXY, (ProxyScope.SCHEDULING,), {ChartPart.PLAN, ChartPart.VISITS}),
            (Speaker.PROXY, (ProxyScope.RESULTS,), {ChartPart.LABS, ChartPart.MEDICATIONS}),
            (Speaker.PROXY, (), set()),
            (Speaker.PHARMACY, (), {ChartPart.MEDICATIONS, ChartPart.COVERAGE}),
            (Speaker.CLINICIAN, (), set(ChartPart)),
            (Speaker.TRANSPORT, (), set()),
            (Speaker.OFFICIAL, (), set()),
        ],
    )
    def test_each_hears_their_parts(
        self, speaker: Speaker, scope: tuple[str, ...], parts: set[ChartPart]
    ) -> None:
        heard = {part for part in ChartPart if may_hear(part, speaker=speaker, scope=scope)}
        assert heard == parts

    def test_confidential_care_is_for_the_patient_alone(self) -> None:
        for speaker in Speaker:
            heard = may_hear(
                ChartPart.LABS,
                speaker=speaker,
                scope=[ProxyScope.RESULTS],
                labels=[Sensitivity.ADOLESCENT],
            )
            assert heard is (speaker is Speaker.PATIENT)


class TestAge:
    def say(self, **facts: Any) -> str:
        said: dict[str, Any] = {
            "asked_at": NOW - dt.timedelta(seconds=8),
            "fetched_at": None,
            "failed_at": None,
            "reason": "",
            "is_due": False,
        }
        return say_freshness(**said | facts, at=NOW).words

    def test_says_how_old_it_is_and_that_it_still_asks(self) -> None:
        minutes = dt.timedelta(minutes=1)
        assert self.say(fetched_at=NOW - 2 * minutes) == "EHR 2 min ago"
        assert self.say(fetched_at=NOW) == "EHR just now"
        assert self.say(fetched_at=NOW - 180 * minutes, is_due=True) == "EHR 3 h ago, still asking"
        assert self.say(is_due=True) == "Asking the EHR"
        assert self.say(is_due=True, asked_at=NOW - minutes) == "Asking the EHR for 1 min"
        assert self.say(failed_at=NOW, reason="Away") == "EHR not read"
        assert self.say(asked_at=None) == "EHR not asked yet"

    @pytest.mark.parametrize(
        ("facts", "is_worth"),
        [
            ({"is_due": True}, False),
            ({"is_due": True, "asked_at": NOW - dt.timedelta(minutes=2)}, True),
            ({"fetched_at": NOW - dt.timedelta(minutes=4)}, False),
            ({"fetched_at": NOW - dt.timedelta(minutes=4), "anew": True}, True),
            ({"fetched_at": NOW - dt.timedelta(minutes=5)}, True),
            ({"failed_at": NOW - dt.timedelta(seconds=8)}, False),
            (
                {"failed_at": NOW, "asked_at": NOW - dt.timedelta(seconds=40)},
                True,
            ),
        ],
    )
    def test_asks_again_when_it_is_worth_it(self, facts: dict[str, Any], is_worth: bool) -> None:
        said: dict[str, Any] = {
            "asked_at": NOW - dt.timedelta(seconds=8),
            "fetched_at": None,
            "failed_at": None,
            "is_due": False,
            "anew": False,
        }
        assert is_worth_asking(**said | facts, at=NOW) is is_worth
