"""Reads what a patient texted back: yes, no, stop, help, and what only a person may answer.

The safe side is built in. A message says yes only when *every word of it* is a known acceptance
or a courtesy; one word too many, a question mark, a number, a hedge, or a doubtful face sends
it to a person. Opt-outs lean the other way: any wording that a reasonable person would take for
"no more texts" is one. English and Spanish are both understood, whatever the patient's language.

The safety check (triage) reads every message before this does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from outreach.rules import reply_patterns as patterns
from outreach.rules.plain import Plain, simplify
from outreach.rules.reply_spelling import correct
from outreach.rules.reply_words import (
    CARRIER_OPT_OUT,
    CHOICE_FILLERS,
    CHOICES,
    LONGEST_PHRASE,
    ORDINALS,
    PHRASES,
    PHRASES_OF_LANGUAGE,
    Phrase,
    Role,
    words_in,
)

LONGEST_SHORT_ANSWER = 160
"""Characters; a longer text is never a plain yes or no."""


class ReplyKind(StrEnum):
    """What a message asks of us.

    `YES` is also an opt-in word at the carrier: the action looks into our consent ledger first,
    and a YES from a number that opted out books nothing and sends nothing. `START` asks for texts
    again. `WRONG_NUMBER` means that the phone is not the patient's: no more texts to it, and a
    person mends the record. `THANKS` needs nobody, except while an offer is open, when it could
    be meant as a yes and a person should read it. `QUESTION` and `UNCLEAR` go to a person.
    `CANCEL_VISIT` goes to a person too, who asks before a visit is given up. `WHO` asks who we
    are: somebody else may have the number by now. `CHOICE` is a bare number (`read_choice`),
    which means something only right after we asked "reply 1 or 2".
    """

    YES = "yes"
    NO = "no"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CANCEL_VISIT = "cancel_visit"
    WRONG_NUMBER = "wrong_number"
    WHO = "who"
    CHOICE = "choice"
    THANKS = "thanks"
    QUESTION = "question"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a message was understood.

    `carrier_word` is true when the whole message was one of the carrier's opt-out words, so that
    the carrier has blocked us already and a confirmation cannot arrive. `matched` is the phrase
    or the rule of ours that decided, never the patient's own words, so it may be logged; it is
    empty when nothing did.
    """

    kind: ReplyKind
    carrier_word: bool = False
    matched: str = ""

    @property
    def ends_texts(self) -> bool:
        """Whether this phone gets no more texts."""
        return self.kind in {ReplyKind.STOP, ReplyKind.WRONG_NUMBER}

    @property
    def needs_person(self) -> bool:
        """Whether a person must read the message, whatever else is going on."""
        return self.visit_may_be_meant or self.kind in {
            ReplyKind.CANCEL_VISIT,
            ReplyKind.WRONG_NUMBER,
            ReplyKind.WHO,
            ReplyKind.QUESTION,
            ReplyKind.UNCLEAR,
        }

    @property
    def visit_may_be_meant(self) -> bool:
        """CANCEL opted the phone out; somebody asks whether a visit was meant instead."""
        return self.kind == ReplyKind.STOP and self.matched == "cancel"


def read_reply(text: str, *, language: str) -> Reading:
    """Understand one inbound text.

    :param text: as it arrived; anything at all, never raises.
    :param language: the patient's language code ("en", "es-US"); it settles only the few words
        that differ between the two, such as "ya".
    """
    alone = text.strip().lower()
    if alone in CARRIER_OPT_OUT and alone.isascii():
        return Reading(kind=ReplyKind.STOP, carrier_word=True, matched=alone)
    plain = simplify(text)
    words = tuple(correct(word) for word in plain.words)
    # "Cancel!" with its mark: the carrier may have taken it for its word, or may not have.
    if plain.words == ("cancel",):
        return Reading(kind=ReplyKind.STOP, matched="cancel")
    roles = parse(words, language=language)
    clauses = in_clauses(plain)
    return (
        _find(ReplyKind.WRONG_NUMBER, patterns.WRONG_NUMBER, clauses)
        or _read_stop(clauses, roles)
        or _read_cancel(clauses, roles, asks=plain.asks)
        or _find(ReplyKind.WHO, patterns.WHO, clauses)
        or _read_choice(plain)
        or _read_short_answer(plain, roles, too_long=len(alone) > LONGEST_SHORT_ANSWER)
        or _read_question(clauses, asks=plain.asks)
        or Reading(kind=ReplyKind.UNCLEAR)
    )


def read_choice(text: str) -> int | None:
    """The one number that a short text consists of: "2", "#2", "the second one", "la 2".

    None where it says no, asks, or could mean two of them.
    """
    plain = simplify(text)
    words = [word for word in plain.words if word not in CHOICE_FILLERS]
    if len(words) == 2 and words[1] in {"one", "una", "uno"} and words[0] in ORDINALS:
        words.pop()
    if plain.asks or plain.quotes or len(words) != 1:
        return None
    return CHOICES.get(words[0])


