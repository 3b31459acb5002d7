from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from celery import signals
        from django.core import checks

        from integrations.demo import guard

        checks.register(guard.check_demo_data, checks.Tags.database, deploy=True)
        for starts in (signals.worker_init, signals.beat_init):
            starts.connect(guard.refuse_demo_data_in_worker, weak=False)
        self.connect()

    def connect(self) -> None:
        """The inbox's step, what it hears of visits, and the demo's phones of the desk."""
        from crm.engine import subscribe
        from integrations.inbox import tasks  # noqa: F401 registers the step
        from integrations.phone_wall.calling import pick_up, put_down
        from integrations.subscribers import try_what_waited

        for heard in ("scheduling.appointment-reported", "scheduling.appointment-confirmed"):
            subscribe(heard, try_what_waited)
        subscribe("crm.queue-claimed", pick_up, urgent=True)
        subscribe("crm.contact-wrapped", put_down)
