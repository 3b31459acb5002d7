"""Which class a cancelled visit belongs to, from what was said of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scheduling.states import CancelledBy, CancelReason

_UNSAID: Final[Mapping[CancelledBy, CancelReason]] = {
    CancelledBy.PATIENT: CancelReason.PATIENT_UNSAID,
    CancelledBy.PROVIDER: CancelReason.CLINICIAN_UNSAID,
    CancelledBy.ORGANIZATION: CancelReason.CLINIC_UNSAID,
    CancelledBy.UNKNOWN: CancelReason.NOT_SAID,
}
_OTHER: Final[Mapping[CancelledBy, CancelReason]] = {
    CancelledBy.PATIENT: CancelReason.PATIENT_OTHER,
    CancelledBy.PROVIDER: CancelReason.CLINICIAN_OTHER,
    CancelledBy.ORGANIZATION: CancelReason.CLINIC_OTHER,
    CancelledBy.UNKNOWN: CancelReason.NOT_SAID,
}
UNSAID: Final = frozenset(_UNSAID.values())


def classify_cancel(
    *, code: CancelReason | None, who: CancelledBy, has_words: bool
) -> CancelReason:
    """The class of a cancelled visit; there is one for every visit, and its `who` is whose doing
    it was.

    :param code: the reason, where somebody has said one that we know.
    :param who: whose doing it was, which outweighs a code that says otherwise: a sender's own
        table may give a common code another meaning.
    :param has_words: whether a reason was given that no table knows.
    """
    if code is not None and who in {CancelledBy.UNKNOWN, code.who}:
        return code
    return (_OTHER if has_words or code is not None else _UNSAID)[who]


def says_more(told: CancelReason, *, known: CancelReason | None) -> bool:
    """Whether a later statement adds to what is known, and does not contradict it."""
    if known is None or known is CancelReason.NOT_SAID:
        return told is not known
    return known in UNSAID and told not in UNSAID and told.who is known.who
