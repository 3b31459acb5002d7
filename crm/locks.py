"""The only `select_for_update` of this app. Locks end with the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection

from crm.models import Interaction, Patient, Phone

# FOR NO KEY UPDATE: rows that only point at a phone or a patient can still be inserted.


def lock_phone(phone_id: int) -> Phone:
    """One decision at a time about a phone: an opt-out and a text to it exclude each other.

    :raises Phone.DoesNotExist:
    """
    return Phone.objects.select_for_update(no_key=True).get(pk=phone_id)


def lock_patients(patient_ids: Collection[int]) -> None:
    """One new journey at a time for each patient. By key, so that two who want the same ones
    cannot block each other."""
    rows = Patient.objects.select_for_update(no_key=True).filter(pk__in=patient_ids)
    list(rows.order_by("pk").values_list("pk"))


def lock_interaction(interaction_id: int) -> Interaction:
    """One change at a time to a contact at the desk: two tabs, a hand-off, the telephone.

    :raises Interaction.DoesNotExist:
    """
    rows = Interaction.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("patient", "journey").get(pk=interaction_id)
