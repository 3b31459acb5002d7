"""What is logged names no patient, in either form."""

from __future__ import annotations

import logging.config

import pytest

from config.logs import logging_config


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_local_value(as_json: bool) -> None:
    """Whoever prints local names prints the patient that the view was about."""
    formatters = logging_config(level="INFO", as_json=as_json)["formatters"]
    configurator = logging.config.DictConfigurator({"version": 1})
    formatter = configurator.configure_formatter(dict(formatters["line"]))
    record = _failing("Rosa Delgado")
    assert "ValueError: broken" in (said := formatter.format(record))
    assert "Rosa" not in said


def _failing(patient: str) -> logging.LogRecord:
    try:
        raise ValueError("broken")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        assert patient
        return logging.LogRecord("crm", logging.ERROR, __file__, 1, "failed", None, info)
