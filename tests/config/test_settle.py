"""What a web process does before its first request."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.template import Template
from django.template.loader import get_template

from config.settle import RARELY, TEMPLATES, settle


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def test_every_template_is_read_and_the_collector_passes_over_what_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settle()

    def parsed_again(template: Template) -> None:
        raise AssertionError(template.name)

    monkeypatch.setattr(Template, "compile_nodelist", parsed_again)
    ours = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*")]
    assert len(ours) > 300
    assert all(get_template(name) for name in ours)
    assert gc.get_freeze_count() > 100_000
    assert gc.get_threshold() == RARELY
