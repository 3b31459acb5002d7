"""Indexes of names keep nothing back to be sorted in later.

Every search reads through what was kept back. After many new names (an import) that took a search
by a misspelt name 150 ms of a million people, until the next vacuum; 3 to 20 ms otherwise.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

NAMES = ("crm_nameword_like", "crm_nameword_sounds", "crm_patient_words")
IN_ORDER = "".join(
    f"ALTER INDEX {name} SET (fastupdate = off); SELECT gin_clean_pending_list('{name}');"
    for name in NAMES
)
BACK = "".join(f"ALTER INDEX {name} RESET (fastupdate);" for name in NAMES)


def instead(model, index):
    """The same index, with its setting."""
    return [
        migrations.RemoveIndex(model, index.name),
        migrations.AddIndex(model, index),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0023_where_a_call_rings"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(IN_ORDER, BACK)],
            state_operations=[
                *instead(
                    "nameword",
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"],
                        name="crm_nameword_like",
                        opclasses=["gin_trgm_ops"],
                        fastupdate=False,
                    ),
                ),
                *instead(
                    "nameword",
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["sounds"], name="crm_nameword_sounds", fastupdate=False
                    ),
                ),
                *instead(
                    "patient",
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            models.F("given_name"),
                            models.F("family_name"),
                            function="crm_name_words",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        name="crm_patient_words",
                        fastupdate=False,
                    ),
                ),
            ],
        ),
    ]
