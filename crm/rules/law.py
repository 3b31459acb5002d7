"""The law of texting as a table: what each purpose needs, and where that stands written.

Everything else asks this table: `crm.rules.contact` for consent and phones, `outreach.rules` for
hours, budget and the place in line. `docs/law.md` is printed from it. It is a reading of the
law by engineers, checked 2026-11, and no legal advice: a deployment's counsel signs it off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from crm.states import Purpose, Sensitivity

OPENS_AT: Final = 8
"""First hour of the day at which a text may arrive, where the person is (47 CFR 64.1200(c)(1))."""

CLOSES_AT: Final = 21
"""First hour at which it may not any more."""

TEXTS_PER_DAY: Final = 1
TEXTS_PER_WEEK: Final = 3
"""The caps that a deployment starts with: 47 CFR 64.1200(a)(9)(iv)'s, kept for all of ours."""

CONVERSATION: Final = dt.timedelta(hours=1)
"""Somebody who texted us so lately is awake and waits for an answer."""

CONFIRM_OPT_OUT_WITHIN: Final = dt.timedelta(minutes=5)
"""One text that confirms an opt-out may follow it so long (47 CFR 64.1200(a)(12))."""

CONFIRMS_OPT_OUT: Final = frozenset({"stop_confirm", "wrong_number_ack"})
"""Keys of the texts that do so, and say nothing else."""


class Consent(StrEnum):
    """What must stand in the ledger for that phone and channel before a text may go."""

    NONE = "none"  # only that nobody has opted out
    CARE = "care"  # somebody has agreed to such texts, or to all about care
    AUTHORIZATION = "authorization"  # signed for marketing, since the last opt-out


class Hours(StrEnum):
    """When it may arrive, by the strictest of address, site and area code."""

    DAYTIME = "daytime"
    IN_CONVERSATION = "in-conversation"  # any hour within `CONVERSATION` of their own text
    ANY = "any"


class PhoneFor(StrEnum):
    """Which of a patient's phones a label leaves."""

    ANY = "any"
    DISCREET = "discreet"  # the confidential one; where there is none, one that nobody shares
    CONFIDENTIAL = "confidential"  # no other: a parent or a partner may read along


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One row: what holds for texts of one purpose.

    `counts`: against the contact budget. `place`: in the sender's line, lower first.
    `heeds_stop`: an opt-out ends it. `names_nobody`: it says nothing of any patient, and so goes
    to whoever wrote, whatever our records say of the phone. `heeds_wish`: the patient's "no
    earlier times, please" ends it.
    """

    what: str
    consent: Consent
    hours: Hours
    counts: bool
    place: int
    sources: tuple[str, ...]
    heeds_stop: bool = True
    heeds_wish: bool = False
    names_nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a sensitivity label changes. `stops`: purposes that the label rules out."""

    what: str
    phone: PhoneFor
    sources: tuple[str, ...]
    stops: frozenset[Purpose] = frozenset()


_CONSENT = "47 CFR 64.1200(a)(1)(iii): prior express consent, given with the number"
_HEALTH_CARE = "47 CFR 64.1200(a)(9)(iv): health care texts, one a day and three a week"
_REVOKE = "47 CFR 64.1200(a)(10): revoked by any reasonable means"
_HOURS = "47 CFR 64.1200(c)(1): 8 AM to 9 PM where the called person is"
_NOT_MARKETING = "45 CFR 164.501: treatment and coordination of care are not marketing"
_AUTHORIZATION = "45 CFR 164.508(a)(3): marketing needs a signed authorization"
_INVITED = '47 CFR 64.1200(f), "telephone solicitation": not what the person has invited'
_ASKED_FOR = (
    "47 CFR 64.1200(a)(1)(iii): prior express consent, given by typing the number to get this code"
)
_GAVE_NUMBER = (
    "47 CFR 64.1200(a)(1)(iii): prior express consent, given with the number for the roster"
)
_EMERGENCY = '47 CFR 64.1200(f), "emergency purposes": for the health and safety of consumers'
_MINIMUM = "45 CFR 164.502(b): no more than the purpose needs"
_CONFIDENTIAL = "45 CFR 164.522(b): confidential communications"
_MINORS = "45 CFR 164.502(g)(3): care to which a minor may consent is the minor's own"
_ABUSE = "45 CFR 164.502(g)(5): nobody who may be the abuser stands in for the patient"
_PART_2 = "42 CFR 2.12(a), 2.13(a): nothing may tell that somebody is in such treatment"
_OPT_OUT_WORDS = "CTIA Messaging Principles 5.1.3, Twilio 21610: the carrier blocks after STOP"

_MARKETING = frozenset({Purpose.MARKETING})

