"""Everything that the environment can set, in one typed place (12-factor).

`make up` fills in the servers it starts itself; a deployment sets the same names.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Secrets that stand in this repository; they are refused outside demo mode.
DEMO_SECRET_KEY = "demo-only-secret-key-of-firstcall-never-use-it-for-patients"  # noqa: S105
DEMO_WEBHOOK_SECRET = "whsec_ZGVtby1vbmx5LXdlYmhvb2stc2VjcmV0"  # noqa: S105
DEMO_EHR_TOKEN = "demo-practice-ehr-token"  # noqa: S105
DEMO_FHIR_WEBHOOK_TOKEN = "demo-fhir-webhook-token"  # noqa: S105


#: `make up` writes down what it chose, for commands typed into another terminal. What stands in
#: the environment itself wins; FIRSTCALL_ENV_FILE names another file (the tests': none).
RUNNING = Path(__file__).resolve().parent.parent / "var" / "run" / "env"
ENV_FILE = os.environ.get("FIRSTCALL_ENV_FILE", str(RUNNING))


class Env(BaseSettings):
    """The settings of one deployment. Names are upper case in the environment."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        extra="ignore",
        case_sensitive=False,
        hide_input_in_errors=True,  # it holds secrets
    )

    firstcall_demo: bool = False
    organization_name: str = "Sonora Health"
    organization_phone: str = "(602) 555-0100"
    #: Where patients read their results; empty: nobody is texted a link to it. It has to fit into
    #: one text.
    patient_portal_url: str = Field(default="", max_length=48, pattern=r"^(https://\S+)?$")

    secret_key: SecretStr = SecretStr(DEMO_SECRET_KEY)
    debug: bool = False
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    csrf_trusted_origins: str = ""
    public_url: str = "http://localhost:8000"
    behind_tls_proxy: bool = False

    database_url: str = "postgres://firstcall@127.0.0.1:5432/firstcall"
    #: What the process is for, and so how long it may keep the database waiting (seconds; 0 is
    #: no limit). "web" is pages, API, webhooks, live stream and MLLP; commands have no limits.
    database_role: Literal["command", "web", "worker"] = "command"
    web_statement_seconds: float = Field(default=8.0, ge=0)
    worker_statement_seconds: float = Field(default=20.0, ge=0)
    lock_wait_seconds: float = Field(default=4.0, ge=0)
    idle_transaction_seconds: float = Field(default=20.0, ge=0)
    redis_url: str = "redis://127.0.0.1:6379/0"
    #: Redis Sentinel: "sentinel-a:26379,sentinel-b:26379" and the name of the master.
    redis_sentinels: str = ""
    redis_sentinel_master: str = ""

    firstcall_web_port: int = 8000
    firstcall_live_port: int = 8001
    firstcall_ehr_port: int = 8002
    mllp_host: str = "127.0.0.1"
    mllp_port: int = 2575
    #: IANA zone to read time stamps of HL7 senders that nobody has registered; empty refuses
    #: such senders, since a wrong guess moves every visit. Demo mode guesses.
    hl7_unknown_sender_zone: str = ""
    live_url: str = ""  # empty: the request's host on the live port

    sms_gateway: str = ""  # empty: Twilio with credentials, the phone wall in demo mode
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")  # two, comma separated, while rotating
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_segments_per_second: float = Field(default=1.0, gt=0)
    #: How many texts that nobody waits for a person may get, in a day and in a week of theirs.
    texts_per_day: int = Field(default=1, ge=0)
    texts_per_week: int = Field(default=3, ge=0)
    twilio_api_base: str = ""  # for tests and proxies; empty means Twilio's own

    ehr_gateway: str = "integrations.fhir.gateway.FhirGateway"
    #: The class that keeps notes of contacts in the EHR (`crm.note_ports.NoteGateway`).
    note_gateway: str = "integrations.fhir.notes.FhirNotes"
    ehr_source: str = "practice-ehr"
    ehr_base_url: str = "http://127.0.0.1:8002/fhir"
    ehr_token: SecretStr = SecretStr(DEMO_EHR_TOKEN)
    ehr_timeout_seconds: float = Field(default=5.0, gt=0)
    #: The class that reads charts (`crm.ports.ChartGateway`), and how long one question may take
    #: while a caller waits.
    chart_gateway: str = "integrations.fhir.chart.FhirChartGateway"
    chart_timeout_seconds: float = Field(default=3.0, gt=0)

    #: The class that makes rooms for visits by video (`scheduling.ports.VideoGateway`), and for
    #: the one that comes along the address of a room: "https://meet.clinic.org/{room}". The
    #: clinician's may differ; empty: as the patient's.
    video_gateway: str = "integrations.video.gateway.RoomByAddress"
    video_url: str = ""
    video_clinician_url: str = ""

    webhook_secret: SecretStr = SecretStr(DEMO_WEBHOOK_SECRET)  # Standard Webhooks, whsec_…
    #: Of the telephone system, where it should have one of its own; empty: the one above.
    telephony_secret: SecretStr = SecretStr("")
    #: The header that our Subscription asks the EHR to send: "Authorization: Bearer …".
    fhir_webhook_token: SecretStr = SecretStr(DEMO_FHIR_WEBHOOK_TOKEN)
    webhook_max_bytes: int = 1_000_000

    #: Whose time counts: "database" on every machine; "machine" where tests stop the clock.
    clock_source: Literal["database", "machine"] = "database"

    #: The class that looks for signs of danger in texts (`triage.ports.SafetyCheck`), and how long
    #: an emergency may wait for a nurse to take it before others are told (minutes).
    safety_check: str = "triage.red_flags.RedFlagCheck"
    safety_escalate_minutes: float = Field(default=5.0, gt=0)

    #: Schedules that Firstcall owns are made for so many days from today, a further day each night
    #: once somebody has applied them; 0 makes none by itself.
    schedule_days_ahead: int = Field(default=120, ge=0, le=400)

    log_level: str = "INFO"
    log_json: bool = True

    @model_validator(mode="after")
    def refuse_demo_secrets_in_production(self) -> Self:
        """Outside demo mode a secret that is public knowledge is worse than none."""
        if self.firstcall_demo:
            return self
        known = {
            "SECRET_KEY": self.secret_key.get_secret_value() == DEMO_SECRET_KEY,
            "WEBHOOK_SECRET": self.webhook_secret.get_secret_value() == DEMO_WEBHOOK_SECRET,
            "FHIR_WEBHOOK_TOKEN": self.fhir_webhook_token.get_secret_value()
            == DEMO_FHIR_WEBHOOK_TOKEN,
            "EHR_TOKEN": self.ehr_token.get_secret_value() == DEMO_EHR_TOKEN,
        }
        bad = [name for name, is_default in known.items() if is_default]
        if bad:
            raise ValueError(
                f"{', '.join(bad)} still has its demo value. Set it in the environment, or set "
                "FIRSTCALL_DEMO=1 if this is a demo without real patients."
            )
        return self

    @property
    def twilio_is_configured(self) -> bool:
        return bool(self.twilio_account_sid and self.twilio_auth_token.get_secret_value())

    @property
    def twilio_auth_tokens(self) -> list[str]:
        """The newest first; older ones are accepted in signatures during rotation."""
        return [t for t in self.twilio_auth_token.get_secret_value().split(",") if t]

    def sms_gateway_path(self) -> str:
        """Dotted path of the gateway class: as set, else what the credentials allow."""
        if self.sms_gateway:
            return self.sms_gateway
        if self.twilio_is_configured:
            return "integrations.twilio.gateway.TwilioGateway"
        if self.firstcall_demo:
            return "integrations.phone_wall.gateway.PhoneWallGateway"
        return "outreach.ports.NoSmsGateway"


def split(value: str) -> list[str]:
    """A comma-separated setting as a list, blanks dropped."""
    return [part.strip() for part in value.split(",") if part.strip()]


def parse_database_url(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a postgres:// URL.

    A socket directory goes into the query: `postgres:///name?host=/run/postgresql`.

    :raises ValueError: for any other kind of database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must start with postgres:// (Firstcall needs PostgreSQL).")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or (parts.hostname or "")
    port = query.pop("port", "") or (str(parts.port) if parts.port else "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "firstcall",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": query,
    }


@lru_cache(maxsize=1)
def get_env() -> Env:
    """The environment, read once per process."""
    return Env()
