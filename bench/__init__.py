"""Measurements of the paths that patients wait for, each beside a floor of the same run.

`make bench` runs them all on servers of their own; `python -m bench NAME --size N --json` runs one
(docs/performance.md has the results and says how to read them).
"""

import os

# Importing `config` reads the environment, which refuses public secrets outside demo mode.
os.environ.setdefault("FIRSTCALL_DEMO", "1")
