"""The demo's own hands: the clinic's EHR, its interface engine, and a patient's thumb."""

from __future__ import annotations

import datetime as dt
import json
import secrets

import httpx
from django.conf import settings

from integrations.demo.inventory import HL7_SENDER
from integrations.demo.pick import Story
from integrations.fhir.client import default_client
from integrations.hl7v2 import build, client
from integrations.hl7v2.ack import Ack, read_acks
from integrations.phone_wall.actions import reply
from scheduling.gateways import get_ehr
from scheduling.states import CancelledBy

SEND_SECONDS = 10.0


def cancel_in_ehr(story: Story) -> None:
    """The patient calls the clinic, which cancels the visit in its own EHR."""
    get_ehr().cancel(appointment_id=story.appointment_key, reason=CancelledBy.PATIENT)


def send_s15(story: Story, *, at: dt.datetime) -> Ack:
    """The EHR's interface engine tells us over MLLP."""
    application, facility = HL7_SENDER.split("|")
    message = build.siu(
        "S15",
        control_id=secrets.token_hex(8).upper(),
        sent_at=at,
        visit=build.Visit(
            filler_id=story.appointment_key,
            starts_at=story.starts_at,
            ends_at=story.ends_at,
            provider=story.provider,
            location=story.location[0],
            visit_type=story.visit_type,
            reason=("pat", "Patient cancelled"),
        ),
        patient=build.Person(
            identifiers=(story.mrn,),
            family_name=story.patient.family_name,
            given_name=story.patient.given_name,
            birth_on=story.patient.birth_on,
        ),
        sending_application=application,
        sending_facility=facility,
    )
    env = settings.FIRSTCALL
    return read_acks(client.send(env.mllp_host, env.mllp_port, message, SEND_SECONDS))[0]


def post_notification(story: Story) -> httpx.Response:
    """The EHR's Subscription posts the changed Appointment to our webhook."""
    appointment = default_client().read(f"Appointment/{story.appointment_key}").body
    env = settings.FIRSTCALL
    token = env.fhir_webhook_token.get_secret_value().split(",")[0]
    return httpx.post(
        f"http://127.0.0.1:{env.firstcall_web_port}/webhooks/fhir/",
        content=json.dumps(appointment),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/fhir+json",
        },
        timeout=SEND_SECONDS,
    )


def text_back(number: str, body: str, *, at: dt.datetime) -> None:
    """A patient answers from their phone."""
    reply(number=number, body=body, at=at)
