import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0012_contact_center"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("no-answer", "No answer"),
                            ("busy", "Busy"),
                            ("voicemail", "Voicemail"),
                            ("wrong-number", "Wrong number"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="Callback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("promised_at", models.DateTimeField(blank=True, null=True)),
                ("attempt_limit", models.PositiveSmallIntegerField(default=3)),
                ("language", models.CharField(default="en", max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name="OnCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("specialty", models.CharField(blank=True, max_length=80)),
                ("location_id", models.BigIntegerField(blank=True, null=True)),
                ("level", models.PositiveSmallIntegerField(default=1)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "turn on call",
                "verbose_name_plural": "turns on call",
            },
        ),
        migrations.AddField(
            model_name="handoff",
            name="passed_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="answer",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="earlier",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="identifier",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="version",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="consententry",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("safety", "Safety"),
                    ("code", "Code"),
                    ("offer", "Offer"),
                    ("confirmation", "Confirmation"),
                    ("answer", "Answer"),
                    ("update", "Update"),
                    ("reminder", "Reminder"),
                    ("recall", "Recall"),
                    ("marketing", "Marketing"),
                    ("page", "Page"),
                    ("all", "All"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="handoff",
            name="to",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("queue", "Queue"),
                    ("nurse", "Nurse"),
                    ("provider", "Provider"),
                    ("manager", "Manager"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="callattempt",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="callattempt",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="crm.task"
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="interaction",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="callbacks",
                to="crm.interaction",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="phone",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="crm.phone"
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="task",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="callback", to="crm.task"
            ),
        ),
        migrations.AddField(
            model_name="oncall",
            name="phone",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="crm.phone"
            ),
        ),
        migrations.AddField(
            model_name="oncall",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="on_call",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="callattempt",
            index=models.Index(fields=["task", "at"], name="crm_callatt_task_id_4af75b_idx"),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("attempt_limit__gte", 1)), name="crm_callback_tries"
            ),
        ),
        migrations.AddIndex(
            model_name="oncall",
            index=models.Index(
                fields=["ends_at", "starts_at"], name="crm_oncall_ends_at_56812d_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="oncall",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="crm_on_call_ends_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="oncall",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1)), name="crm_on_call_from_one"
            ),
        ),
    ]
