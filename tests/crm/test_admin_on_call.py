"""The roster of who is on call, as administrators keep it."""

from __future__ import annotations

import pytest
from django.test import Client

from crm.models import AuditEntry, OnCall
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ADD = "/admin/crm/oncall/add/"


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    user = getattr(cast, name)
    user.is_staff = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def turn(cast: Cast, **changes: object) -> dict[str, object]:
    return {
        "user": cast.nurse.pk,
        "number": "(602) 555-0187",
        "specialty": "Orthopedics",
        "level": 1,
        "starts_at_0": "2026-11-18",
        "starts_at_1": "08:00",
        "ends_at_0": "2026-11-19",
        "ends_at_1": "08:00",
    } | changes


def test_a_number_that_is_nobodys_yet_is_kept(cast: Cast) -> None:
    client = signed_in(cast, "admin")
    assert client.get(ADD).status_code == 200
    answer = client.post(ADD, turn(cast))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    made = OnCall.objects.get()
    assert made.phone is not None
    assert (str(made.phone.number), made.user) == ("+16025550187", cast.nurse)
    assert AuditEntry.objects.filter(verb="crm.oncall.added").exists()
    shown = client.get(f"/admin/crm/oncall/{made.pk}/change/").content.decode()
    assert "555-0187" in shown


def test_a_turn_ends_after_it_starts(cast: Cast) -> None:
    answer = signed_in(cast, "admin").post(ADD, turn(cast, ends_at_0="2026-11-17"))
    assert answer.status_code == 200
    assert "A turn ends after it starts" in answer.content.decode()
    assert not OnCall.objects.exists()


def test_only_administrators_keep_it(cast: Cast) -> None:
    assert signed_in(cast, "manager").post(ADD, turn(cast)).status_code == 403
    assert not OnCall.objects.exists()
