"""What the pages are made of: vendored, complete, and without anything inline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = next(VENDOR.glob("tabler-icons-*")) / "sprite.svg"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text("utf-8")))
    named = re.compile(r'\{% icon "([^"]+)"|\bicon="([^"]+)"')
    used = {a or b for file in TEMPLATES for a, b in named.findall(file.read_text("utf-8"))}
    assert used
    assert used - drawn == set()


def test_the_sprite_holds_the_icons_of_the_list() -> None:
    drawn = re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text("utf-8"))
    assert drawn == sorted(set((VENDOR / "icons.txt").read_text("utf-8").split()))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)


def test_each_vendored_folder_has_its_license_and_its_line_in_the_readme() -> None:
    readme = (VENDOR / "README.md").read_text("utf-8")
    folders = [folder for folder in VENDOR.iterdir() if folder.is_dir()]
    assert len(folders) == 3
    for folder in folders:
        assert (folder / "LICENSE").is_file()
        assert f"`{folder.name}/`" in readme


def test_every_reference_between_static_files_resolves(tmp_path: Path, settings: Any) -> None:
    """Collecting with hashed names fails on a url() or a source map that is not there."""
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in ("css/app.css", "css/patient.css", "js/live.js", "img/firstcall.svg"):
        assert (tmp_path / staticfiles_storage.stored_name(name)).is_file()  # type: ignore[attr-defined]
