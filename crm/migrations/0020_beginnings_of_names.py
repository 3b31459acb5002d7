"""How names begin, family name or given name first; made while everybody goes on."""

import django.contrib.postgres.indexes
from django.db import migrations, models


def plain(name):
    return django.contrib.postgres.indexes.OpClass(
        models.Func(models.F(name), function="crm_plain", output_field=models.TextField()),
        name="text_pattern_ops",
    )


def on_plain(*names):
    return ", ".join(f"crm_plain({name}) text_pattern_ops" for name in names)


def made_meanwhile(index, *names):
    """An index that an interrupted try has left half made goes first."""
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {index};"
    create = f"CREATE INDEX CONCURRENTLY {index} ON crm_patient ({on_plain(*names)});"
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(drop, migrations.RunSQL.noop),
            migrations.RunSQL(create, drop),
        ],
        state_operations=[
            migrations.AddIndex("patient", models.Index(*map(plain, names), name=index))
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("crm", "0019_social_needs_and_interpreters"),
    ]

    operations = [
        made_meanwhile("crm_patient_family_given", "family_name", "given_name"),
        made_meanwhile("crm_patient_given_family", "given_name", "family_name"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS crm_patient_family;",
                    "CREATE INDEX CONCURRENTLY crm_patient_family ON crm_patient"
                    f" ({on_plain('family_name')});",
                )
            ],
            state_operations=[migrations.RemoveIndex("patient", "crm_patient_family")],
        ),
    ]
