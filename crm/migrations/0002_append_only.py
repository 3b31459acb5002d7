"""Audit and consent are written once: PostgreSQL refuses to change or delete a row."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION crm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
"""

TABLES = ("crm_auditentry", "crm_consententry")


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION crm_refuse_change();"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table), f"DROP TRIGGER {table}_append_only ON {table};"
            )
            for table in TABLES
        ),
    ]
