"""What EHRs say of a person, apart from any visit."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, written_together
from scheduling.actions.checks import check_person
from scheduling.actions.outcomes import ReportOutcome
from scheduling.people import get_or_add_patient, update_patient
from scheduling.ports import PatientReport


def apply_patient_report(
    report: PatientReport, *, source: str, sent_at: dt.datetime, by: Actor, at: dt.datetime
) -> ReportOutcome:
    """Store who somebody is; registers a patient who is new to us.

    An older statement only adds what we lack.

    :raises ReportRefused: without an identifier, when they belong to several patients, or for
        news from the future.
    """
    check_person(report, source=source, sent_at=sent_at, at=at)
    with transaction.atomic(), written_together():
        patient = get_or_add_patient(report, source=source, sent_at=sent_at, by=by, at=at)
        is_older = patient.source_sent_at is not None and sent_at < patient.source_sent_at
        changed = update_patient(patient, report, sent_at=sent_at, by=by, at=at)
    if changed:
        return ReportOutcome.applied("The patient's details were brought up to date.")
    if is_older:
        return ReportOutcome.ignored("It is older than what we know of this patient.")
    return ReportOutcome.applied("The patient's details are as we knew.")
