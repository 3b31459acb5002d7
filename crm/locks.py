"""The only `select_for_update` of this app. Locks end with the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection

from crm.models import Agent, Interaction, Patient, Phone, Task, WrapUp

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


def lock_people(patient_ids: Collection[int]) -> None:
    """Two records that become one, or two: meanwhile not even a row that points at them can be
    inserted. By key, and before anything else of theirs."""
    rows = Patient.objects.select_for_update().filter(pk__in=patient_ids)
    list(rows.order_by("pk").values_list("pk"))


@contextmanager
def little_patience() -> Iterator[None]:
    """Within the block wait for no lock for longer than half a second (55P03), less than
    PostgreSQL waits before it looks for a deadlock: so it is never somebody else who loses."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def lock_interaction(interaction_id: int) -> Interaction:
    """One change at a time to a contact at the desk: two tabs, a hand-off, the telephone.

    :raises Interaction.DoesNotExist:
    """
    rows = Interaction.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("patient", "journey").get(pk=interaction_id)


def lock_wrap_up(wrap_up_id: int) -> WrapUp:
    """One change at a time to a contact's note: what the EHR answers belongs to one version of it.

    :raises WrapUp.DoesNotExist:
    """
    rows = WrapUp.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("interaction__patient", "interaction__journey").get(pk=wrap_up_id)


def lock_task(task_id: int) -> Task:
    """One try at a time is counted of a task to call somebody back.

    :raises Task.DoesNotExist:
    """
    rows = Task.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("patient", "journey", "callback__phone").get(pk=task_id)


def lock_name(name: str) -> None:
    """Hold what may have no row yet: a call by the telephone system's key for it.

    An advisory lock: two pieces of news that come at once are heard one after the other, and do
    not open two contacts. Before the contact.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_agents(user_ids: Collection[int]) -> list[Agent]:
    """By key, after the contact; members of staff who never were at the desk are left out."""
    rows = Agent.objects.select_for_update(no_key=True, of=("self",))
    return list(rows.filter(user__in=user_ids).order_by("pk"))
