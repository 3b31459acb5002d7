"""What a web process does before its first request."""

from __future__ import annotations

import gc

from django.conf import settings
from django.urls import reverse
from django.utils import translation


def settle() -> None:
    """Load every page's code and words now, and let the garbage collector pass over what is loaded.

    Else the first request pays for the imports; and each full collection walks some 350,000 objects
    that live as long as the process, about 40 ms within somebody's request.
    """
    reverse("desk:screen")  # needs the whole table of addresses, so all views
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("Desk")  # reads the whole catalog
    gc.collect()
    gc.freeze()
