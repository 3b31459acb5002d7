"""What a held text also asked for: the yes beside the chest pain.

`read_reply` understands a text only when it understands every word, as it must before it books.
Here nothing is booked: a person sees the reading beside the text, and decides. Opt-outs are the
exception; they hold whatever else the text says.
"""

from __future__ import annotations

import re
from typing import Final

from outreach.rules.replies import Reading, ReplyKind, read_reply

_PARTS: Final = re.compile(
    r"[.,;:!?\n\u2013\u2014]+|\b(?:but|and|because|pero|aunque|porque|y)\b", re.IGNORECASE
)
_UNDERSTOOD: Final = (
    ReplyKind.STOP,
    ReplyKind.WRONG_NUMBER,
    ReplyKind.CANCEL_VISIT,
    ReplyKind.YES,
    ReplyKind.NO,
)
"""What a part of a text may ask for; the first outweighs the others."""

CARRIED_OUT: Final = frozenset({ReplyKind.YES, ReplyKind.NO, ReplyKind.CANCEL_VISIT})
"""What a person may have carried out by one click. Opt-outs are never held."""


def read_also(text: str, *, language: str) -> Reading:
    """The text's own reading where it has one, else that of the part that asks for something.

    A text that says both yes and no asks for neither.
    """
    whole = read_reply(text, language=language)
    if whole.kind in _UNDERSTOOD:
        return whole
    parts = [read_reply(part, language=language) for part in _PARTS.split(text) if part.strip()]
    kinds = {part.kind for part in parts}
    if {ReplyKind.YES, ReplyKind.NO} <= kinds:
        return whole
    asked = (part for kind in _UNDERSTOOD for part in parts if part.kind == kind)
    return next(asked, whole)
