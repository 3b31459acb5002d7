"""Whether a red flag is denied or long past: it is then unsure, never "fine".

Works on the words around a phrase, in its own clause. What it misses stays an emergency; so
every cue here is one that plainly denies, and whatever only sounds like it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from triage.rules.words import Word, words_in
from triage.states import Doubt

REACH: Final = 5
"""So many words before a phrase a denial may stand ("no fever or chest pain")."""

_DENIES: Final = words_in(
    """
    no not dont doesnt didnt isnt arent wasnt werent havent hasnt hadnt never without deny
    denies denied none nor neither aint nothing zero sin nunca tampoco ni ningun ninguna niega
    jamas nada
    """
)
#: "No I have chest pain" answers our question first: these take the "no" back.
_SPEAKS_ANEW: Final = words_in(
    """
    i im ive have having got my we he hes she shes they because cause cuz bc can cant need its
    theres porque mi me
    """
)
#: A denial of something else: "not sure", "dont know what to do", "wont go away".
_DENIES_SOMETHING_ELSE: Final = re.compile(
    r"(?:not|dont|doesnt|isnt|no) (?:sure|know|understand|good|well|ok|okay|getting|stopping|"
    r"going away|better|only|just|improving|working|se|estoy bien|aguanto|puedo|mejora|para|"
    r"deja|se quita|(?:feeling|feel|doing|me siento) (?:so |very |too |muy )?(?:good|well|ok|okay|"
    r"right|great|bien))\b"
)
_GONE: Final = re.compile(
    r"^(?:\w+ ){0,3}(?:gone|resolved|stopped|went away|is better|all better|no more|over now|"
    r"ya no|ya paso|se quito|se me quito|se fue|no|none|negative|denied)\b"
)
_LONG_AGO: Final = re.compile(
    r"\b(?:(?:last|past) (?:year|month|summer|winter|spring|fall|week)|"
    r"(?:years|months|yrs|weeks|decades) (?:ago|back)|(?:year|month|week) ago|(?:19|20)\d\d|"
    r"history|hx|used to|when i was|as a (?:kid|child)|previous|previously|prior|"
    r"ano pasado|mes pasado|semana pasada|hace (?:\w+ ){0,2}(?:anos|meses|semanas|ano|mes|semana)|"
    r"antecedentes?|historial|de nino|de nina)\b"
)


def doubt_of(words: Sequence[Word], first: int, last: int) -> Doubt:
    """Why the phrase from `first` to `last` (positions, both included) may not be a red flag."""
    clause = words[first].clause
    before = [word.text for word in words[:first] if word.clause == clause]
    after = [word.text for word in words[last + 1 :] if word.clause == words[last].clause]
    if _is_denied(before[-REACH:]) or _is_gone(words, last, after):
        return Doubt.DENIED
    inside = [word.text for word in words[first : last + 1]]
    if _LONG_AGO.search(" ".join([*before, *inside, *after])):
        return Doubt.PAST
    return Doubt.NONE


def _is_denied(before: list[str]) -> bool:
    for at, word in enumerate(before):
        rest = before[at + 1 :]
        if word not in _DENIES or (word == "no" and _SPEAKS_ANEW & set(rest)):
            continue
        if not _DENIES_SOMETHING_ELSE.match(" ".join([word, *rest])):
            return True
    return False


def _is_gone(words: Sequence[Word], last: int, after: list[str]) -> bool:
    """ "chest pain is gone", and "chest pain: no"."""
    if _GONE.match(" ".join(after)):
        return True
    following = [word.text for word in words[last + 1 :] if word.clause == words[last].clause + 1]
    return not after and 0 < len(following) <= 2 and following[0] in {"no", "none", "nope"}
