"""What a web process does before its first request."""

from __future__ import annotations

import gc

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

TEMPLATES = settings.BASE_DIR / "templates"

#: How many more objects there must be than at the last look before the youngest are looked at, and
#: so many looks at these before one at the older. A page makes and drops some 30,000.
RARELY = (5_000, 20, 20)


def settle() -> None:
    """Load every page's code and words now, and let the garbage collector pass over what is loaded.

    Else the first request pays for the imports; and each full collection walks some 450,000 objects
    that live as long as the process, 40 to 130 ms within somebody's request.
    """
    reverse("desk:screen")  # needs the whole table of addresses, so all views
    for template in TEMPLATES.rglob("*.*"):
        get_template(str(template.relative_to(TEMPLATES)))  # the loader keeps it
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("Desk")  # reads the whole catalog
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
