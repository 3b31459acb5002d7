"""`tests.emptying`: what it leaves is what a database has that was just migrated."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from crm import clock
from crm.engine import Actor
from crm.engine.audit import record
from crm.models import AuditEntry, Patient
from tests.cast import Cast
from tests.emptying import empty


@pytest.mark.django_db(transaction=True)
def test_leaves_permissions_and_nothing_else(cast: Cast) -> None:
    record("crm.patient.looked-at", cast.patient, by=Actor.user(cast.agent), at=clock.now())
    kept = ContentType.objects.count(), Permission.objects.count()
    assert Patient.objects.exists()
    assert AuditEntry.objects.exists()
    empty("default")
    assert not Patient.objects.exists()
    assert not AuditEntry.objects.exists()
    assert kept == (ContentType.objects.count(), Permission.objects.count()) != (0, 0)


@pytest.mark.django_db(transaction=True)
def test_its_session_is_bound_by_triggers_again() -> None:
    empty("default")
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
