from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Patients and staff"

    def ready(self) -> None:
        # They register themselves.
        from crm import permissions, tasks_center  # noqa: F401
        from crm.engine import events, steps
        from crm.engine.models import EventDelivery

        steps.step(name=events.DELIVER, model=EventDelivery, queue="fill")(events.deliver)
