"""What the floors above say about merging two records: this floor knows none of their models.

They register in `AppConfig.ready`. What nobody speaks of is moved like everything else, and a
merge is refused where a constraint stands against one of its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from crm.rules.said import say

#: Takes both patients and the time; a sentence for staff about what has to end first, or None.
Objection = Callable[[Collection[int], dt.datetime], str | None]

_OBJECTIONS: list[Objection] = []
#: Model labels whose row stays behind where the other record has its like already: the EHR, or
#: the next matching, says it again.
_MAY_STAY = {
    "crm.patientphone",  # `crm.actions.merge_rows` sees to what is confidential
    "crm.chartfetch",
    "crm.labreport",
    "crm.careplanitem",
    "crm.medication",
    "crm.encounter",
}
_SENTENCES: dict[str, str] = {}


def object_to_merges(objection: Objection) -> None:
    """Ask `objection` before records are merged, or a merge is undone. It runs behind the locks."""
    if objection not in _OBJECTIONS:
        _OBJECTIONS.append(objection)


def may_stay_behind(*labels: str) -> None:
    """Rows of these models ("waitlist.candidate") may stay with the record that is given up."""
    _MAY_STAY.update(labels)


def explain_conflict(label: str, sentence: str) -> None:
    """What staff read when rows of this model cannot stand together under one patient."""
    _SENTENCES[label] = sentence


def find_objection(patient_ids: Collection[int], *, at: dt.datetime) -> str | None:
    """The first thing that has to end before these records may be touched."""
    return next((said for ask in _OBJECTIONS if (said := ask(patient_ids, at))), None)


def stays_behind(label: str) -> bool:
    return label in _MAY_STAY


def say_conflict(label: str, plural: str) -> str:
    said = _SENTENCES.get(label)
    return said or say(
        "Both records have %(rows)s that cannot stand together. Settle these first.", rows=plural
    )
