from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene

__all__ = ["carrier", "scene"]
