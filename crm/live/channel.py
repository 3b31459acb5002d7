"""The one Redis channel between the processes that act and the processes that stream."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "firstcall:live"
#: Whom a notice may name besides its subject.
CONCERNED = ("patient", "contact", "agent", "queue")
#: The longest that an action may be held up by a Redis that is down or hangs.
PUBLISH_TIMEOUT_SECONDS = 0.25
#: How often a quiet subscription is probed, so that a dead connection is noticed.
PROBE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened: which event row, its name, and the row it is about; and by their ids
    whom that row concerns, so that only their pages need look. Never more.

    :param contact: the contact at the desk. :param agent: the member of staff who has it, or is
        asked to. :param queue: where it waits.
    """

    id: int
    name: str
    subject_type: str
    subject_id: int
    patient: int | None = None
    contact: int | None = None
    agent: int | None = None
    queue: int | None = None

    def to_json(self) -> str:
        told = {key: value for key, value in asdict(self).items() if value is not None}
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def from_json(cls, raw: str | bytes) -> Notice:
        """:raises ValueError: when the text is not a notice."""
        try:
            fields = json.loads(raw)
            return cls(
                id=int(fields["id"]),
                name=str(fields["name"]),
                subject_type=str(fields["subject_type"]),
                subject_id=int(fields["subject_id"]),
                **{key: int(fields[key]) for key in CONCERNED if key in fields},
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a notice") from error


def connect_publisher() -> redis.Redis:
    """A client that gives up quickly and never tries twice."""
    env = settings.FIRSTCALL
    options: dict[str, Any] = {
        "socket_timeout": PUBLISH_TIMEOUT_SECONDS,
        "socket_connect_timeout": PUBLISH_TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    if env.redis_sentinels:
        sentinel: Any = redis.Sentinel(_addresses(env.redis_sentinels), **options)  # type: ignore[no-untyped-call]
        return cast("redis.Redis", sentinel.master_for(env.redis_sentinel_master, **options))
    return redis.Redis.from_url(env.redis_url, **options)


def connect_subscriber() -> redis.asyncio.Redis:
    """A client for the subscription. It doesn't mend itself: a gap must be told to the pages."""
    env = settings.FIRSTCALL
    options: dict[str, Any] = {
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "retry": AsyncRetry(NoBackoff(), 0),
    }
    if env.redis_sentinels:
        sentinel: Any = redis.asyncio.Sentinel(_addresses(env.redis_sentinels), **options)  # type: ignore[no-untyped-call]
        return cast(
            "redis.asyncio.Redis", sentinel.master_for(env.redis_sentinel_master, **options)
        )
    return redis.asyncio.Redis.from_url(env.redis_url, **options)


def _addresses(sentinels: str) -> list[tuple[str, int]]:
    """`"a:26379, b:26379"` as pairs of host and port."""
    pairs = (address.strip().rpartition(":") for address in sentinels.split(","))
    return [(host, int(port)) for host, _, port in pairs]