def _read_choice(plain: Plain) -> Reading | None:
    number = read_choice(" ".join(plain.words)) if not (plain.asks or plain.quotes) else None
    return Reading(kind=ReplyKind.CHOICE, matched=str(number)) if number else None


def parse(words: Phrase, *, language: str) -> tuple[tuple[Phrase, Role], ...] | None:
    """Cover `words` with known phrases, the longest first.

    Returns the phrases and what each contributes, or None when a word is left over.
    """
    own = PHRASES_OF_LANGUAGE.get(language[:2].lower(), {})
    found: list[tuple[Phrase, Role]] = []
    at = 0
    while at < len(words):
        phrase = _longest_phrase(words[at : at + LONGEST_PHRASE], own)
        if phrase is None:
            return None
        found.append((phrase, own[phrase] if phrase in own else PHRASES[phrase]))
        at += len(phrase)
    return tuple(found)


def _longest_phrase(words: Phrase, own: Mapping[Phrase, Role]) -> Phrase | None:
    lengths = range(len(words), 0, -1)
    return next((words[:n] for n in lengths if words[:n] in PHRASES or words[:n] in own), None)


def in_clauses(plain: Plain) -> str:
    """The corrected words with " | " where a clause ended, as `reply_patterns` expects them."""
    return " | ".join(" ".join(correct(word) for word in clause) for clause in plain.clauses)


Parsed = tuple[tuple[Phrase, Role], ...] | None


def _find(kind: ReplyKind, named: patterns.Patterns, clauses: str) -> Reading | None:
    for name, pattern in named:
        if pattern.search(clauses):
            return Reading(kind=kind, matched=name)
    return None


def _phrase_of(role: Role, parsed: Parsed) -> str:
    return next(" ".join(phrase) for phrase, found in parsed or () if found == role)


def _decisive(parsed: Parsed) -> frozenset[Role]:
    return frozenset(role for _, role in parsed or ()) - {Role.THANKS, Role.FILLER}


def _read_stop(clauses: str, parsed: Parsed) -> Reading | None:
    if Role.STOP in _decisive(parsed):
        return Reading(kind=ReplyKind.STOP, matched=_phrase_of(Role.STOP, parsed))
    if patterns.NOT_STOP.search(clauses) or patterns.OUR_OWN_WORDS.search(clauses):
        return None
    return _find(ReplyKind.STOP, patterns.STOP, clauses)


_ACCEPTS_OR_HEDGES: Final = words_in("yes yeah yep yup sure si if but unless pero aunque")


def _read_cancel(clauses: str, parsed: Parsed, *, asks: bool) -> Reading | None:
    if _decisive(parsed) == {Role.CANCEL_VISIT}:
        return Reading(kind=ReplyKind.CANCEL_VISIT, matched=_phrase_of(Role.CANCEL_VISIT, parsed))
    words = frozenset(clauses.split())
    if words & _ACCEPTS_OR_HEDGES or patterns.CANCEL_NEGATED.search(clauses):
        return None
    if words & patterns.CANCEL_WORDS:
        return Reading(kind=ReplyKind.CANCEL_VISIT, matched="asks to cancel")
    # "I can't make it, do you have Friday?" asks for another time first of all.
    return None if asks else _find(ReplyKind.CANCEL_VISIT, patterns.CANCEL_VISIT, clauses)


_SHORT_ANSWERS: Final[Mapping[frozenset[Role], tuple[ReplyKind, Role]]] = {
    frozenset({Role.YES}): (ReplyKind.YES, Role.YES),
    frozenset({Role.NO}): (ReplyKind.NO, Role.NO),
    frozenset({Role.NO, Role.REASON}): (ReplyKind.NO, Role.NO),
    frozenset({Role.START}): (ReplyKind.START, Role.START),
}


def _read_short_answer(plain: Plain, parsed: Parsed, *, too_long: bool) -> Reading | None:
    decisive = _decisive(parsed)
    if decisive == {Role.HELP}:
        return Reading(kind=ReplyKind.HELP, matched=_phrase_of(Role.HELP, parsed))
    if plain.quotes:
        return _read_reaction(plain)
    if not parsed or too_long or plain.asks:
        return None
    if decisive in _SHORT_ANSWERS:
        kind, role = _SHORT_ANSWERS[decisive]
        return Reading(kind=kind, matched=_phrase_of(role, parsed))
    if not decisive and any(role == Role.THANKS for _, role in parsed):
        return Reading(kind=ReplyKind.THANKS, matched=_phrase_of(Role.THANKS, parsed))
    return None


def _read_reaction(plain: Plain) -> Reading | None:
    """A heart on one of our texts is a courtesy: nobody knows which question it answers."""
    if patterns.FRIENDLY_REACTION.search(in_clauses(plain)):
        return Reading(kind=ReplyKind.THANKS, matched="reaction")
    return None


def _read_question(clauses: str, *, asks: bool) -> Reading | None:
    if asks:
        return Reading(kind=ReplyKind.QUESTION, matched="question mark")
    return _find(ReplyKind.QUESTION, patterns.QUESTION, clauses)
