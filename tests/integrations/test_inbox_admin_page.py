"""The inbox in a browser: the admin's pages work under the policy that they get."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from crm.models import AuditEntry, User
from integrations.inbox.actions import store
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from tests.cast import Cast
from tests.factories import NOW


def policy(client: Client, path: str) -> str:
    return str(client.get(path)["Content-Security-Policy"])


@pytest.mark.django_db
def test_only_the_admin_has_the_looser_policy() -> None:
    strict = policy(Client(), "/api/docs/")
    assert "unsafe" not in strict
    loose = policy(Client(), "/admin/login/")
    assert re.search(r"script-src 'self' 'unsafe-inline' 'unsafe-eval'", loose)
    assert "default-src 'self'" in loose
    assert "unsafe" not in policy(Client(), "/administer/"), "a page that is not there"


@pytest.mark.django_db
def test_how_a_sender_is_read_changes_only_with_a_trace(cast: Cast, client: Client) -> None:
    sender = Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True)
    client.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    sent = {
        "name": sender.name,
        "source": "other-ehr",
        "zone": "America/Phoenix",
        "charset": "utf-8",
        "appointment_id_from": "SCH-2",
        "processing_ids": "P",
        "location_from": "PL.4",
        "visit_type_from": "AIS-3",
        "other_messages": "reject",
        "statuses": "{}",
        "cancel_reasons": "{}",
        "initial-statuses": "{}",  # hidden in the page, since their default is a function
        "initial-cancel_reasons": "{}",
        "is_active": "on",
    }
    path = reverse("admin:integrations_hl7sender_change", args=[sender.pk])
    assert client.post(path, sent).status_code == 302
    sender.refresh_from_db()
    assert (sender.source, sender.zone) == ("other-ehr", "America/Phoenix")
    entry = AuditEntry.objects.get(verb="integrations.hl7sender.changed")
    assert (entry.actor_id, entry.subject_id) == (cast.admin.pk, sender.pk)
    assert entry.detail == {"fields": ["source", "zone"]}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_message_is_set_aside_in_the_browser(page: Page, live_server: Any, cast: Cast) -> None:
    message, _ = store(
        kind=InboxKind.FHIR,
        source="practice-ehr",
        key="Appointment/1/_history/1",
        body=b"{}",
        peer="10.0.0.9",
        at=NOW,
        due_at=None,
    )
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True)
    client = Client()
    client.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{live_server.url}/admin/integrations/inboxmessage/")
    page.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("set_aside")
    page.get_by_label("Reason").fill("a test of theirs")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("1 message(s) set aside.")).to_be_visible()
    assert broken == []
    assert InboxMessage.objects.get(pk=message.pk).status == InboxStatus.SET_ASIDE
