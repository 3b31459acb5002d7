"""Knowledge for this contact: what fits its line, site and kind of call, and search in it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from desk.knowledge_forms import SearchForm
from desk.queries.articles import ArticleFacts, articles_for
from desk.queries.scripts import next_site
from desk.screen.contact import DeskContact

MOST: Final = 5


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement; nothing of the patient is in it."""
    site = next_site(contact.interaction, at=at) if contact.is_verified else None
    facts = ArticleFacts.of(contact.interaction, site=site)
    return {
        "articles": articles_for(facts, limit=MOST),
        "search": SearchForm(),
        "found": None,
        "article": None,
    }
