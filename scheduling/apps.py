from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "Schedules and visits"

    def ready(self) -> None:
        from scheduling import tasks  # noqa: F401 registers the steps
