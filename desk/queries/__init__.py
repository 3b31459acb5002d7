"""Named reads of the desk."""

from desk.queries.task_detail import find_next_task, get_task_detail
from desk.queries.task_list import Shown, all_lines, list_tasks

__all__ = ["Shown", "all_lines", "find_next_task", "get_task_detail", "list_tasks"]
