"""The printed law is the law that the code obeys."""

from __future__ import annotations

from pathlib import Path

from crm.rules.law import LAW
from outreach.rules.law_page import page
from outreach.texts import TEXTS

PAGE = Path(__file__).parents[2] / "docs" / "law.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text() == page(), "Run: python manage.py print_law > docs/law.md"


def test_names_every_purpose_every_source_and_every_text() -> None:
    printed = page()
    for purpose, law in LAW.items():
        assert f"**{purpose}**: {law.what}" in printed
        assert all(f". {source}\n" in printed for source in law.sources)
    assert all(f"`{key}`" in printed for key in TEXTS)
