"""A clinic that is open online, a phone, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.desk.self_service.handset import Handset, open_online
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene as _scene
from tests.waitlist.scene import Scene

__all__ = ["carrier"]
scene = _scene


@pytest.fixture
def handset(scene: Scene) -> Iterator[Handset]:
    open_online(scene)
    with time_machine.travel(scene.at, tick=False):
        yield Handset(scene)
