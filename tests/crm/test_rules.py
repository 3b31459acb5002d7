"""Who may be contacted: each rule by name, and which of two rules speaks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules import (
    SENTENCES,
    ContactRule,
    Holder,
    LedgerFact,
    LineFacts,
    PersonFacts,
    age_on,
    may_contact,
    months_on,
    newest_covering,
    order_of_trial,
)
from crm.rules.law import LABELS, LAW, PhoneFor, phone_for
from crm.states import ConsentDecision, Purpose, Sensitivity

NOW = dt.datetime(2026, 11, 18, 17, tzinfo=dt.UTC)
GRANTED, REVOKED = ConsentDecision.GRANTED, ConsentDecision.REVOKED
R = ContactRule
#: Where to get help at once goes to whoever wrote, whatever we know of the phone.
HEED = set(LAW) - {Purpose.SAFETY}
#: These say nothing of any patient, and go to whoever wrote or typed the number.
NAME_NOBODY = {Purpose.SAFETY, Purpose.CODE, Purpose.PAGE}


def fact(
    decision: ConsentDecision, purpose: Purpose = Purpose.ALL, *, day: int = 0, entry_id: int = 1
) -> LedgerFact:
    """A ledger entry, `day` days after an arbitrary first one."""
    at = NOW + dt.timedelta(days=day)
    return LedgerFact(entry_id=entry_id, purpose=purpose, decision=decision, at=at)


def ask(
    *ledger: LedgerFact,
    purpose: Purpose = Purpose.OFFER,
    person: PersonFacts | None = None,
    line: LineFacts | None = None,
) -> ContactRule:
    answer = may_contact(
        person=person or PersonFacts(), line=line or LineFacts(), ledger=ledger, purpose=purpose
    )
    assert answer.sentence == SENTENCES[answer.rule]
    return answer.rule


GRANT = fact(GRANTED)


def test_a_grant_allows() -> None:
    assert ask(GRANT) == R.ALLOWED


def test_every_rule_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ContactRule)


@pytest.mark.parametrize(
    ("person", "line", "rule"),
    [
        (PersonFacts(is_deceased=True), LineFacts(), R.DECEASED),
        (PersonFacts(), LineFacts(is_restricted=True), R.COURT_RESTRICTION),
        (PersonFacts(), LineFacts(holder=Holder.NOBODY), R.PHONE_NOT_THEIRS),
        (PersonFacts(), LineFacts(is_ended=True), R.NUMBER_ENDED),
        (PersonFacts(), LineFacts(can_text=False), R.CANNOT_TEXT),
    ],
)
@pytest.mark.parametrize("purpose", sorted(set(LAW) - NAME_NOBODY))
def test_what_no_consent_can_mend(
    person: PersonFacts, line: LineFacts, rule: ContactRule, purpose: Purpose
) -> None:
    granted = [GRANT, fact(GRANTED, Purpose.MARKETING)]
    assert ask(*granted, person=person, line=line, purpose=purpose) == rule


def test_only_what_names_nobody_goes_to_any_phone() -> None:
    stranger = LineFacts(holder=Holder.NOBODY)
    sent = {purpose for purpose in LAW if ask(line=stranger, purpose=purpose) == R.ALLOWED}
    assert sent == NAME_NOBODY


def test_the_weightier_rule_speaks_first() -> None:
    everything_wrong = LineFacts(
        holder=Holder.NOBODY, is_ended=True, is_restricted=True, can_text=False
    )
    assert ask(person=PersonFacts(is_deceased=True), line=everything_wrong) == R.DECEASED
    assert ask(line=everything_wrong) == R.COURT_RESTRICTION


class TestConfidentialPhones:
    @pytest.mark.parametrize("label", [Sensitivity.ADOLESCENT, Sensitivity.DOMESTIC_VIOLENCE])
    def test_strict_labels_allow_no_other_phone(self, label: Sensitivity) -> None:
        person = PersonFacts(labels=frozenset({label}))
        assert ask(GRANT, person=person) == R.CONFIDENTIAL_PHONE_ONLY
        assert ask(GRANT, person=person, line=LineFacts(is_confidential=True)) == R.ALLOWED

    @pytest.mark.parametrize("label", [Sensitivity.BEHAVIORAL_HEALTH, Sensitivity.SUBSTANCE_USE])
    def test_discreet_labels_allow_a_phone_that_is_theirs_alone(self, label: Sensitivity) -> None:
        person = PersonFacts(labels=frozenset({label}))
        proxys = LineFacts(holder=Holder.PROXY)
        assert ask(GRANT, person=person) == R.ALLOWED
        assert ask(GRANT, person=person, line=LineFacts(is_shared=True)) == (
            R.CONFIDENTIAL_PHONE_ONLY
        )
        assert ask(GRANT, person=person, line=proxys) == R.CONFIDENTIAL_PHONE_ONLY

    def test_a_confidential_phone_shuts_the_others_out_for_discreet_labels(self) -> None:
        person = PersonFacts(
            labels=frozenset({Sensitivity.SUBSTANCE_USE}), has_confidential_phone=True
        )
        assert ask(GRANT, person=person) == R.CONFIDENTIAL_PHONE_ONLY

    @pytest.mark.parametrize("label", [Sensitivity.EMPLOYEE, Sensitivity.VIP])
    def test_other_labels_do_not_choose_the_phone(self, label: Sensitivity) -> None:
        assert ask(GRANT, person=PersonFacts(labels=frozenset({label}))) == R.ALLOWED

    def test_holds_for_answers_as_well(self) -> None:
        person = PersonFacts(labels=frozenset({Sensitivity.ADOLESCENT}))
        assert ask(GRANT, person=person, purpose=Purpose.ANSWER) == R.CONFIDENTIAL_PHONE_ONLY


class TestLedger:
    @pytest.mark.parametrize("purpose", [Purpose.OFFER, Purpose.REMINDER, Purpose.RECALL])
    def test_silence_is_no_consent(self, purpose: Purpose) -> None:
        assert ask(purpose=purpose) == R.NO_CONSENT

    @pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.CONFIRMATION, Purpose.UPDATE])
    def test_answers_need_none(self, purpose: Purpose) -> None:
        assert ask(purpose=purpose) == R.ALLOWED

    @pytest.mark.parametrize("purpose", sorted(HEED))
    def test_stop_ends_everything(self, purpose: Purpose) -> None:
        assert ask(GRANT, fact(REVOKED, day=1), purpose=purpose) == R.OPTED_OUT

    def test_the_newest_entry_holds_whatever_their_order(self) -> None:
        stop, start = fact(REVOKED, day=1, entry_id=9), fact(GRANTED, day=2, entry_id=3)
        assert ask(start, stop, GRANT) == R.ALLOWED
        assert ask(stop, GRANT) == R.OPTED_OUT

    def test_an_opt_out_of_one_topic_leaves_the_others(self) -> None:
        no_offers = fact(REVOKED, Purpose.OFFER, day=1)
        assert ask(GRANT, no_offers) == R.OPTED_OUT
        assert ask(GRANT, no_offers, purpose=Purpose.REMINDER) == R.ALLOWED

    def test_of_two_at_one_instant_the_opt_out_holds(self) -> None:
        assert ask(fact(REVOKED, entry_id=1), fact(GRANTED, entry_id=2)) == R.OPTED_OUT

    def test_says_which_entry_decided(self) -> None:
        answer = may_contact(
            person=PersonFacts(),
            line=LineFacts(),
            ledger=[GRANT, fact(REVOKED, day=1, entry_id=7)],
            purpose=Purpose.OFFER,
        )
        assert answer.entry_id == 7

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([GRANTED, REVOKED]),
                st.sampled_from([Purpose.ALL, Purpose.OFFER, Purpose.REMINDER]),
                st.integers(0, 5),
            ),
            max_size=8,
        ),
        st.randoms(use_true_random=False),
    )
    def test_order_of_reading_never_matters(self, entries: list, shuffle: object) -> None:
        ledger = [fact(d, p, day=day, entry_id=n) for n, (d, p, day) in enumerate(entries)]
        mixed = list(ledger)
        shuffle.shuffle(mixed)  # type: ignore[attr-defined]
        assert newest_covering(ledger, Purpose.OFFER) == newest_covering(mixed, Purpose.OFFER)
        covering = [e for e in ledger if e.purpose != Purpose.REMINDER]
        if covering:
            latest = max(e.at for e in covering)
            revoked = any(e.is_revoked for e in covering if e.at == latest)
            assert (ask(*mixed) == R.OPTED_OUT) is revoked


class TestStart:
    STOP = fact(REVOKED, day=5, entry_id=5)
    START = LedgerFact(
        entry_id=6, purpose=Purpose.ALL, decision=GRANTED, at=NOW + dt.timedelta(days=6), undoes=5
    )

    def test_brings_back_what_stop_took(self) -> None:
        assert ask(GRANT, self.STOP) == R.OPTED_OUT
        assert ask(GRANT, self.STOP, self.START) == R.ALLOWED

    def test_is_no_consent(self) -> None:
        assert ask(self.STOP, self.START) == R.NO_CONSENT
        assert ask(self.STOP, self.START, purpose=Purpose.ANSWER) == R.ALLOWED

    def test_leaves_every_other_opt_out(self) -> None:
        for other in (fact(REVOKED, Purpose.OFFER, day=1, entry_id=2), fact(REVOKED, entry_id=2)):
            assert ask(GRANT, other, self.STOP, self.START) == R.OPTED_OUT
        again = fact(REVOKED, day=7, entry_id=7)
        assert ask(GRANT, self.STOP, self.START, again) == R.OPTED_OUT

    def test_does_not_bring_an_authorization_back(self) -> None:
        ledger = [GRANT, fact(GRANTED, Purpose.MARKETING), self.STOP, self.START]
        assert ask(*ledger, purpose=Purpose.MARKETING) == R.MARKETING_NEEDS_AUTHORIZATION


class TestMarketing:
    def test_care_consent_is_no_authorization(self) -> None:
        assert ask(GRANT, purpose=Purpose.MARKETING) == R.MARKETING_NEEDS_AUTHORIZATION
        assert ask(purpose=Purpose.MARKETING) == R.MARKETING_NEEDS_AUTHORIZATION

    def test_a_signed_authorization_allows(self) -> None:
        signed = fact(GRANTED, Purpose.MARKETING)
        assert ask(signed, fact(GRANTED, day=1), purpose=Purpose.MARKETING) == R.ALLOWED

    def test_a_later_grant_of_care_does_not_bring_it_back(self) -> None:
        ledger = [
            fact(GRANTED, Purpose.MARKETING, day=0),
            fact(REVOKED, day=1),
            fact(GRANTED, day=2),
        ]
        assert ask(*ledger, purpose=Purpose.MARKETING) == R.MARKETING_NEEDS_AUTHORIZATION
        assert ask(*ledger, purpose=Purpose.OFFER) == R.ALLOWED


class TestLaw:
    def test_has_a_row_for_every_purpose_and_every_label(self) -> None:
        assert set(LAW) == set(Purpose) - {Purpose.ALL}
        assert set(LABELS) == set(Sensitivity)
        assert all(row.sources for row in LAW.values())
        assert all(row.sources for row in LABELS.values())

    @pytest.mark.parametrize(
        ("person", "line"),
        [
            (PersonFacts(is_deceased=True), LineFacts(is_restricted=True)),
            (PersonFacts(labels=frozenset(Sensitivity)), LineFacts(holder=Holder.NOBODY)),
        ],
    )
    def test_where_to_get_help_goes_to_whoever_wrote(
        self, person: PersonFacts, line: LineFacts
    ) -> None:
        stop = fact(REVOKED)
        assert ask(stop, person=person, line=line, purpose=Purpose.SAFETY) == R.ALLOWED

    @pytest.mark.parametrize("label", Sensitivity)
    def test_a_label_may_rule_marketing_out_and_never_care(self, label: Sensitivity) -> None:
        person = PersonFacts(labels=frozenset({label}), has_confidential_phone=True)
        line = LineFacts(is_confidential=True)
        signed = fact(GRANTED, Purpose.MARKETING)
        told = ask(signed, person=person, line=line, purpose=Purpose.MARKETING)
        private = LABELS[label].phone is not PhoneFor.ANY
        assert told == (R.LABEL_FORBIDS if private else R.ALLOWED)
        assert ask(GRANT, person=person, line=line) == R.ALLOWED


class TestSensitiveVisit:
    """A visit of a kind that no text may hint at, whatever labels the patient has."""

    def ask(self, *, minor: bool, line: LineFacts, confidential: bool = False) -> ContactRule:
        person = PersonFacts(is_minor=minor, has_confidential_phone=confidential)
        return may_contact(
            person=person, line=line, ledger=[GRANT], purpose=Purpose.OFFER, is_sensitive=True
        ).rule

    def test_is_told_an_adult_on_a_phone_that_is_theirs_alone(self) -> None:
        assert self.ask(minor=False, line=LineFacts()) == R.ALLOWED
        for line in (LineFacts(is_shared=True), LineFacts(holder=Holder.PROXY)):
            assert self.ask(minor=False, line=line) == R.CONFIDENTIAL_PHONE_ONLY
        assert self.ask(minor=False, line=LineFacts(), confidential=True) == (
            R.CONFIDENTIAL_PHONE_ONLY
        )

    def test_is_told_a_minor_on_the_confidential_phone_only(self) -> None:
        for holder in (Holder.OWN, Holder.PROXY):
            line = LineFacts(holder=holder)
            assert self.ask(minor=True, line=line) == R.CONFIDENTIAL_PHONE_ONLY
        assert self.ask(minor=True, line=LineFacts(is_confidential=True)) == R.ALLOWED

    def test_the_strictest_label_chooses_the_phone(self) -> None:
        every = frozenset(str(label) for label in Sensitivity)
        assert phone_for(every, is_sensitive=True, is_minor=False) is PhoneFor.CONFIDENTIAL
        assert phone_for(frozenset(), is_sensitive=False, is_minor=True) is PhoneFor.ANY


class TestOfferWish:
    def test_a_patient_may_want_no_offers_and_all_else(self) -> None:
        person = PersonFacts(wants_offers=False)
        assert ask(GRANT, person=person) == R.WANTS_NO_OFFERS
        assert ask(GRANT, person=person, purpose=Purpose.REMINDER) == R.ALLOWED

    def test_an_opt_out_outweighs_the_wish(self) -> None:
        assert ask(fact(REVOKED), person=PersonFacts(wants_offers=False)) == R.OPTED_OUT


class TestOrderOfPhones:
    OWN = LineFacts(rank=1)
    SECOND = LineFacts(rank=2)
    PROXYS = LineFacts(holder=Holder.PROXY, rank=1)
    SECRET = LineFacts(rank=3, is_confidential=True)

    def order(self, person: PersonFacts) -> list[LineFacts]:
        lines = [self.PROXYS, self.SECOND, self.SECRET, self.OWN]
        return sorted(lines, key=lambda line: order_of_trial(person, line))

    def test_an_adults_own_come_first_and_the_confidential_before_all(self) -> None:
        assert self.order(PersonFacts()) == [self.SECRET, self.OWN, self.SECOND, self.PROXYS]

    def test_a_childs_proxy_comes_before_what_the_record_calls_the_childs(self) -> None:
        assert self.order(PersonFacts(is_minor=True)) == [
            self.SECRET,
            self.PROXYS,
            self.OWN,
            self.SECOND,
        ]


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ((2008, 11, 18), (2026, 11, 17), 17),
        ((2008, 11, 18), (2026, 11, 18), 18),
        ((2008, 2, 29), (2026, 2, 28), 17),
        ((2008, 2, 29), (2026, 3, 1), 18),
        ((2008, 2, 29), (2028, 2, 29), 20),
    ],
)
def test_age(born: tuple[int, int, int], day: tuple[int, int, int], age: int) -> None:
    assert age_on(dt.date(*day), birth_on=dt.date(*born)) == age


@pytest.mark.parametrize(
    ("born", "day", "months"),
    [
        ((2026, 1, 31), (2026, 4, 30), 2),  # 89 days
        ((2026, 6, 15), (2026, 9, 14), 2),  # 91 days, and still of the first three months
        ((2026, 6, 15), (2026, 9, 15), 3),
        ((2025, 12, 31), (2026, 2, 28), 1),
        ((2026, 9, 15), (2026, 9, 14), 0),  # a birth date that is wrong makes nobody older
    ],
)
def test_completed_months(
    born: tuple[int, int, int], day: tuple[int, int, int], months: int
) -> None:
    assert months_on(dt.date(*day), birth_on=dt.date(*born)) == months
