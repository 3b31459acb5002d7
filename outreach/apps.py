from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"
    verbose_name = "Texts"

    def ready(self) -> None:
        from django.core import checks

        from crm.engine import subscribe
        from outreach import subscribers, tasks  # noqa: F401 tasks registers its step
        from outreach.checks import check_texts

        checks.register(check_texts)
        subscribe("crm.opted-out", subscribers.recheck_queue)
        subscribe("crm.provider-paged", subscribers.page_on_call, urgent=True)
        subscribe("outreach.message-not-sent", subscribers.on_page_not_sent)
