"""The only `select_for_update` of the inbox."""

from __future__ import annotations

from django.db import connection

from integrations.models import InboxMessage, Replay
from integrations.states import InboxKind


def lock_message(pk: int) -> InboxMessage:
    """:raises InboxMessage.DoesNotExist:"""
    return InboxMessage.objects.select_for_update().get(pk=pk)


def lock_replay(pk: int) -> Replay:
    """:raises Replay.DoesNotExist:"""
    return Replay.objects.select_for_update().get(pk=pk)


def lock_key(kind: InboxKind, source: str, key: str) -> None:
    """Hold a message key, which may have no row yet, until the transaction ends.

    Two bodies with one key that come in the same moment would else not see each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"inbox {kind} {source} {key}"],
        )
