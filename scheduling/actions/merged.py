"""An EHR has made two records one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from django.db import transaction

from crm.actions.merging import hear_of_merge
from crm.engine import Actor, insert_or_none, written_together
from crm.models import Patient, PatientIdentifier
from crm.states.merging import MergeStatus
from scheduling.actions.checks import check_person
from scheduling.actions.outcomes import ReportOutcome
from scheduling.actions.persons import apply_patient_report
from scheduling.linking import Keys, keys_of
from scheduling.locks import lock_names
from scheduling.ports import IdentifierReport, PatientReport


def apply_merge_report(
    report: PatientReport,
    *,
    gone: Collection[IdentifierReport],
    source: str,
    sent_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> ReportOutcome:
    """`report` is who stands, `gone` the numbers of the record that was given up.

    Where we know both, they are merged, by the sender's direction; where we know one, it is known
    by all these numbers from now on.

    :raises ReportRefused: without an identifier, and for news from the future.
    """
    prior = replace(report, identifiers=tuple(gone))
    for told in (report, prior):
        check_person(told, source=source, sent_at=sent_at, at=at)
    with transaction.atomic(), written_together():
        keys, old = keys_of(report, source=source), keys_of(prior, source=source)
        lock_names(*(f"identifier {system} {value}" for system, value in (*keys, *old)))
        known = list(dict.fromkeys([*_known(keys), *_known(old)]))
        if known:
            _add(known[0], keys)
        merges = [
            hear_of_merge(stays=known[0], gone=other, source=source, sent_at=sent_at, by=by, at=at)
            for other in known[1:]
        ]
        if any(merge is None for merge in merges):
            return ReportOutcome.ignored("A person has taken this merge back since it was sent.")
        if any(merge and merge.status != MergeStatus.MERGED for merge in merges):
            return ReportOutcome.applied(
                "The records will be made one as soon as nothing of theirs is in flight."
            )
        apply_patient_report(report, source=source, sent_at=sent_at, by=by, at=at)
        for patient in _known(keys)[:1]:
            _add(patient, old)
    said = "Two records were made one." if merges else "One record is known by both numbers now."
    return ReportOutcome.applied(said)


def _known(keys: Keys) -> list[Patient]:
    """Whose these identifiers are, in their order."""
    rows = PatientIdentifier.objects.filter(value__in=[value for _, value in keys])
    held = {(row.system, row.value): row.patient for row in rows.select_related("patient")}
    return [held[key] for key in keys if key in held]


def _add(patient: Patient, keys: Keys) -> None:
    """Those that nobody has."""
    for system, value in keys:
        insert_or_none(PatientIdentifier(system=system, value=value, patient=patient))
