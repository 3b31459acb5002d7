"""`url` and `translate` say what Django's say, wherever the page stands and whoever reads it."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template
from django.template.base import Node
from django.test import override_settings
from django.urls import NoReverseMatch, path, set_script_prefix
from django.utils import translation
from django.views import View

from crm.templatetags.once import AddressNode, WordsNode, address_of

PLAIN = "{% load i18n %}"  # Django's own `translate` again


urlpatterns = [path("elsewhere/<int:pk>/", View.as_view(), name="task")]


def drawn(template: str, **values: Any) -> str:
    return Template(template).render(Context(values))


def first(template: str) -> Node:
    return Template(template).nodelist[0]


def test_an_address_is_worked_out_once() -> None:
    address_of.cache_clear()
    for _ in range(3):
        for key in (7, "7", 8):
            assert drawn("{% url 'desk:task' key %}", key=key) == f"/tasks/{key}/"
    assert address_of.cache_info().misses == 3
    assert drawn("{% url 'desk:task' key as here %}[{{ here }}]", key=7) == "[/tasks/7/]"


def test_it_goes_by_where_the_site_stands() -> None:
    assert drawn("{% url 'desk:task' 7 %}") == "/tasks/7/"
    set_script_prefix("/crm/")
    try:
        assert drawn("{% url 'desk:task' 7 %}") == "/crm/tasks/7/"
    finally:
        set_script_prefix("/")
    with override_settings(ROOT_URLCONF=__name__):
        assert drawn("{% url 'task' 7 %}") == "/elsewhere/7/"


def test_what_does_not_exist_is_said_as_ever() -> None:
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            drawn("{% url 'desk:no-such-view' %}")
        with pytest.raises(NoReverseMatch):
            drawn("{% url 'desk:task' key %}", key="seven")
        assert drawn("{% url 'desk:no-such-view' as here %}[{{ here }}]") == "[]"


def test_other_values_are_djangos() -> None:
    assert drawn("{% url 'desk:task' pk=7 %}") == "/tasks/7/"
    drawn("{% url 'desk:task' 1 %}")
    with pytest.raises(NoReverseMatch):
        drawn("{% url 'desk:task' key %}", key=True)  # which equals 1, and is none
    assert not isinstance(first("{% url 'desk:task' pk=7 %}"), AddressNode)


@pytest.mark.parametrize("code", ["en-us", "es"])
def test_a_fixed_sentence_reads_as_djangos_in_each_language(code: str) -> None:
    fixed = '{% translate "Change your date of birth" %}{% translate "Save" %}'
    assert isinstance(first('{% translate "Save" %}'), WordsNode)
    with translation.override(code):
        assert drawn(fixed) == drawn(PLAIN + fixed)
        assert (drawn('{% translate "Save" %}') == "Save") is (code == "en-us")


@pytest.mark.parametrize(
    "tag",
    [
        '{% translate "100% sure" %}',
        '{% translate "Save" as word %}[{{ word }}]',
        '{% translate "Save" noop %}',
        '{% translate "Openings" context "menu" %}',
        '{% translate "Save"|upper %}',
        "{% translate word %}",
    ],
)
def test_any_other_use_is_djangos(tag: str) -> None:
    assert not isinstance(first(tag), WordsNode)
    with translation.override("es"):
        assert drawn(tag, word="Save <b>") == drawn(PLAIN + tag, word="Save <b>")


def test_a_sentence_is_escaped_no_more_and_no_less() -> None:
    for tag in ('{% translate "A & B" %}', '{% translate "it\'s <i>so</i>" %}'):
        assert drawn(tag) == drawn(PLAIN + tag)
