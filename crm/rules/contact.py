"""Who may be contacted on which phone, and for what. Pure: facts in, an answer out.

Every rule has a name (`ContactRule`) and a sentence that staff can act on. The order of the
checks is the order of their weight: what can never be mended first, preferences last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crm.rules.law import LABELS, LAW, Consent, Law, PhoneFor, phone_for
from crm.states import ConsentDecision, Purpose, Sensitivity

ADULT_AGE = 18


class ContactRule(StrEnum):
    """What decided. All but `ALLOWED` say no."""

    ALLOWED = "allowed"
    NO_PHONE = "no-phone"
    DECEASED = "deceased"
    COURT_RESTRICTION = "court-restriction"
    PHONE_NOT_THEIRS = "phone-not-theirs"
    NUMBER_ENDED = "number-ended"
    CONFIDENTIAL_PHONE_ONLY = "confidential-phone-only"
    CANNOT_TEXT = "cannot-text"
    OPTED_OUT = "opted-out"
    NO_CONSENT = "no-consent"
    MARKETING_NEEDS_AUTHORIZATION = "marketing-needs-authorization"
    LABEL_FORBIDS = "label-forbids"
    WANTS_NO_OFFERS = "wants-no-offers"


SENTENCES = {
    ContactRule.ALLOWED: "May be contacted on this phone.",
    ContactRule.NO_PHONE: "No phone is on record.",
    ContactRule.DECEASED: "The patient has died.",
    ContactRule.COURT_RESTRICTION: "A court order keeps the holder of this phone away.",
    ContactRule.PHONE_NOT_THEIRS: "This phone is neither the patient's nor a proxy's who may "
    "act for them in scheduling.",
    ContactRule.NUMBER_ENDED: "The patient no longer has this number.",
    ContactRule.CONFIDENTIAL_PHONE_ONLY: "Only the patient's confidential phone may be used.",
    ContactRule.CANNOT_TEXT: "This phone cannot receive texts.",
    ContactRule.OPTED_OUT: "This phone has opted out of texts.",
    ContactRule.NO_CONSENT: "Nobody has agreed to such texts on this phone.",
    ContactRule.MARKETING_NEEDS_AUTHORIZATION: "Marketing needs a signed authorization "
    "(45 CFR 164.508(a)(3)).",
    ContactRule.LABEL_FORBIDS: "A privacy label of the patient rules such texts out.",
    ContactRule.WANTS_NO_OFFERS: "The patient does not want offers of earlier times.",
}


class Holder(StrEnum):
    """Whose phone it is, seen from one patient."""

    OWN = "own"
    PROXY = "proxy"  # somebody who may act for the patient in scheduling, today
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What about the patient decides."""

    is_deceased: bool = False
    is_minor: bool = False
    labels: frozenset[str] = frozenset()
    wants_offers: bool = True
    has_confidential_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One phone, seen from one patient.

    `is_restricted`: it belongs to somebody whom a court keeps away from the patient.
    `is_shared`: it stands in the record of somebody else, too.
    """

    holder: Holder = Holder.OWN
    rank: int = 1
    is_ended: bool = False
    is_confidential: bool = False
    is_restricted: bool = False
    is_shared: bool = False
    can_text: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFact:
    """One entry of the consent ledger that speaks for this phone, channel and patient.

    `undoes`: a START, and the entry id of the STOP that it takes back.
    """

    entry_id: int
    purpose: str
    decision: str
    at: dt.datetime
    undoes: int | None = None

    def covers(self, purpose: Purpose) -> bool:
        return self.purpose in {purpose, Purpose.ALL}

    @property
    def is_revoked(self) -> bool:
        return self.decision == ConsentDecision.REVOKED


@dataclass(frozen=True, slots=True)
class ContactAnswer:
    """`entry_id` is the ledger entry that decided, where one did."""

    rule: ContactRule
    entry_id: int | None = None

    @property
    def allowed(self) -> bool:
        return self.rule == ContactRule.ALLOWED

    @property
    def sentence(self) -> str:
        return SENTENCES[self.rule]


def may_contact(
    *,
    person: PersonFacts,
    line: LineFacts,
    ledger: Iterable[LedgerFact],
    purpose: Purpose,
    is_sensitive: bool = False,
) -> ContactAnswer:
    """May this phone be texted about this patient for `purpose`? Hours and budget aside.

    :param purpose: a row of `law.LAW`.
    :param is_sensitive: the visit in question is of a kind that no text may hint at.
    """
    law = LAW[purpose]
    if not law.names_nobody and (rule := _line_rule(person, line, is_sensitive=is_sensitive)):
        return ContactAnswer(rule)
    answer = _consent(list(ledger), purpose, law)
    if answer.allowed and law.heeds_wish and not person.wants_offers:
        return ContactAnswer(ContactRule.WANTS_NO_OFFERS)
    if answer.allowed and any(purpose in LABELS[Sensitivity(x)].stops for x in person.labels):
        return ContactAnswer(ContactRule.LABEL_FORBIDS)
    return answer


def _line_rule(person: PersonFacts, line: LineFacts, *, is_sensitive: bool) -> ContactRule | None:
    """What forbids this phone for this patient, whatever the ledger says."""
    if person.is_deceased:
        return ContactRule.DECEASED
    if line.is_restricted:
        return ContactRule.COURT_RESTRICTION
    if line.holder is Holder.NOBODY:
        return ContactRule.PHONE_NOT_THEIRS
    if line.is_ended:
        return ContactRule.NUMBER_ENDED
    if _must_be_another_phone(person, line, is_sensitive=is_sensitive):
        return ContactRule.CONFIDENTIAL_PHONE_ONLY
    return None if line.can_text else ContactRule.CANNOT_TEXT


def _must_be_another_phone(person: PersonFacts, line: LineFacts, *, is_sensitive: bool) -> bool:
    if line.is_confidential or not (person.labels or is_sensitive):
        return False
    asked = phone_for(person.labels, is_sensitive=is_sensitive, is_minor=person.is_minor)
    if asked is PhoneFor.DISCREET:
        return person.has_confidential_phone or line.is_shared or line.holder is not Holder.OWN
    return asked is PhoneFor.CONFIDENTIAL


def newest_covering(ledger: Iterable[LedgerFact], purpose: Purpose) -> LedgerFact | None:
    """The entry that holds for `purpose`; of two at the same instant the one that revokes."""
    covering = [entry for entry in ledger if entry.covers(purpose)]
    return max(covering, key=_recency, default=None)


def _recency(entry: LedgerFact) -> tuple[dt.datetime, bool, int]:
    return entry.at, entry.is_revoked, entry.entry_id


def _without_undone(ledger: Iterable[LedgerFact]) -> list[LedgerFact]:
    """What holds after START: all but the STOP that it undoes. START itself is no consent."""
    entries = list(ledger)
    undone = {entry.undoes for entry in entries} - {None}
    if not undone:
        return entries
    return [e for e in entries if e.undoes is None and e.entry_id not in undone]


def _consent(ledger: list[LedgerFact], purpose: Purpose, law: Law) -> ContactAnswer:
    newest = newest_covering(_without_undone(ledger), purpose)
    if newest is not None and newest.is_revoked and law.heeds_stop:
        return ContactAnswer(ContactRule.OPTED_OUT, newest.entry_id)
    if law.consent is Consent.AUTHORIZATION:
        return _authorization(ledger)
    if law.consent is Consent.CARE and newest is None:
        return ContactAnswer(ContactRule.NO_CONSENT)
    return ContactAnswer(ContactRule.ALLOWED, newest.entry_id if newest else None)


def _authorization(ledger: list[LedgerFact]) -> ContactAnswer:
    """Marketing needs a grant of its own, given after the last opt-out that covers it.

    START after a STOP brings texts about care back, not the authorization.
    """
    entries = sorted((e for e in ledger if e.covers(Purpose.MARKETING)), key=_recency)
    since = next((i for i in range(len(entries), 0, -1) if entries[i - 1].is_revoked), 0)
    signed = [entry for entry in entries[since:] if entry.purpose == Purpose.MARKETING]
    if not signed:
        return ContactAnswer(ContactRule.MARKETING_NEEDS_AUTHORIZATION)
    return ContactAnswer(ContactRule.ALLOWED, signed[-1].entry_id)


def order_of_trial(person: PersonFacts, line: LineFacts) -> tuple[int, int, int]:
    """Sort key for the phones of one patient: the right one first.

    The confidential phone; then, for a child, a proxy's before what the record calls the
    child's own (which is a parent's, as a rule); for an adult their own before a proxy's.
    """
    first = Holder.PROXY if person.is_minor else Holder.OWN
    return (not line.is_confidential, line.holder != first, line.rank)


def age_on(day: dt.date, *, birth_on: dt.date) -> int:
    """Completed years on `day`; somebody born on 29 February turns a year older on 1 March."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def months_on(day: dt.date, *, birth_on: dt.date) -> int:
    """Completed months on `day`: what red flags of newborns go by. Never below 0."""
    months = (day.year - birth_on.year) * 12 + day.month - birth_on.month
    return max(0, months - (day.day < birth_on.day))
