"""The EHR that the settings name."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from scheduling.models import Slot
from scheduling.ports import EhrGateway, VideoGateway


def get_ehr() -> EhrGateway:
    """The gateway of setting `EHR_GATEWAY`, one for each process."""
    return _load(settings.EHR_GATEWAY)


@lru_cache(maxsize=4)
def _load(path: str) -> EhrGateway:
    gateway: EhrGateway = import_string(path)()
    return gateway


def get_video() -> VideoGateway:
    """The gateway of setting `VIDEO_GATEWAY`, one for each process."""
    return _load_video(settings.VIDEO_GATEWAY)


@lru_cache(maxsize=4)
def _load_video(path: str) -> VideoGateway:
    gateway: VideoGateway = import_string(path)()
    return gateway


def takes_bookings(slot: Slot) -> bool:
    """Whether our EHR books into this slot when asked; else a person at the clinic must."""
    ehr = get_ehr()
    return ehr.capabilities.can_book and slot.source in {"", ehr.source}
