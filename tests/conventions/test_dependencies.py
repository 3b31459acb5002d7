"""The lock files: complete, with hashes, and a reason for each direct dependency."""

from __future__ import annotations

import re

import pytest

from tests.conventions.repo import ROOT, committed, text_of

NAME = re.compile(r"^([A-Za-z0-9._-]+)", re.MULTILINE)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(file: str) -> set[str]:
    """The names that an `.in` file asks for."""
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith(("#", "-"))]
    return {normal(match.group(1)) for line in asked if (match := NAME.match(line))}


def locked(file: str) -> dict[str, str]:
    text = (ROOT / "requirements" / file).read_text()
    return {normal(name): version for name, version in PINNED.findall(text)}


def explained() -> set[str]:
    rows = re.findall(
        r"^\| ([A-Za-z0-9._-]+) \| \S.*\|$",
        (ROOT / "docs" / "dependencies.md").read_text(),
        re.MULTILINE,
    )
    return {normal(name) for name in rows}


def test_each_direct_dependency_has_a_reason() -> None:
    assert not (direct("base.in") | direct("test.in")) - explained()


def test_no_reason_is_left_of_a_dependency_that_went() -> None:
    outside = {
        "package",
        "tool",
        "uv",
        "chromium",
        "mypy",
    }  # headings, and what pip does not install
    assert not explained() - direct("base.in") - direct("test.in") - outside


#: Where the module that code names differs from the package that brings it.
MODULES = {
    "django-csp": "csp",
    "django-phonenumber-field": "phonenumber_field",
    "django-template-partials": "template_partials",
    "django-unfold": "unfold",
    "djangorestframework": "rest_framework",
    "psycopg2-binary": "psycopg2",
}
#: Nobody imports it: the version is Celery's weak spot, and so it is pinned beside it.
PINNED_ONLY = {"kombu"}


def test_each_dependency_of_production_is_used() -> None:
    code = "\n".join(text_of(path) for path in committed() if path.suffix == ".py")
    modules = {
        name: MODULES.get(name, name.replace("-", "_")) for name in direct("base.in") - PINNED_ONLY
    }
    used = {name for name, module in modules.items() if re.search(rf"\b{module}", code)}
    assert set(modules) - used == set()


def test_each_direct_dependency_is_locked() -> None:
    assert direct("base.in") <= set(locked("base.txt"))
    assert direct("test.in") | direct("base.in") <= set(locked("test.txt"))


def test_tests_run_on_what_production_runs_on() -> None:
    base, test = locked("base.txt"), locked("test.txt")
    assert {name: test.get(name) for name in base} == base


@pytest.mark.parametrize("file", ["base.txt", "test.txt"])
def test_every_locked_version_has_hashes(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text()
    blocks = [block for block in re.split(r"\n(?=[A-Za-z0-9])", text) if PINNED.match(block)]
    assert len(blocks) == len(locked(file))
    assert not [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]
