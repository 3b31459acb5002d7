from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Patients and staff"

    def ready(self) -> None:
        from crm import permissions  # noqa: F401 registers them with `rules`
        from crm.engine import events, steps
        from crm.engine.models import EventDelivery

        steps.step(name=events.DELIVER, model=EventDelivery, queue="fill")(events.deliver)
