"""At whose telephone a call rings. The few that ring are found without a look at all that ever did.

The index is made while everybody goes on. Django's own operation for it refuses to be looked at
inside a transaction, as tests do. Where that is broken off, the column stands already when it is
begun anew.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

DROP = "DROP INDEX CONCURRENTLY IF EXISTS crm_call_rings;"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("crm", "0022_language_of_the_staff"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE crm_call ADD COLUMN IF NOT EXISTS"
                    " rings_at varchar(60)[] DEFAULT '{}'::varchar(60)[] NOT NULL;",
                    "ALTER TABLE crm_call DROP COLUMN IF EXISTS rings_at;",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="call",
                    name="rings_at",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(DROP, migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY crm_call_rings"
                    " ON crm_call (rang_at) WHERE status = 'ringing';",
                    DROP,
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="call",
                    index=models.Index(
                        condition=models.Q(("status", "ringing")),
                        fields=["rang_at"],
                        name="crm_call_rings",
                    ),
                ),
            ],
        ),
    ]
