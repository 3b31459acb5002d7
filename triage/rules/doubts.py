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
#: "Didnt sleep because of", "no vine por": what comes next is the reason, and denied by nobody.
_GIVES_REASON: Final = words_in("because cause cuz bc due from por porque")
#: A denial of something else: "not sure", "dont know what to do", "nothing helps", "no relief".
_DENIES_SOMETHING_ELSE: Final = re.compile(
    r"(?:not|dont|doesnt|didnt|isnt|arent|no) (?:sure|know|understand|good|well|ok|okay|getting|"
    r"stopping|going away|better|only|just|improving|working|work|help|helping|helped|touching|"
    r"ignore|relief|joke|matter|idea|se|estoy bien|aguanto|puedo|mejora|para|"
    r"deja|se quita|(?:feeling|feel|doing|me siento) (?:so |very |too |muy )?(?:good|well|ok|okay|"
    r"right|great|bien))\b|"
    r"(?:nothing|nada) (?:\w+ ){0,2}(?:helps?|helped|helping|works?|worked|stops?|stopped|eases?|"
    r"relieves?|touches|ayuda|quita|sirve|funciona|alivia|calma|para)\b|"
    r"(?:without|sin) (?:relief|stopping|warning|alivio|parar|mejorar)\b"
)
#: "Never had such chest pain": there it is. Also behind it: "never had chest pain like this".
_NEVER: Final = words_in("never havent hasnt hadnt nunca jamas")
_MEASURES: Final = words_in("such so this tan tanto tanta tal este esta asi")
_NEVER_SO: Final = re.compile(
    r"^(?:\w+ ){0,2}(?:like (?:this|that|these)|(?:this|so|that) (?:bad|badly|much|strong|severe|"
    r"intense|hard)|before|until|till|asi|tan|tanto|antes|hasta|como (?:este|esta|ahora))\b"
)
#: "No" must end it: "chest pain no", and not "me duele el pecho y no puedo ir".
_GONE: Final = re.compile(
    r"^(?:(?!(?:not|hasnt|havent|isnt|arent|wont|never|no|nunca)\b)\w+ ){0,3}"
    r"(?:(?:gone|resolved|stopped|went away|is better|all better|no more|over now|"
    r"ya no(?! (?:aguanto|puedo|soporto))|ya paso|se quito|se me quito|se fue)\b|"
    r"(?:no|none|negative|denied)$)"
)
_LONG_AGO: Final = re.compile(
    r"\b(?:(?:last|past) (?:year|month|summer|winter|spring|fall|week)|"
    r"(?:years|months|yrs|weeks|decades) (?:ago|back)|(?:year|month|week) ago|(?:19|20)\d\d|"
    r"history|hx|used to|when i was|as a (?:kid|child)|previous|previously|prior|"
    r"ano pasado|mes pasado|semana pasada|hace (?:\w+ ){0,2}(?:anos|meses|semanas|ano|mes|semana)|"
    r"antecedentes?|historial|de nino|de nina)\b"
)
#: Begun then, and not over: "since last week", "for the past month", "still", "worse now".
_LASTS: Final = re.compile(
    r"\b(?:(?:since|for|over|all) (?:the )?(?:last|past)|since (?:a|\w+ (?:years|months|weeks))|"
    r"since (?:19|20)\d\d|still|again|now|worse|worsening|keeps|desde|hace (?:\w+ ){1,3}que|"
    r"todavia|aun|sigo|sigue|otra vez|ahora|peor|hoy|today|tonight)\b"
)


def doubt_of(words: Sequence[Word], first: int, last: int) -> Doubt:
    """Why the phrase from `first` to `last` (positions, both included) may not be a red flag."""
    clause = words[first].clause
    before = [word.text for word in words[:first] if word.clause == clause]
    after = [word.text for word in words[last + 1 :] if word.clause == words[last].clause]
    if _is_denied(before[-REACH:], after) or _is_gone(words, last, after):
        return Doubt.DENIED
    said = " ".join([*before, *(word.text for word in words[first : last + 1]), *after])
    if _LONG_AGO.search(said) and not _LASTS.search(said):
        return Doubt.PAST
    return Doubt.NONE


def _is_denied(before: list[str], after: list[str]) -> bool:
    for at, word in enumerate(before):
        rest = before[at + 1 :]
        if word not in _DENIES or (word == "no" and _SPEAKS_ANEW & set(rest)):
            continue
        if _GIVES_REASON & set(rest) or (word in _NEVER and _is_new(rest, after)):
            continue
        if not _DENIES_SOMETHING_ELSE.match(" ".join([word, *rest])):
            return True
    return False


def _is_new(rest: list[str], after: list[str]) -> bool:
    """ "Never had chest pain like this", "nunca tan fuerte": never until now."""
    return bool(_MEASURES & set(rest) or _NEVER_SO.match(" ".join(after)))


def _is_gone(words: Sequence[Word], last: int, after: list[str]) -> bool:
    """ "chest pain is gone", and "chest pain: no"."""
    if _GONE.match(" ".join(after)):
        return True
    following = [word.text for word in words[last + 1 :] if word.clause == words[last].clause + 1]
    return not after and 0 < len(following) <= 2 and following[0] in {"no", "none", "nope"}
