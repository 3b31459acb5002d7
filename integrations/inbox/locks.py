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


def lock_key(kind: InboxKind, source: str, key: str, *, flushed: bool = True) -> None:
    """Hold a message key, which may have no row yet, until the transaction ends.

    Two bodies with one key that come in the same moment would else not see each other.

    :param flushed: False where another commit follows before anybody is told that the message is
        ours: that one brings both to the disk, and this one need not wait for it.
    """
    commit = "on" if flushed else "off"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)),"
            " set_config('synchronous_commit', %s, true)",
            [f"inbox {kind} {source} {key}", commit],
        )
