"""The step of merges: brings late rows along, and tries again what an EHR told of."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.actions.duplicates import MergeRefused, MergeSettled, ask_records_staff
from crm.actions.merging import AGAIN, bring_along, merge_patients
from crm.engine import Actor, step
from crm.models import PatientMerge
from crm.states.merging import MergeStatus

BY: Final = Actor.system("merging")
#: An EHR's merge that could not be done for so long is for a person.
PATIENCE: Final = dt.timedelta(hours=4)


@step(name="crm.merge", model=PatientMerge, queue="bulk")
def settle_merge(pk: int, at: dt.datetime) -> dt.datetime | None:
    """A merged pair: what was written for the record given up since. A pair that an EHR has
    merged: once nothing of theirs is in flight, it is merged here, too."""
    merge = PatientMerge.objects.filter(pk=pk).first()
    if merge is None:
        return None
    try:
        if merge.status == MergeStatus.MERGED:
            return bring_along(merge, by=BY, at=at)
        if merge.status == MergeStatus.FLAGGED and merge.source:
            merge_patients(merge_id=pk, by=Actor.ehr(merge.source), at=at)
    except MergeSettled:
        return None
    except MergeRefused:
        if merge.status == MergeStatus.MERGED or at - merge.flagged_at < PATIENCE:
            return at + AGAIN
        ask_records_staff(merge, by=BY, at=at)
    return None
