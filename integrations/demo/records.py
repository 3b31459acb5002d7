"""Records of the demo that may be one person: two to decide about, one told apart, one merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.actions.duplicates import DECIDE_WITHIN, cause_of
from crm.models import Patient, PatientMerge, Task, User
from crm.states import Role, TaskKind
from crm.states.merging import MergeStatus

#: The father of a son of the same name is so much older.
A_GENERATION: Final = dt.timedelta(days=27 * 365)


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is different in the second record, who saw it, and what became of it."""

    ends: str  # of the family name
    why: str
    ago: dt.timedelta
    status: MergeStatus = MergeStatus.FLAGGED
    is_older: bool = False


_PAIRS: Final = (
    _Pair(
        "s",
        "Same birth date and address, one letter more in the name. Typed while they called.",
        dt.timedelta(hours=2),
    ),
    _Pair(
        "-Lopez",
        "Same birth date and address. They say they married in spring.",
        dt.timedelta(hours=5),
    ),
    _Pair(
        "",
        "Same name and address.",
        dt.timedelta(days=6),
        MergeStatus.DISMISSED,
        is_older=True,
    ),
    _Pair(
        "",
        "Same name, birth date and address: registered again at the front desk.",
        dt.timedelta(days=9),
        MergeStatus.MERGED,
    ),
)


def add_records(patients: Sequence[Patient], staff: dict[Role, User], *, at: dt.datetime) -> int:
    """Second records that the EHR does not know, and what was said of them; returns how many."""
    adults = [one for one in patients if not one.sensitivity and one.birth_on and one.address_line]
    # From the end: the stories are told of the first.
    firsts = adults[-2 : -2 - 2 * len(_PAIRS) : -2]
    for pair, first in zip(_PAIRS, firsts, strict=True):
        _add(pair, first, staff, at=at)
    return len(_PAIRS)


def _add(pair: _Pair, first: Patient, staff: dict[Role, User], *, at: dt.datetime) -> None:
    flagged_at = at - pair.ago
    second = _second(pair, first)
    is_open = pair.status == MergeStatus.FLAGGED
    decided: dict[str, Any] = {} if is_open else {
        "decided_at": flagged_at + dt.timedelta(hours=3), "decided_by": staff[Role.MANAGER]
    }  # fmt: skip
    made = PatientMerge.objects.create(
        survivor=first,
        other=second,
        status=pair.status,
        why=pair.why,
        flagged_at=flagged_at,
        flagged_by=staff[Role.AGENT].get_full_name(),
        **decided,
    )
    if pair.status == MergeStatus.MERGED:
        second.merged_into, second.merged_at = first, decided["decided_at"]
        second.save(update_fields=["merged_into", "merged_at"])
    if is_open:
        Task.objects.create(
            kind=TaskKind.DUPLICATE,
            title="Two records that may be one person",
            why=pair.why,
            patient=first,
            due_at=flagged_at + DECIDE_WITHIN,
            created_at=flagged_at,
            cause_key=cause_of(made),
        )


def _second(pair: _Pair, first: Patient) -> Patient:
    assert first.birth_on is not None  # noqa: S101 chosen so
    return Patient.objects.create(
        given_name=first.given_name,
        family_name=f"{first.family_name}{pair.ends}",
        birth_on=first.birth_on - A_GENERATION if pair.is_older else first.birth_on,
        sex=first.sex,
        language=first.language,
        zone=first.zone,
        address_line=first.address_line,
        city=first.city,
        state=first.state,
        postal_code=first.postal_code,
        wants_earlier_offers=False,
    )
