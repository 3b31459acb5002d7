"""Who speaks: the patient, somebody who may speak for them, or a partner whose call it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.actions.verifying import may_speak_for
from crm.models import Answer, Patient, Proxy, Verification
from crm.rules import ADULT_AGE, age_on
from crm.states import Speaker
from desk.models import CallType
from desk.queries.zone import day_for
from desk.screen import words
from desk.screen.contact import DeskContact
from desk.states import Proof

#: Under which a partner's number is kept, as their scripts fill it.
CALLBACK_KEY: Final = "callback-phone"
_THEIRS: Final = (Speaker.PATIENT, Speaker.PROXY)
NOTHING_SAID: Final = gettext_noop("Nothing about anybody is said in such a call. Hand it over.")
SAY_WHO: Final = gettext_noop("Choose who speaks first.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One who may speak: `value` is "patient", "other", the key of a proxy, or a partner."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who speaks; `proxy` where it is one of those on record."""

    speaker: Speaker
    proxy: Proxy | None = None


def is_own(kind: CallType | None) -> bool:
    """Whether it is the patient's own call, or may be: nobody knows yet what kind it is."""
    if kind is None:
        return True
    if kind.proof == Proof.NONE and kind.speakers == [Speaker.OTHER]:
        return True  # something else, by whoever it is
    return kind.proof != Proof.NOTHING_SAID and any(one in _THEIRS for one in kind.speakers)


def says_nothing(kind: CallType | None) -> bool:
    """Whether nobody is looked for and nothing shows: police, courts, the press."""
    return kind is not None and kind.proof == Proof.NOTHING_SAID


def needs_number(kind: CallType | None) -> bool:
    """Whether a number to call back is part of the proof."""
    return kind is not None and kind.proof == Proof.CALLBACK_NUMBER and not is_own(kind)


def sole_speaker(kind: CallType | None) -> Speaker | None:
    """Who speaks in such a call, where that is plain and is not the patient; of several, nobody
    yet. None where it is the patient's own."""
    if kind is None or is_own(kind):
        return None
    others = [Speaker(one) for one in kind.speakers if one not in _THEIRS]
    return others[0] if len(others) == 1 else Speaker.OTHER


def speaker_after(contact: DeskContact, kind: CallType | None) -> Speaker:
    """Who speaks once the call is of this kind: back from one of a partner, whoever was proven."""
    sole, now = sole_speaker(kind), contact.speaker
    if sole is not None:
        return sole
    if is_own(contact.kind):
        return now
    proven = Verification.objects.filter(
        interaction=contact.pk, patient=contact.patient, passed=True, speaker__in=_THEIRS
    )
    last = proven.order_by("-at", "-pk").first()
    return Speaker(last.speaker) if last else Speaker.PATIENT


def must_say_who(patient: Patient, *, on: dt.date) -> bool:
    """Whether nobody is taken for the patient unasked: somebody speaks for them, or did, or they
    are a child. The patient's proxies are read."""
    born = patient.birth_on
    is_child = born is not None and age_on(on, birth_on=born) < ADULT_AGE
    return is_child or bool(patient.proxies.all())


def choices_for(patient: Patient, kind: CallType | None, *, on: dt.date) -> tuple[Choice, ...]:
    """Who may be chosen; one whom a court keeps away, or whose right has ended, is not among
    them."""
    if says_nothing(kind):
        return ()
    if kind is not None and not is_own(kind):
        return tuple(Choice(one, _(words.SPEAKERS[one]).capitalize()) for one in kind.speakers)
    proxies = [one for one in patient.proxies.all() if may_speak_for(patient, one, on=on)]
    return (
        Choice(Speaker.PATIENT, _("The patient speaks")),
        *(Choice(str(one.pk), str(one)) for one in proxies),
        Choice(Speaker.OTHER, _("Somebody else for them")),
    )


def read_speaks(
    said: str, *, patient: Patient, kind: CallType | None, on: dt.date
) -> Spoken | None:
    """What was chosen; None where it must be chosen and was not.

    A proxy is whoever has the key: their right is checked by whoever verifies.
    """
    if kind is not None and not is_own(kind):
        named = said or (kind.speakers[0] if len(kind.speakers) == 1 else "")
        return Spoken(Speaker(named)) if named in kind.speakers else None
    if said.isdecimal():
        proxy = Proxy.objects.filter(pk=int(said)).first()
        return Spoken(Speaker.PROXY, proxy)
    if said == Speaker.OTHER:
        return Spoken(Speaker.OTHER)
    if said == Speaker.PATIENT or not must_say_who(patient, on=on):
        return Spoken(Speaker.PATIENT)
    return None


def chosen_now(contact: DeskContact, patient: Patient, among: tuple[Choice, ...]) -> str:
    """What stands in "Who speaks" before anybody has pressed anything; empty where it has to be
    said."""
    speaker = contact.speaker
    if speaker is Speaker.PATIENT and must_say_who(patient, on=day_for(patient, at=contact.at)):
        return ""
    return str(speaker) if any(one.value == speaker for one in among) else ""


def number_kept(contact: DeskContact) -> str:
    """The number to call back that a partner has given in this contact. One statement."""
    rows = Answer.objects.filter(interaction=contact.pk, key=CALLBACK_KEY)
    return next(iter(rows.values_list("value", flat=True)), "")


def say_proof(contact: DeskContact) -> str:
    """By what, and who: "full name, birth date; Bea Sol, daughter"."""
    verified = contact.verification
    if verified is None:
        return ""
    fits = words.say_identifiers(verified.matched)
    if verified.proxy is not None:
        return f"{fits}; {verified.proxy}"
    if contact.speaker in _THEIRS:
        return fits
    who = _(words.SPEAKERS[contact.speaker])
    return _("%(fits)s, callback number; %(who)s") % {"fits": fits, "who": who}
