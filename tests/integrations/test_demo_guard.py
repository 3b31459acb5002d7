"""Outside demo mode nothing starts on a database that holds the demo."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import signals
from celery.utils.dispatch import Signal
from django.conf import settings
from django.core import checks
from django.db import connection

from config.env import get_env
from crm.models import Installation
from integrations.demo import guard
from tests.conventions.repo import ROOT

LOADED_AT = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_data() -> Installation:
    return Installation.objects.create(pk=1, demo_loaded_at=LOADED_AT, demo_seed=7)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)


@pytest.fixture
def demo_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", True)


@pytest.mark.usefixtures("demo_data", "production")
def test_refuses_to_start_and_says_what_to_do() -> None:
    with pytest.raises(guard.DemoDataPresent) as refusal:
        guard.refuse_demo_data()
    for word in ("2026-11-20", "DATABASE_URL", "FIRSTCALL_DEMO=1", "make reset"):
        assert word in str(refusal.value)


@pytest.mark.usefixtures("demo_data", "demo_mode")
def test_demo_mode_may_have_demo_data_and_asks_nothing(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        guard.refuse_demo_data()
        guard.refuse_demo_data_in_worker()
        assert guard.check_demo_data(app_configs=None, databases=["default"]) == []


@pytest.mark.usefixtures("production")
def test_starts_without_demo_data() -> None:
    guard.refuse_demo_data()
    Installation.objects.create(pk=1)
    guard.refuse_demo_data()


@pytest.mark.usefixtures("production")
def test_starts_before_the_first_migration() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_installation RENAME TO crm_installation_elsewhere")
    guard.refuse_demo_data()
    assert guard.check_demo_data(app_configs=None, databases=["default"]) == []


@pytest.mark.usefixtures("demo_data", "production")
@pytest.mark.parametrize("signal", [signals.worker_init, signals.beat_init])
def test_celery_does_not_swallow_the_refusal(signal: Signal) -> None:
    with pytest.raises(SystemExit, match="holds the demo health system"):
        signal.send(sender="a worker")


@pytest.mark.usefixtures("demo_data", "production")
def test_a_deployment_check_finds_it() -> None:
    found = checks.run_checks(
        tags=[checks.Tags.database], include_deployment_checks=True, databases=["default"]
    )
    assert [(message.id, message.level) for message in found if message.id == "firstcall.E001"] == [
        ("firstcall.E001", checks.ERROR)
    ]


@pytest.mark.usefixtures("demo_data", "production")
def test_other_checks_ask_no_database() -> None:
    assert guard.check_demo_data(app_configs=None, databases=None) == []


PRODUCTION = {
    "FIRSTCALL_DEMO": "0",
    "SECRET_KEY": "a-secret-that-stands-in-no-repository-0123456789-abcdefghijklmnop",
    "WEBHOOK_SECRET": "whsec_YS1zZWNyZXQtb2YtYS10ZXN0LXRoYXQtaXMtbm90LXVzZWQ",
    "FHIR_WEBHOOK_TOKEN": "a-token-of-a-test",
    "EHR_TOKEN": "another-token-of-a-test",
}
ENTRIES = {
    "web": ["-c", "import config.wsgi"],
    "live stream": ["-c", "import config.asgi"],
    "MLLP listener": ["manage.py", "mllp_listen", "--port", "0"],
    "worker": ["-m", "celery", "--app", "config", "worker", "--pool", "solo"],
    "beat": ["-m", "celery", "--app", "config", "beat", "--pidfile", "", "--schedule"],
}


def own_database_url() -> str:
    """The address of the database that this test uses, for another process."""
    address, mark, query = get_env().database_url.partition("?")
    return f"{address.rpartition('/')[0]}/{connection.settings_dict['NAME']}{mark}{query}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo_data")
@pytest.mark.parametrize("entry", ENTRIES)
def test_the_process_does_not_start(entry: str, tmp_path: Path) -> None:
    """The real process, on this test's database, which holds demo data."""
    schedule = [str(tmp_path / "schedule")] if entry == "beat" else []
    ended = subprocess.run(
        [sys.executable, *ENTRIES[entry], *schedule],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION, "DATABASE_URL": own_database_url()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "holds the demo health system" in ended.stderr + ended.stdout
