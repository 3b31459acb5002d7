"""What `make up` says last: where to look, how to get in, how to send something of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from config.env import DEMO_FHIR_WEBHOOK_TOKEN

PAGES = (
    ("Openings", "/openings/"),
    ("Admin", "/admin/"),
    ("API docs", "/api/docs/"),
)
DEMO_PAGES = (("Phone wall", "/phones/"),)

DEMO_SIGN_IN = "Sign in with one click per role on the sign-in page: {url}/sign-in/"
SIGN_IN = (
    "Make the first administrator with a one-time link: .venv/bin/python manage.py first_admin"
)

SEND = """\
Send something of your own: an HL7 v2 message into port {mllp}, or a FHIR R4 Appointment or Slot
  .venv/bin/python manage.py hl7_send FILE
  curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/fhir+json' \\
    --data @FILE {url}/webhooks/fhir/"""


def fhir_token(environ: Mapping[str, str]) -> str:
    """The demo's own token, which is no secret; a real one is not printed."""
    if environ["FIRSTCALL_DEMO"] == "1" and "FHIR_WEBHOOK_TOKEN" not in environ:
        return DEMO_FHIR_WEBHOOK_TOKEN
    return "$FHIR_WEBHOOK_TOKEN"


def text(environ: Mapping[str, str]) -> str:
    """The closing lines, for the settings that the processes run with."""
    url = environ["PUBLIC_URL"]
    demo = environ["FIRSTCALL_DEMO"] == "1"
    pages = [*PAGES, *(DEMO_PAGES if demo else ())]
    width = max(len(name) for name, _ in pages) + 2
    lines = [f"  {name:<{width}}{url}{path}" for name, path in pages]
    sign_in = DEMO_SIGN_IN if demo else SIGN_IN
    return "\n".join(
        [
            "",
            *lines,
            "",
            sign_in.format(url=url),
            "",
            SEND.format(url=url, mllp=environ["MLLP_PORT"], token=fhir_token(environ)),
            "",
            "make demo tells the story again; make logs, make status, make down.",
        ]
    )
