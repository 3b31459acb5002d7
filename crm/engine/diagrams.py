"""`docs/states.md`: every transition table, drawn by itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from crm.engine.models import StatusRow

HEAD = """# Lives

What may follow what, printed from the tables that `crm.engine.move` obeys
(`python manage.py print_states > docs/states.md`). A test fails when this page is stale.
"""


def page() -> str:
    """The whole page, in Markdown with Mermaid diagrams."""
    return "\n".join([HEAD, *(_section(model) for model in rows_with_a_life())])


def rows_with_a_life() -> list[type[StatusRow]]:
    """Every model that has a status, by name."""
    found = (model for model in apps.get_models() if issubclass(model, StatusRow))
    return sorted(found, key=lambda model: model._meta.label)


def _section(model: type[StatusRow]) -> str:
    first_line = (model.__doc__ or "").strip().splitlines()[0]
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", *_arrows(model), "```"])
    return f"## {model._meta.label}\n\n{first_line}\n\n{diagram}\n"


def _arrows(model: type[StatusRow]) -> Iterator[str]:
    """States are named by their enum member, since Mermaid takes no hyphens."""
    default = model._meta.get_field("status").get_default()
    if default:
        yield f"    [*] --> {model.STATES(default).name}"
    for state in model.STATES:
        goes_to = model.MOVES[state]
        for other in model.STATES:
            if other in goes_to:
                yield f"    {state.name} --> {other.name}"
        if not goes_to:
            yield f"    {state.name} --> [*]"
