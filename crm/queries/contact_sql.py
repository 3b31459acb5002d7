"""The three statements behind contact permissions, and how to run them."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

# Written by hand: the ORM takes longer to put these together than PostgreSQL to answer them,
# and every opening waits for them.
PATIENTS: Final = """
    SELECT patient.id, patient.zone, patient.birth_on, patient.deceased_at, patient.sensitivity,
           patient.wants_earlier_offers,
           link.rank, link.is_confidential, link.ended_on,
           EXISTS (SELECT FROM crm_patientphone other
                   WHERE other.phone_id = link.phone_id AND other.patient_id <> patient.id
                     AND (other.ended_on IS NULL OR other.ended_on > %(today)s)),
           phone.id, phone.number, phone.can_text, phone.cannot_text_reason
    FROM crm_patient patient
    LEFT JOIN crm_patientphone link ON link.patient_id = patient.id
    LEFT JOIN crm_phone phone ON phone.id = link.phone_id
    WHERE patient.id = ANY(%(patients)s)
    ORDER BY link.rank, link.id
"""
PROXIES: Final = """
    SELECT proxy.patient_id, proxy.id, proxy.scope, proxy.until_age, proxy.ends_on,
           proxy.court_restriction,
           noted.id, noted.number, noted.can_text, noted.cannot_text_reason,
           link.ended_on,
           own.id, own.number, own.can_text, own.cannot_text_reason
    FROM crm_proxy proxy
    LEFT JOIN crm_phone noted ON noted.id = proxy.phone_id
    LEFT JOIN crm_patientphone link ON link.patient_id = proxy.person_id
    LEFT JOIN crm_phone own ON own.id = link.phone_id
    WHERE proxy.patient_id = ANY(%(patients)s)
    ORDER BY proxy.id, link.rank, link.id
"""
LEDGER: Final = """
    SELECT DISTINCT ON (entry.phone_id, entry.patient_id, entry.purpose, entry.decision, undoes)
           entry.phone_id, entry.patient_id, entry.id, entry.purpose, entry.decision, entry.at,
           (entry.evidence ->> 'undoes')::bigint AS undoes, gone.merged_into_id, gone.merged_at
    FROM crm_consententry entry
    LEFT JOIN crm_patient gone
        ON gone.id = entry.patient_id AND gone.merged_into_id IS NOT NULL
    WHERE entry.phone_id = ANY(%(phones)s) AND entry.channel = %(channel)s
    ORDER BY entry.phone_id, entry.patient_id, entry.purpose, entry.decision, undoes,
             entry.at DESC, entry.id DESC
"""


def read(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement, in the order of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
