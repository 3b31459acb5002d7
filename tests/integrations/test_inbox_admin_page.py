"""The inbox in a browser: the admin's pages work under the policy that they get."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from crm.models import User
from integrations.inbox.actions import store
from integrations.models import InboxMessage
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
