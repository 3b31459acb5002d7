"""Contacts that somebody answered, by day: for where their time went. Made while everybody goes on.

Django's own operation for it refuses to be looked at inside a transaction, as tests do.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("crm", "0017_indexes_of_finding"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS crm_interaction_answered;",
                    migrations.RunSQL.noop,
                ),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY crm_interaction_answered"
                    " ON crm_interaction (started_at) WHERE agent_id IS NOT NULL;",
                    "DROP INDEX CONCURRENTLY IF EXISTS crm_interaction_answered;",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="interaction",
                    index=models.Index(
                        condition=models.Q(("agent__isnull", False)),
                        fields=["started_at"],
                        name="crm_interaction_answered",
                    ),
                ),
            ],
        ),
    ]
