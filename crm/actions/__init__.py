"""Every write of crm."""

from crm.actions.tasks import open_task

__all__ = ["open_task"]
