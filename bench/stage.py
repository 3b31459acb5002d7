"""Django on a script's own database. Every script that needs Django imports this first."""

from __future__ import annotations

import django

from bench.servers import end_orderly, is_staged

if not is_staged():
    raise SystemExit("This needs a database of its own: python -m bench NAME --size N --json")
end_orderly()
django.setup()
