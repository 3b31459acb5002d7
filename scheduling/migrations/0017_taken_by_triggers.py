"""Keeps `scheduling_taken`: whom and what each live visit of Firstcall's takes, and when.

Triggers, so that no path of the code, and no other program, can leave it out. What cannot be
taken raises exclusion_violation, as the constraint would; it is inserted with ON CONFLICT DO
NOTHING, since a plain insert against an exclusion constraint deadlocks under contention
(docs/architecture.md), and always in the order of clinicians, then rooms.
"""

from django.db import migrations

LIVE = "('requested', 'booked', 'arrived')"

TAKE = f"""
CREATE FUNCTION scheduling_take(visit bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted integer;
    made integer;
BEGIN
    WITH a AS (
        SELECT * FROM scheduling_appointment
        WHERE id = visit AND origin = 'firstcall' AND status IN {LIVE}
    ), w AS MATERIALIZED (
        SELECT a.provider_id, NULL::bigint AS room_id, a.starts_at, a.ends_at, 0::bigint AS holder
        FROM a WHERE a.provider_id IS NOT NULL
        UNION ALL
        SELECT NULL, a.room_id, a.starts_at, a.ends_at, 0 FROM a WHERE a.room_id IS NOT NULL
        UNION ALL
        SELECT r.provider_id, r.room_id, a.starts_at, a.ends_at, coalesce(a.slot_id, -a.id)
        FROM a JOIN scheduling_appointmentresource r ON r.appointment_id = a.id
    ), i AS (
        INSERT INTO scheduling_taken
            (appointment_id, provider_id, room_id, starts_at, ends_at, holder)
        SELECT visit, w.* FROM w ORDER BY w.provider_id NULLS LAST, w.room_id
        ON CONFLICT DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM i) INTO wanted, made;
    IF made < wanted THEN
        RAISE EXCEPTION 'a clinician, room or machine of visit % is taken then', visit
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'scheduling_taken';
    END IF;
END $$;

CREATE FUNCTION scheduling_visit_takes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM scheduling_take(NEW.id);
        RETURN NULL;
    END IF;
    DELETE FROM scheduling_taken WHERE appointment_id = OLD.id;
    IF TG_OP = 'UPDATE' THEN
        PERFORM scheduling_take(NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION scheduling_resource_takes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    visit bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.appointment_id ELSE NEW.appointment_id END;
BEGIN
    DELETE FROM scheduling_taken WHERE appointment_id = visit;
    PERFORM scheduling_take(visit);
    RETURN NULL;
END $$;

CREATE TRIGGER scheduling_visit_takes_new AFTER INSERT ON scheduling_appointment
FOR EACH ROW WHEN (NEW.origin = 'firstcall' AND NEW.status IN {LIVE})
EXECUTE FUNCTION scheduling_visit_takes();

CREATE TRIGGER scheduling_visit_takes_changed
AFTER UPDATE OF status, origin, provider_id, room_id, slot_id, starts_at, ends_at
ON scheduling_appointment FOR EACH ROW
WHEN (
    (OLD.origin = 'firstcall' OR NEW.origin = 'firstcall') AND (
        OLD.status IN {LIVE}, OLD.origin, OLD.provider_id, OLD.room_id, OLD.slot_id,
        OLD.starts_at, OLD.ends_at
    ) IS DISTINCT FROM (
        NEW.status IN {LIVE}, NEW.origin, NEW.provider_id, NEW.room_id, NEW.slot_id,
        NEW.starts_at, NEW.ends_at
    )
)
EXECUTE FUNCTION scheduling_visit_takes();

CREATE TRIGGER scheduling_visit_takes_gone AFTER DELETE ON scheduling_appointment
FOR EACH ROW WHEN (OLD.origin = 'firstcall') EXECUTE FUNCTION scheduling_visit_takes();

CREATE TRIGGER scheduling_resource_takes AFTER INSERT OR UPDATE OR DELETE
ON scheduling_appointmentresource FOR EACH ROW EXECUTE FUNCTION scheduling_resource_takes();

INSERT INTO scheduling_taken (appointment_id, provider_id, room_id, starts_at, ends_at, holder)
SELECT id, provider_id, NULL, starts_at, ends_at, 0 FROM scheduling_appointment
WHERE origin = 'firstcall' AND status IN {LIVE} AND provider_id IS NOT NULL
UNION ALL
SELECT id, NULL, room_id, starts_at, ends_at, 0 FROM scheduling_appointment
WHERE origin = 'firstcall' AND status IN {LIVE} AND room_id IS NOT NULL;
"""  # noqa: S608 our own words

LEAVE = """
DROP TRIGGER scheduling_resource_takes ON scheduling_appointmentresource;
DROP TRIGGER scheduling_visit_takes_gone ON scheduling_appointment;
DROP TRIGGER scheduling_visit_takes_changed ON scheduling_appointment;
DROP TRIGGER scheduling_visit_takes_new ON scheduling_appointment;
DROP FUNCTION scheduling_resource_takes();
DROP FUNCTION scheduling_visit_takes();
DROP FUNCTION scheduling_take(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0016_plans_and_video")]

    operations = [migrations.RunSQL(TAKE, LEAVE)]
