from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "Schedules and visits"

    def ready(self) -> None:
        from crm.engine import subscribe
        from scheduling import (  # noqa: F401 they register steps
            mass_tasks,
            merging,
            schedule_tasks,
            subscribers,
            tasks,
            video_tasks,
        )

        merging.connect()
        subscribe("crm.contact-taken", subscribers.on_contact_taken)
        subscribe("scheduling.appointment-confirmed", subscribers.on_appointment_confirmed)
        for end in ("confirmed", "refused", "cancelled"):
            subscribe(f"scheduling.appointment-{end}", subscribers.on_appointment_settled)
            subscribe(f"scheduling.appointment-{end}", subscribers.on_mass_visit_settled)
        subscribe("scheduling.appointment-confirmed", subscribers.on_visit_booked)
        for end in ("refused", "cancelled"):
            subscribe(f"scheduling.appointment-{end}", subscribers.on_visit_off)
        for event in (
            "scheduling.appointment-missed",
            "scheduling.appointment-cancelled",
            "scheduling.no-show-undone",
            "scheduling.patient-arrived",
        ):
            subscribe(event, subscribers.on_attendance_changed)
        for change in ("confirmed", "refused", "cancelled", "restored", "reported", "missed"):
            event = f"scheduling.appointment-{change}"
            subscribe(event, subscribers.on_plan_visit_changed)
        subscribe("scheduling.no-show-undone", subscribers.on_plan_visit_changed)
        for change in ("confirmed", "restored", "reported"):
            subscribe(f"scheduling.appointment-{change}", subscribers.on_visit_stands)
        for end in ("refused", "cancelled"):
            subscribe(f"scheduling.appointment-{end}", subscribers.on_video_off)
        subscribe("scheduling.appointment-missed", subscribers.on_video_missed)
