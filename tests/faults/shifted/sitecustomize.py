"""A machine whose clock is wrong: every Python program that finds this at its start has it.

`CLOCK_OFF_BY` is by how many seconds. Only the time of day is off; monotonic clocks never are.
"""

import datetime as dt
import os

import time_machine

now = dt.datetime.now(dt.UTC)
wrong = now + dt.timedelta(seconds=float(os.environ["CLOCK_OFF_BY"]))
time_machine.travel(wrong, tick=True).start()
