"""The practice EHR over HTTP. The process: its page, its tables, its start."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import psycopg2
from pydantic import SecretStr

from config.env import Env
from tests.integrations.ehr_server import ROOT, EhrServer, run_practice_ehr, scratch_database


def test_states_what_it_can_do(practice_ehr: EhrServer) -> None:
    practice_ehr.calm()
    statement = httpx.get(f"{practice_ehr.fhir_url}/metadata", trust_env=False).json()

    assert statement["fhirVersion"] == "4.0.1"
    resources = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert len(resources) == 16
    assert {"DiagnosticReport", "CarePlan", "DocumentReference"} <= set(resources)
    names = [each["name"] for each in resources["Slot"]["searchParam"]]
    assert {"schedule", "status", "start", "_lastUpdated"} <= set(names)
    assert resources["Appointment"]["versioning"] == "versioned-update"
    practice_ehr.set_switches(honors_if_match=False)
    statement = httpx.get(f"{practice_ehr.fhir_url}/metadata", trust_env=False).json()
    assert statement["rest"][0]["resource"][0]["versioning"] == "versioned"


def test_shows_a_page_that_says_what_it_is(practice_ehr: EhrServer, vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"refuse_next": 7})

    page = httpx.get(f"{practice_ehr.url}/", trust_env=False)

    assert page.status_code == 200
    assert "Practice EHR" in page.text
    assert "<td><code>refuse_next</code></td>" in page.text
    assert '<td class="number">7</td>' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert httpx.get(f"{practice_ehr.url}/home.css", trust_env=False).status_code == 200
    assert httpx.get(f"{practice_ehr.url}/healthz", trust_env=False).json() == {"status": "ok"}


def test_keeps_everything_in_a_schema_of_its_own(practice_ehr: EhrServer) -> None:
    connection = psycopg2.connect(practice_ehr.database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT table_schema FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            schemas = cursor.fetchall()
    finally:
        connection.close()
    assert schemas == [("practice_ehr",)]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "integrations.practice_ehr.settings",
            "FIRSTCALL_DEMO": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_migrates_twice_and_has_no_change_without_a_migration() -> None:
    with scratch_database() as url:
        assert manage("migrate", DATABASE_URL=url).returncode == 0
        again = manage("migrate", DATABASE_URL=url)
        drift = manage("makemigrations", "--check", "--dry-run", DATABASE_URL=url)
    assert "No migrations to apply" in again.stdout
    assert drift.returncode == 0, drift.stdout


def test_runs_in_demo_mode_only() -> None:
    secrets = {
        name.upper(): "a-secret-of-our-own"
        for name, field in Env.model_fields.items()
        if field.annotation is SecretStr
    }

    ended = manage("check", FIRSTCALL_DEMO="0", **secrets)

    assert ended.returncode != 0
    assert "demo mode only" in ended.stderr


def test_two_servers_do_not_meet() -> None:
    with run_practice_ehr() as other, other.http() as client:
        assert client.get("/fhir/Patient?_count=0").json()["total"] == 0
