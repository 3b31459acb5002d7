"""The only `select_for_update` of this app. The order is: phone, message, sender's pace.

The pace needs no lock: `actions.pace.take_turn` is one UPDATE.
"""

from __future__ import annotations

from collections.abc import Collection

from crm.models import Phone
from outreach.models import Message

# FOR NO KEY UPDATE: rows that only point at a phone or a message can still be inserted.


def lock_phone(phone_id: int) -> Phone:
    """One decision at a time about a phone: an opt-out and a text to it exclude each other,
    and two texts cannot both be the last that the budget allows.

    :raises Phone.DoesNotExist:
    """
    return Phone.objects.select_for_update(no_key=True).get(pk=phone_id)


def lock_message(pk: int) -> Message:
    """The message as it is now, with its phone, patient and text. :raises Message.DoesNotExist:"""
    rows = Message.objects.select_related("phone", "patient", "text_version")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_phones(phone_ids: Collection[int]) -> None:
    """Several phones, in key order, so that two who want the same ones cannot block each other."""
    rows = Phone.objects.select_for_update(no_key=True).filter(pk__in=phone_ids)
    list(rows.order_by("pk").values_list("pk"))


def lock_messages(pks: Collection[int]) -> list[Message]:
    """These messages as they are now, in key order. The caller holds their phones."""
    rows = Message.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks)
    return list(rows.order_by("pk"))
