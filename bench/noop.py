"""The floor's own Celery worker: a task that does nothing, and its result."""

from __future__ import annotations

import os

from celery import Celery

from config.celery import app as ours

app = Celery("noop", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    task_default_queue="bench-noop",
    broker_transport_options=ours.conf.broker_transport_options,
)


@app.task
def noop() -> None:
    """Nothing."""
