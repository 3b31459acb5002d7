"""The sending end: after commit, tell open pages that an event was written."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

import redis
import structlog

from crm.live.channel import CHANNEL, Notice, connect_publisher

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

#: After a failure, how long to leave Redis alone, so that a thousand events during an outage
#: don't each wait for the time-out.
BREAK_SECONDS = 5.0


class Publisher:
    """Puts notices on the channel; never raises and never holds the caller up for long."""

    def __init__(
        self,
        *,
        connect: Callable[[], redis.Redis] = connect_publisher,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = connect()
        self._clock = clock
        self._closed_until = 0.0

    def send(self, notice: Notice) -> bool:
        """Publish one notice; whether it went out."""
        if self._clock() < self._closed_until:
            return False
        try:
            self._client.publish(CHANNEL, notice.to_json())
        except (redis.RedisError, OSError) as error:
            self._closed_until = self._clock() + BREAK_SECONDS
            log.warning("live_publish_failed", event_id=notice.id, error=type(error).__name__)
            return False
        return True


@lru_cache(maxsize=1)
def _publisher() -> Publisher:
    return Publisher()


def publish(event_id: int, name: str, subject_type: str, subject_id: int) -> bool:
    """Tell open pages of an event. Call it after commit; ids only, no patient data.

    A Redis that is down costs at most a quarter of a second, once in five seconds, and is logged:
    pages also look for themselves now and then, and a returning stream reads the table.

    :param event_id: primary key of the `crm.Event` row.
    :param name: such as ``waitlist.offer-accepted``.
    :param subject_type: such as ``waitlist.opening``.
    :returns: whether the notice went out.
    """
    return _publisher().send(Notice(event_id, name, subject_type, subject_id))
