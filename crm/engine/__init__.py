"""The machinery of "the row is the queue", written once (docs/architecture.md).

An action changes rows with `move`, says so with `publish`, and both commit together. What
must happen later is a row with a due time: a `step` takes it, a `sweep` rings for it.
"""

from crm.engine.actors import Actor
from crm.engine.audit import record
from crm.engine.doorbell import ring, wake
from crm.engine.events import publish, subscribe
from crm.engine.inserts import insert_or_none, insert_those_free
from crm.engine.moves import IllegalMove, MovedMeanwhile, move
from crm.engine.steps import run_step, step
from crm.engine.together import written_together

__all__ = [
    "Actor",
    "IllegalMove",
    "MovedMeanwhile",
    "insert_or_none",
    "insert_those_free",
    "move",
    "publish",
    "record",
    "ring",
    "run_step",
    "step",
    "subscribe",
    "wake",
    "written_together",
]
