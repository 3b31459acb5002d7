"""The charts that the settings name."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from crm.ports import ChartGateway


def get_chart() -> ChartGateway:
    """The gateway of setting `CHART_GATEWAY`, one for each process."""
    return _load(settings.CHART_GATEWAY)


@lru_cache(maxsize=4)
def _load(path: str) -> ChartGateway:
    gateway: ChartGateway = import_string(path)()
    return gateway
