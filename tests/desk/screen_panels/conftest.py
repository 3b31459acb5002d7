"""The desk of `tests/desk/screen`, with the patient known."""

from __future__ import annotations

from typing import Any

import pytest

from crm.models import Interaction, Proxy, Verification
from crm.states import ProxyScope, Speaker
from tests.desk.screen.conftest import Desk, desk, kinds  # noqa: F401 fixtures
from tests.factories import NOW, ProxyFactory


@pytest.fixture
def known(desk: Desk) -> Desk:  # noqa: F811
    """The patient speaks, and two identifiers fit."""
    Interaction.objects.filter(pk=desk.contact.pk).update(patient=desk.patient)
    verify(desk)
    return desk


def verify(desk: Desk, *, proxy: Proxy | None = None) -> None:  # noqa: F811
    speaker = Speaker.PROXY if proxy else Speaker.PATIENT
    Interaction.objects.filter(pk=desk.contact.pk).update(speaker=speaker)
    Verification.objects.create(
        interaction=desk.contact,
        patient=desk.patient,
        speaker=speaker,
        proxy=proxy,
        matched=["full-name", "birth-date"],
        passed=True,
        at=NOW,
        by=desk.agent,
    )


def proxy_speaks(desk: Desk, *scope: ProxyScope) -> None:  # noqa: F811
    """Somebody else speaks for the patient from now on."""
    made = ProxyFactory.create(patient=desk.patient, scope=[str(each) for each in scope])
    verify(desk, proxy=made)


def panel(desk: Desk, name: str) -> str:  # noqa: F811
    return said(desk.get("panel", name))


def said(response: Any) -> str:
    """Its words, whatever the white space."""
    return " ".join(response.content.decode().split())
