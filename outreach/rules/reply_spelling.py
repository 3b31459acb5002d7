"""Misspelt words put right, with great reserve.

A short word is corrected only from a list, since one letter turns "yes" into "yet", "stop" into
"step", "no" into "now", and "si" into "is". A long word may differ from a known one by a letter
(two, from nine letters on) if it begins with the same letter and is not itself a word that
patients use ("cancer" is one letter away from "cancel").
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Final

from rapidfuzz.distance import OSA

from outreach.rules.reply_words import PHRASES, words_in

_LISTED: Final[dict[str, str]] = {
    "yes": "yess yse yeds yesh yees yyes yas yus yesd yews yesa eys yres",
    "yeah": "yeh yeha yaeh yah yeahh",
    "yep": "yepp",
    "yup": "yupp yupper",
    "ok": "okk okok oky",
    "okay": "okya oaky okayy kay",
    "sure": "suer shure",
    "please": "plese pleas plaese",
    "thanks": "thnaks thnks",
    "thank": "thnak thnk",
    "no": "nno",
    "nope": "noep",
    "stop": "stpo sotp tsop stp stopp sstop stopo stopt",
    "help": "hlep hepl halp",
    "start": "strat satrt",
    "unsubscribe": "unsub",
    "claro": "clario",
    "gracias": "grax grasias",
    "ayuda": "ayda alluda",
    "cancel": "cancle cancell canel",
    "text": "txt",
    "texts": "txts",
    "texting": "txting texing",
    "message": "msg",
    "messages": "msgs mesages",
    "appointment": "appt appts apt apptmt appointments",
    "visit": "visits",
    "number": "num",
    "wrong": "worng wrng",
    "tomorrow": "tmrw tmr tomorow tommorow",
    "dont": "dnt",
}
_STRETCHED: Final = words_in(
    """
    y yes yeah yep yup ok okay sure si sip claro n no nope nah stop help please thanks gracias
    great perfecto hi hey hola
    """
)
_LONG: Final = words_in(
    """
    absolutely appointment appreciate cancel canceling cancelar certainly definitely equivocado
    excelente excellent gracias mensajes messages number perfect perfecto please reschedule
    reprogramar texting thanks tomorrow unsubscribe wonderful
    """
)

NEVER_CORRECTED: Final = words_in(
    """
    cancels cancer cancers cancelado cancelada canceled cancelled cancelan massage massages
    numbed thankful pleased perfected messaged texted
    """
)
"""Words of their own that stand one or two letters from a known word."""

_KNOWN: Final = frozenset(chain.from_iterable(PHRASES)) | _LONG | NEVER_CORRECTED
_CORRECTIONS: Final = {wrong: right for right, line in _LISTED.items() for wrong in line.split()}
_SHORTEST_GUESSED: Final = 6
_TWO_LETTERS_FROM: Final = 9


def correct(word: str) -> str:
    """The known word that `word` plainly stands for, or `word` itself."""
    if word in _CORRECTIONS:
        return _CORRECTIONS[word]
    if word in _KNOWN:
        return word
    return _unstretched(word) or _nearest(word) or word


def _unstretched(word: str) -> str | None:
    """ "yesssss", "siii", "nooo": letters held down."""
    for pattern in (r"(.)\1{2,}", r"(.)\1+$"):
        squeezed = re.sub(pattern, r"\1", word)
        if squeezed != word and squeezed in _STRETCHED:
            return squeezed
    return None


def _nearest(word: str) -> str | None:
    if len(word) < _SHORTEST_GUESSED - 1:
        return None
    near = [known for known in _LONG if known[0] == word[0] and _is_near(word, known)]
    return near[0] if len(near) == 1 else None


def _is_near(word: str, known: str) -> bool:
    reach = 2 if len(known) >= _TWO_LETTERS_FROM else 1
    return OSA.distance(word, known, score_cutoff=reach) <= reach