LAW: Final[Mapping[Purpose, Law]] = MappingProxyType(
    {
        Purpose.SAFETY: Law(
            what="Where to get help at once: the answer to a text that sounds like an emergency",
            consent=Consent.NONE,
            hours=Hours.ANY,
            counts=False,
            place=0,
            heeds_stop=False,
            names_nobody=True,
            sources=(_EMERGENCY,),
        ),
        Purpose.PAGE: Law(
            what="A page to a clinician of ours who is on call, on the number they gave for it",
            consent=Consent.NONE,
            hours=Hours.ANY,
            counts=False,
            place=1,
            names_nobody=True,
            sources=(_GAVE_NUMBER, _MINIMUM, _OPT_OUT_WORDS),
        ),
        Purpose.CODE: Law(
            what="A code that the person has just asked for on our page, to prove the phone theirs",
            consent=Consent.NONE,
            hours=Hours.ANY,
            counts=False,
            place=1,
            names_nobody=True,
            sources=(_ASKED_FOR, _REVOKE, _OPT_OUT_WORDS),
        ),
        Purpose.ANSWER: Law(
            what="Answer to what the person has just texted",
            consent=Consent.NONE,
            hours=Hours.IN_CONVERSATION,
            counts=False,
            place=1,
            sources=(_INVITED, _REVOKE, _OPT_OUT_WORDS),
        ),
        Purpose.CONFIRMATION: Law(
            what="Confirmation of what the person has just done",
            consent=Consent.NONE,
            hours=Hours.IN_CONVERSATION,
            counts=False,
            place=1,
            sources=(_INVITED, _REVOKE, _OPT_OUT_WORDS),
        ),
        Purpose.UPDATE: Law(
            what="What became of something that they were offered",
            consent=Consent.NONE,
            hours=Hours.IN_CONVERSATION,
            counts=False,
            place=2,
            sources=(_INVITED, _REVOKE, _OPT_OUT_WORDS),
        ),
        Purpose.OFFER: Law(
            what="An earlier time for a visit, or a time for somebody who waits",
            consent=Consent.CARE,
            hours=Hours.DAYTIME,
            counts=True,
            place=2,
            heeds_wish=True,
            sources=(_CONSENT, _HEALTH_CARE, _HOURS, _REVOKE, _NOT_MARKETING, _OPT_OUT_WORDS),
        ),
        Purpose.REMINDER: Law(
            what="Reminder of a visit",
            consent=Consent.CARE,
            hours=Hours.DAYTIME,
            counts=True,
            place=3,
            sources=(_CONSENT, _HEALTH_CARE, _HOURS, _REVOKE, _NOT_MARKETING, _OPT_OUT_WORDS),
        ),
        Purpose.RECALL: Law(
            what="Care that is due",
            consent=Consent.CARE,
            hours=Hours.DAYTIME,
            counts=True,
            place=4,
            sources=(_CONSENT, _HEALTH_CARE, _HOURS, _REVOKE, _NOT_MARKETING, _OPT_OUT_WORDS),
        ),
        Purpose.MARKETING: Law(
            what="Anything that a third party pays for, or that is not about the person's care",
            consent=Consent.AUTHORIZATION,
            hours=Hours.DAYTIME,
            counts=True,
            place=5,
            sources=(_AUTHORIZATION, _CONSENT, _HOURS, _REVOKE, _OPT_OUT_WORDS),
        ),
    }
)
"""By purpose, the most urgent first."""

LABELS: Final[Mapping[Sensitivity, Label]] = MappingProxyType(
    {
        Sensitivity.ADOLESCENT: Label(
            what="Confidential care of a minor",
            phone=PhoneFor.CONFIDENTIAL,
            stops=_MARKETING,
            sources=(_MINORS, _CONFIDENTIAL),
        ),
        Sensitivity.DOMESTIC_VIOLENCE: Label(
            what="Domestic violence",
            phone=PhoneFor.CONFIDENTIAL,
            stops=_MARKETING,
            sources=(_ABUSE, _CONFIDENTIAL),
        ),
        Sensitivity.BEHAVIORAL_HEALTH: Label(
            what="Behavioral health",
            phone=PhoneFor.DISCREET,
            stops=_MARKETING,
            sources=(_MINIMUM, _CONFIDENTIAL),
        ),
        Sensitivity.SUBSTANCE_USE: Label(
            what="Substance use: never named in a text",
            phone=PhoneFor.DISCREET,
            stops=_MARKETING,
            sources=(_PART_2, _CONFIDENTIAL),
        ),
        Sensitivity.EMPLOYEE: Label(
            what="Works for the organization", phone=PhoneFor.ANY, sources=(_MINIMUM,)
        ),
        Sensitivity.VIP: Label(what="In the public eye", phone=PhoneFor.ANY, sources=(_MINIMUM,)),
    }
)
"""By label; of several the strictest holds."""


def phone_for(labels: frozenset[str], *, is_sensitive: bool, is_minor: bool) -> PhoneFor:
    """The strictest that the patient's labels and the visit itself ask for.

    :param is_sensitive: the visit that the text is about is of a kind that no text may hint at;
        for a minor then only the confidential phone will do, since any other is a parent's.
    """
    asked = {LABELS[Sensitivity(label)].phone for label in labels}
    if is_sensitive:
        asked.add(PhoneFor.CONFIDENTIAL if is_minor else PhoneFor.DISCREET)
    return max(asked, key=_STRICTNESS.index, default=PhoneFor.ANY)


_STRICTNESS: Final = tuple(PhoneFor)
