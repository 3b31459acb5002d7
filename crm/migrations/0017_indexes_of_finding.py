"""Indexes of patient search, made while everybody goes on; and the words that names have already.

Django's own operation for it refuses to be looked at inside a transaction, as tests do.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

WORDS = """
INSERT INTO crm_nameword (word, sounds)
SELECT word, public.crm_sounds(word) FROM (
    SELECT DISTINCT unnest(tsvector_to_array(crm_name_words(given_name, family_name))) AS word
    FROM crm_patient
) AS said
WHERE length(word) BETWEEN 2 AND 100
    AND NOT EXISTS (SELECT FROM crm_nameword k WHERE k.word = said.word);
"""


def made_meanwhile(index, sql):
    """`sql` says on what; an index that an interrupted try has left half made goes first."""
    name = index.index.name
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name};", migrations.RunSQL.noop),
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY {name} ON {sql};",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name};",
            ),
        ],
        state_operations=[index],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("crm", "0016_finding_and_merging"),
    ]

    operations = [
        made_meanwhile(
            migrations.AddIndex(
                model_name="patient",
                index=models.Index(
                    condition=models.Q(("merged_into__isnull", False)),
                    fields=["merged_into"],
                    name="crm_patient_merged",
                ),
            ),
            "crm_patient (merged_into_id) WHERE merged_into_id IS NOT NULL",
        ),
        made_meanwhile(
            migrations.AddIndex(
                model_name="patient",
                index=django.contrib.postgres.indexes.GinIndex(
                    models.Func(
                        models.F("given_name"),
                        models.F("family_name"),
                        function="crm_name_words",
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                    name="crm_patient_words",
                ),
            ),
            "crm_patient USING gin (crm_name_words(given_name, family_name))",
        ),
        made_meanwhile(
            migrations.AddIndex(
                model_name="patient",
                index=models.Index(
                    django.contrib.postgres.indexes.OpClass(
                        models.Func(
                            models.F("family_name"),
                            function="crm_plain",
                            output_field=models.TextField(),
                        ),
                        name="text_pattern_ops",
                    ),
                    name="crm_patient_family",
                ),
            ),
            "crm_patient (crm_plain(family_name) text_pattern_ops)",
        ),
        made_meanwhile(
            migrations.AddIndex(
                model_name="patientidentifier",
                index=models.Index(
                    django.contrib.postgres.indexes.OpClass(
                        models.Func(
                            models.F("value"),
                            function="crm_record_key",
                            output_field=models.TextField(),
                        ),
                        name="text_pattern_ops",
                    ),
                    name="crm_identifier_key",
                ),
            ),
            "crm_patientidentifier (crm_record_key(value) text_pattern_ops)",
        ),
        made_meanwhile(
            migrations.AddIndex(
                model_name="phone",
                index=models.Index(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Reverse("number"), name="text_pattern_ops"
                    ),
                    name="crm_phone_ending",
                ),
            ),
            "crm_phone (reverse(number) text_pattern_ops)",
        ),
        ValidateConstraint(model_name="patient", name="crm_patient_merged_at"),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
    ]
