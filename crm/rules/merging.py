"""What consent means once two records are one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from crm.rules.contact import LedgerFact
from crm.states import Purpose

#: Older than anything that anybody has said.
_LONG_AGO: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def after_merge(ledger: Iterable[LedgerFact], *, merged_at: dt.datetime) -> list[LedgerFact]:
    """The ledger of a record that was merged away, as it speaks for the one that stands.

    A STOP of either holds: one that the record given up has not taken back counts as said at the
    merge, so that only a later word undoes it; its consent counts where nobody has said
    otherwise, however long ago. Nothing of it is rewritten: take the merge back, and each speaks
    for itself again.
    """
    entries = list(ledger)
    kept = [replace(entry, at=_LONG_AGO) for entry in entries if not entry.is_revoked]
    for stop in (entry for entry in entries if entry.is_revoked):
        later = [other for other in entries if not other.is_revoked and other.at > stop.at]
        ended = _ENDS.get(stop.purpose, (stop.purpose,))
        still = [one for one in ended if not any(other.covers(Purpose(one)) for other in later)]
        whole = [stop.purpose] if len(still) == len(ended) else still
        kept += [replace(stop, purpose=one, at=max(stop.at, merged_at)) for one in whole]
    return kept


#: What a STOP for all has ended, one by one.
_ENDS: Final = {Purpose.ALL.value: tuple(one.value for one in Purpose if one != Purpose.ALL)}
