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

    def send(self, *notices: Notice) -> bool:
        """Publish these in one round trip; whether they went out."""
        if not notices or self._clock() < self._closed_until:
            return False
        try:
            with self._client.pipeline(transaction=False) as line:
                for notice in notices:
                    line.publish(CHANNEL, notice.to_json())
                line.execute()
        except (redis.RedisError, OSError) as error:
            self._closed_until = self._clock() + BREAK_SECONDS
            log.warning("live_publish_failed", event_id=notices[0].id, error=type(error).__name__)
            return False
        return True


@lru_cache(maxsize=1)
def _publisher() -> Publisher:
    return Publisher()


def publish(*notices: Notice) -> bool:
    """Tell open pages of events. Call it after commit; ids only, no patient data.

    A Redis that is down costs at most a quarter of a second, once in five seconds, and is logged:
    pages also look for themselves now and then, and a returning stream reads the table.

    :returns: whether the notices went out.
    """
    return _publisher().send(*notices)
