"""`migrate`, which first makes the schema that the tables and their history live in."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from integrations.practice_ehr.settings import SCHEMA


class Command(migrate.Command):
    """Overrides Django's own, in the practice EHR's process only."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            # Two that start together must not race for the name: IF NOT EXISTS alone can fail.
            cursor.execute("SELECT pg_advisory_lock(hashtext('practice_ehr migrate'))")
            try:
                schema = connection.ops.quote_name(SCHEMA)
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
                super().handle(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('practice_ehr migrate'))")
