from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Patients and staff"

    def ready(self) -> None:
        # They register themselves.
        from crm import permissions, tasks_center, tasks_chart, tasks_merging  # noqa: F401
        from crm.engine import events, steps
        from crm.engine.models import EventDelivery

        steps.step(name=events.DELIVER, model=EventDelivery, queue="fill")(events.deliver)
        self.connect()

    def connect(self) -> None:
        """What the contact center hears of its own contacts."""
        from crm import subscribers
        from crm.engine import subscribe
        from crm.subscribers_chart import on_contact_known
        from crm.subscribers_interpreting import on_call_ended, on_contact_wrapped

        subscribe("crm.contact-opened", subscribers.follow_agent)
        subscribe("crm.contact-taken", subscribers.claim_contact)
        subscribe("crm.handoff-accepted", subscribers.follow_both)
        subscribe("crm.contact-wrapped", subscribers.end_contact)
        subscribe("crm.contact-wrapped", subscribers.close_tasks)
        subscribe("crm.contact-wrapped", on_contact_wrapped)
        subscribe("crm.task-of-contact", subscribers.follow_task)
        subscribe("crm.call-ended", on_call_ended)
        for known in ("identified", "verified"):
            subscribe(f"crm.contact-{known}", on_contact_known, urgent=True)
