"""Server-sent events as bytes (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Beats and goodbyes are events rather than comments, because a browser hides comments from the page
and the page wants to say when it last heard from us.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.live.channel import Notice

BEAT = b"event: beat\ndata: 1\n\n"
#: Something may have been missed: refresh everything.
RESYNC = b"event: resync\ndata: 1\n\n"
#: The session ended or the user was switched off: do not come back by yourself.
SIGNED_OUT = b"event: signed-out\ndata: 1\n\n"


def notice_frame(notice: Notice) -> bytes:
    """One notice; its id is what the browser sends back as Last-Event-ID."""
    return f"id: {notice.id}\nevent: notice\ndata: {notice.to_json()}\n\n".encode()


def opening_frame() -> bytes:
    """The first bytes of a stream: when to come back (1 to 4 s, spread out), and a first beat."""
    wait_ms = random.randint(1_000, 4_000)  # noqa: S311 - spreads load, guards nothing
    return f"retry: {wait_ms}\n\n".encode() + BEAT
