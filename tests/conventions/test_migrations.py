"""Migrations: one line of them per app, and none that breaks the release still running."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from tests.conventions.repo import APPS, ROOT

#: Written before the first release: none is running that they could break.
BEFORE_THE_FIRST_RELEASE = ("0002_modes",)


@pytest.mark.django_db
def test_no_migration_breaks_the_release_that_still_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    linter = MigrationLinter(
        include_apps=list(APPS),
        ignore_initial_migrations=True,
        ignore_name=BEFORE_THE_FIRST_RELEASE,
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert linter.nb_total > 0
    assert linter.nb_erroneous == 0, capsys.readouterr().out


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
