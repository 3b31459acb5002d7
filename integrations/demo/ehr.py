"""The dataset into the practice EHR, over HTTP, as an interface engine would fill a new system.

Transactions of five hundred resources, in a fixed order, each whole or not at all. So a load
that broke off goes on where it stopped: a transaction whose first resource is there is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings

from integrations.demo.dataset import Dataset
from integrations.demo.dataset.system import clinic_code, clinics
from integrations.demo.resources import LOAD_SYSTEM, Json, mark_of, resources
from integrations.fhir.client import FhirClient
from scheduling.ports import EhrError

CHUNK = 500
#: One transaction takes about a second; a busy machine may need many.
PATIENCE_SECONDS = 60.0
#: Told the number of resources that are in, and of all.
Progress = Callable[[int, int], None]


class EhrHoldsAnotherDemo(Exception):
    """The practice EHR was filled from another seed or on another day than Firstcall."""


class EhrLoadFailed(Exception):
    """The practice EHR could not be filled; what is in stays in, and a new try goes on."""


def ehr_client() -> FhirClient:
    """A patient client for the EHR that the settings name."""
    env = settings.FIRSTCALL
    token = env.ehr_token.get_secret_value()
    return FhirClient(env.ehr_base_url, token, read_seconds=PATIENCE_SECONDS)


def is_filled(client: FhirClient, *, seed: int, today: dt.date) -> bool:
    """Whether the EHR holds this very demo, complete.

    :raises EhrHoldsAnotherDemo:
    :raises EhrLoadFailed: when it cannot be asked.
    """
    specialty, site = clinics()[0]
    body = _read(client, f"HealthcareService/{clinic_code(specialty, site.code)}")
    if body is None:
        return False
    marks = [i["value"] for i in body.get("identifier", []) if i.get("system") == LOAD_SYSTEM]
    if marks == [mark_of(seed, today)]:
        return True
    raise EhrHoldsAnotherDemo(
        f"The practice EHR holds another demo ({', '.join(marks) or 'not ours'}) than Firstcall "
        f"({mark_of(seed, today)}). Run `make reset`, then `make up`: both are made anew."
    )


def fill(client: FhirClient, dataset: Dataset, *, progress: Progress) -> int:
    """Store everything that is not in yet; returns how many resources there are in all.

    :raises EhrLoadFailed:
    """
    everything = list(resources(dataset))
    for start in range(0, len(everything), CHUNK):
        chunk = everything[start : start + CHUNK]
        first = f"{chunk[0]['resourceType']}/{chunk[0]['id']}"
        if _read(client, first) is None:
            _store(client, chunk)
        progress(start + len(chunk), len(everything))
    return len(everything)


def _read(client: FhirClient, path: str) -> Json | None:
    try:
        answer = client.read(path)
    except EhrError as error:
        raise _failed(error) from error
    return None if answer.is_missing else answer.body


def _store(client: FhirClient, chunk: list[Json]) -> None:
    entries = [
        {
            "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
        }
        for resource in chunk
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    try:
        client.write("POST", "", bundle)
    except EhrError as error:
        raise _failed(error) from error


def _failed(error: EhrError) -> EhrLoadFailed:
    return EhrLoadFailed(
        f"The practice EHR at {settings.FIRSTCALL.ehr_base_url} could not be filled: {error} "
        "Is it running? `make status` tells. Then run `manage.py load_demo` again: it goes on "
        "where it stopped."
    )
