from django.db import migrations, models

import crm.states.people


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0021_what_goes_with_a_contact"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                choices=[("en-us", "English"), ("es", "Español")],
                db_default="en-us",
                default=crm.states.people.StaffLanguage["ENGLISH"],
                max_length=8,
            ),
        ),
    ]
