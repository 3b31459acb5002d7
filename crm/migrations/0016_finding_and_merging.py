"""Patients found by any word of their names, and two records made one.

Functions, so that search and its indexes mean the same by a word: `crm_plain` is
`crm.rules.finding_words.fold`. They name their schema, since PostgreSQL maintains indexes without
a search path. A trigger keeps the words of all names (`NameWord`), so that no path of the code can
leave one out.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    CreateExtension,
    TrigramExtension,
)
from django.db import migrations, models

import crm.states.merging

FUNCTIONS = r"""
CREATE FUNCTION public.crm_plain(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 400 AS $$
BEGIN
    RETURN btrim(regexp_replace(regexp_replace(lower(normalize(
        translate(
            replace(replace(replace(replace(replace(name,
                'ß', 'ss'), 'æ', 'ae'), 'Æ', 'AE'), 'œ', 'oe'), 'Œ', 'OE'),
            'øØłŁđĐ' || U&'\0131' || '''`' || U&'\2019\00b4', 'oOlLdDi'
        ), NFKD)),
        '[\u0300-\u036f]', '', 'g'), '[^a-z\u00c0-\u1fff\u2c00-\uffff]+', ' ', 'g'));
END $$;

CREATE FUNCTION public.crm_name_words(given text, family text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 400 AS $$
BEGIN
    RETURN array_to_tsvector(
        string_to_array(public.crm_plain(coalesce(given, '') || ' ' || coalesce(family, '')), ' ')
    );
END $$;

-- By English rules, and by how Spanish names are heard: h, j, x and soft g are left out, b and v,
-- s, z and soft c, ll and y are one.
CREATE FUNCTION public.crm_sounds(word text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 400 AS $$
DECLARE
    es text := translate(regexp_replace(word, '(^|[^c])[hjx]', '\1', 'g'), 'vz', 'bs');
BEGIN
    es := regexp_replace(regexp_replace(es, 'c([ei])', 's\1', 'g'), 'g([ei])', '\1', 'g');
    es := replace(replace(es, 'll', 'y'), 'qu', 'k');
    RETURN ARRAY(
        SELECT DISTINCT code FROM unnest(ARRAY[
            public.dmetaphone(word), public.dmetaphone_alt(word), 'es' || public.dmetaphone(es)
        ]) AS code WHERE code NOT IN ('', 'es')
    );
END $$;

-- A record number without its signs and leading zeros.
CREATE FUNCTION public.crm_record_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ltrim(upper(regexp_replace(value, '[^0-9A-Za-z]', '', 'g')), '0')
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION public.crm_record_key(text);
DROP FUNCTION public.crm_sounds(text);
DROP FUNCTION public.crm_name_words(text, text);
DROP FUNCTION public.crm_plain(text);
"""
TRIGGER = """
CREATE FUNCTION public.crm_keep_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_nameword (word, sounds)
    SELECT word, public.crm_sounds(word)
    FROM unnest(tsvector_to_array(
        public.crm_name_words(NEW.given_name, NEW.family_name)
    )) AS said(word)
    WHERE length(word) BETWEEN 2 AND 100
        AND NOT EXISTS (SELECT FROM crm_nameword k WHERE k.word = said.word);
    RETURN NULL;
END $$;
CREATE TRIGGER crm_patient_new_words AFTER INSERT ON crm_patient
    FOR EACH ROW EXECUTE FUNCTION public.crm_keep_name_words();
CREATE TRIGGER crm_patient_other_words AFTER UPDATE OF given_name, family_name ON crm_patient
    FOR EACH ROW
    WHEN ((OLD.given_name, OLD.family_name) IS DISTINCT FROM (NEW.given_name, NEW.family_name))
    EXECUTE FUNCTION public.crm_keep_name_words();
"""
NO_TRIGGER = """
DROP TRIGGER crm_patient_other_words ON crm_patient;
DROP TRIGGER crm_patient_new_words ON crm_patient;
DROP FUNCTION public.crm_keep_name_words();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0015_call_news"),
    ]

    operations = [
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.CreateModel(
            name="NameWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=100)),
                (
                    "sounds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PatientMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("flagged", "Flagged"),
                            ("merged", "Merged"),
                            ("dismissed", "Dismissed"),
                            ("undone", "Undone"),
                        ],
                        default=crm.states.merging.MergeStatus["FLAGGED"],
                        max_length=24,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=300)),
                ("flagged_at", models.DateTimeField()),
                ("flagged_by", models.CharField(max_length=120)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("moved", models.JSONField(blank=True, default=dict)),
                ("changed", models.JSONField(blank=True, default=list)),
            ],
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_away",
                to="crm.patient",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer-text", "Answer text"),
                    ("cancel-visit", "Cancel visit"),
                    ("meant-cancel", "Meant cancel"),
                    ("ehr-write", "Ehr write"),
                    ("overlap", "Overlap"),
                    ("wrong-number", "Wrong number"),
                    ("confirm-request", "Confirm request"),
                    ("safety-alert", "Safety alert"),
                    ("match-person", "Match person"),
                    ("rules-set-aside", "Rules set aside"),
                    ("mass-move", "Mass move"),
                    ("plan-broken", "Plan broken"),
                    ("video-visit", "Video visit"),
                    ("schedule", "Schedule"),
                    ("send-wave", "Send wave"),
                    ("call-back", "Call back"),
                    ("duplicate", "Duplicate"),
                    ("ehr-note", "Ehr note"),
                    ("ehr-details", "Ehr details"),
                    ("refill", "Refill"),
                    ("referral", "Referral"),
                    ("follow-up", "Follow up"),
                    ("ask-nurse", "Ask nurse"),
                ],
                max_length=24,
            ),
        ),
        AddConstraintNotValid(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(
                        ("merged_at__isnull", False),
                        ("merged_into__isnull", False),
                        models.Q(("merged_into", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="crm_patient_merged_at",
            ),
        ),
        migrations.AddIndex(
            model_name="nameword",
            index=models.Index(fields=["word"], name="crm_nameword_word"),
        ),
        migrations.AddIndex(
            model_name="nameword",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["word"], name="crm_nameword_like", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="nameword",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["sounds"], name="crm_nameword_sounds"
            ),
        ),
        migrations.AddField(
            model_name="patientmerge",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="patientmerge",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_given_up",
                to="crm.patient",
            ),
        ),
        migrations.AddField(
            model_name="patientmerge",
            name="survivor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_kept",
                to="crm.patient",
            ),
        ),
        migrations.AddIndex(
            model_name="patientmerge",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at", "id"],
                name="crm_merge_due",
            ),
        ),
        migrations.AddIndex(
            model_name="patientmerge",
            index=models.Index(fields=["status", "-flagged_at"], name="crm_merge_listed"),
        ),
        migrations.AddConstraint(
            model_name="patientmerge",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("survivor", "other"),
                django.db.models.functions.comparison.Greatest("survivor", "other"),
                condition=models.Q(
                    (
                        "status__in",
                        [
                            crm.states.merging.MergeStatus["FLAGGED"],
                            crm.states.merging.MergeStatus["MERGED"],
                        ],
                    )
                ),
                name="crm_merge_pair_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientmerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", crm.states.merging.MergeStatus["MERGED"])),
                fields=("other",),
                name="crm_merged_away_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("survivor", models.F("other")), _negated=True),
                name="crm_merge_of_two_records",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", crm.states.merging.MergeStatus["FLAGGED"]),
                    ("decided_at__isnull", False),
                    _connector="OR",
                ),
                name="crm_merge_decided",
            ),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
