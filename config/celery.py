"""Celery is the doorbell: rows hold the work, tasks carry ids (docs/architecture.md)."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import Celery, Task, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.env import get_env, split

env = get_env()

app = Celery("firstcall")


def broker_url() -> str:
    """Redis or Valkey, alone or behind Sentinel."""
    sentinels = split(env.redis_sentinels)
    if not sentinels:
        return env.redis_url
    return ";".join(f"sentinel://{address}" for address in sentinels)


app.conf.update(
    broker_url=broker_url(),
    broker_connection_retry_on_startup=True,
    # A doorbell that does not answer at once is left: the sweep comes by.
    broker_connection_timeout=1.0,
    task_publish_retry=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=100,
    task_soft_time_limit=90,
    task_default_queue="fill",
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=30,
    worker_max_tasks_per_child=1000,
    worker_hijack_root_logger=False,
    # Celery's own rule is to hang up on the database before and after every task, and a new
    # session costs more than most tasks: see `keep_database_sessions`.
    CELERY_DB_REUSE_MAX=sys.maxsize,
    broker_transport_options={
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 25,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        **({"master_name": env.redis_sentinel_master} if env.redis_sentinel_master else {}),
    },
    beat_schedule={
        # A second sweep at the same time is harmless, so a second beat is, too.
        "sweep": {
            "task": "crm.engine.tasks.sweep",
            "schedule": 2.0,
            "options": {"queue": "fill"},
        },
    },
    beat_schedule_filename="var/run/beat-schedule",
)


@signals.task_prerun.connect
@signals.task_postrun.connect
def keep_database_sessions(*, sender: Task[..., Any], **_: Any) -> None:
    """A task is to Django what a request is: CONN_MAX_AGE and CONN_HEALTH_CHECKS hold."""
    from django.db import close_old_connections

    if not sender.request.is_eager:
        close_old_connections()


app.autodiscover_tasks()
app.autodiscover_tasks(["crm.engine"])
