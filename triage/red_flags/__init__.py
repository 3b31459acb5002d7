"""The lists of red flags as files, one a version, and the check that reads with the newest."""

from triage.red_flags.check import RedFlagCheck
from triage.red_flags.files import CURRENT, load_list

__all__ = ["CURRENT", "RedFlagCheck", "load_list"]
