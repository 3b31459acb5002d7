"""Going straight on: what a step made due for its own queue, the same worker does next.

A hop over the broker costs more than most steps do. So the rings of a step that a worker runs are
kept by that worker, up to a few and for a moment; the rest are rung as always. Nothing rests on
it: the rows are due, and a worker that dies before it comes to them has lost some rings.
"""

from __future__ import annotations

import time
from collections import deque

from crm.engine import doorbell
from crm.engine.steps import get_step, run_step

#: A step that makes more than this due (a clinician's whole day is cancelled) leaves the others to
#: other workers.
AT_MOST = 8
#: After so long (seconds) nothing further is begun here.
FOR_LONGEST = 1.0


def run_on(step_name: str, pk: int) -> None:
    """Run one step on one row, then what it made due, then what that made due."""
    until = time.monotonic() + FOR_LONGEST
    line: deque[tuple[str, int]] = deque()
    with doorbell.keeping(get_step(step_name).queue, at_most=AT_MOST) as kept:
        run_step(step_name, pk)
        line.extend(kept.take())
        while line and time.monotonic() < until:
            run_step(*line.popleft())
            line.extendleft(reversed(kept.take()))  # what comes of it goes first
    for left in line:
        doorbell.ring_now(*left)
