"""Migrations: one line of them per app, and none that breaks the release still running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.operations import ValidateConstraint
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from tests.conventions.repo import APPS, ROOT

#: Written before the first release: none is running that they could break.
BEFORE_THE_FIRST_RELEASE = ("0002_modes", "0009_schedules_and_feedback")


class OnePass(MigrationLinter):
    """The linter, with all statements collected in one walk over the migrations.

    Its own way starts anew from the first migration for each, which takes minutes by now.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._sql = dict(_statements())

    def get_sql(self, app_label: str, migration_name: str) -> list[str]:
        return [line for line in self._sql[app_label, migration_name] if line.strip("-\n ")]


def _statements() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Each migration with its SQL, in the order in which they would be applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    state = ProjectState(real_apps=executor.loader.unmigrated_apps)
    for migration, _ in plan:
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        yield (migration.app_label, migration.name), editor.collected_sql


@pytest.mark.django_db
@pytest.mark.timeout(400)  # as long as a migration from nothing
def test_no_migration_breaks_the_release_that_still_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    linter = OnePass(
        include_apps=list(APPS),
        ignore_initial_migrations=True,
        ignore_name=BEFORE_THE_FIRST_RELEASE,
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert linter.nb_total > 0
    assert linter.nb_erroneous == 0, capsys.readouterr().out


def _may_be_repeated(operation: Any) -> bool:
    """Django's own operations fail where what they make is there; what is said in SQL need not."""
    parts = getattr(operation, "database_operations", None)
    if parts is not None:
        return all(map(_may_be_repeated, parts))
    return isinstance(operation, RunSQL | RunPython | ValidateConstraint)


def test_what_is_not_done_at_once_may_be_done_again() -> None:
    """One that was broken off halfway is begun anew: it stands on what it did before."""
    found = MigrationLoader(None).disk_migrations
    halves = {key: each for key, each in found.items() if key[0] in APPS and not each.atomic}
    assert halves
    once = [
        (key, operation)
        for key, migration in halves.items()
        for operation in migration.operations
        if not _may_be_repeated(operation)
    ]
    assert not once


def test_a_migration_that_drops_a_column_would_be_seen() -> None:
    errors, _ignored, _warnings = analyse_sql_statements(
        PostgresqlAnalyser, ['ALTER TABLE "crm_patient" DROP COLUMN "born_on" CASCADE;']
    )
    assert errors


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_app_with_migrations_names_its_last_one() -> None:
    """django-linear-migrations' file: two branches that add one collide there."""
    ours = [config for config in apps.get_app_configs() if config.name.split(".")[0] in APPS]
    folders = [ROOT / config.name.replace(".", "/") / "migrations" for config in ours]
    numbered = {folder: sorted(folder.glob("[0-9]*.py")) for folder in folders if folder.exists()}
    assert numbered
    for folder, files in numbered.items():
        assert (folder / "max_migration.txt").read_text().strip() == files[-1].stem
