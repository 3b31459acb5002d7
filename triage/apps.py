from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "triage"
    verbose_name = "Safety"

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from crm.engine import subscribe
        from triage import checks, subscribers, tasks  # noqa: F401 tasks registers its step

        for event in ("crm.task-claimed", "crm.task-put-back", "crm.task-closed"):
            subscribe(event, subscribers.on_task_changed)
        register(checks.list_is_signed, Tags.database)
