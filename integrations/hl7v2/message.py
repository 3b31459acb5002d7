"""A parsed message as plain, immutable values that never raise when read.

Fields, repetitions, components and subcomponents count from 1, as the standard does. What is
missing reads as an empty string, and so does `""`, HL7's way to say "delete this value";
`Segment.deletes` tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DELETE = '""'


@dataclass(frozen=True, slots=True)
class Element:
    """One repetition of a field: components of subcomponents."""

    components: tuple[tuple[str, ...], ...] = ()

    def text(self, component: int = 1, sub: int = 1) -> str:
        """One value, trimmed; empty when absent or deleted."""
        if component > len(self.components) or sub > len(self.components[component - 1]):
            return ""
        value = self.components[component - 1][sub - 1].strip()
        return "" if value == DELETE else value

    def subs(self, component: int) -> tuple[str, ...]:
        """All subcomponents of a component, trimmed."""
        if component > len(self.components):
            return ()
        return tuple(
            self.text(component, sub) for sub in range(1, len(self.components[component - 1]) + 1)
        )

    def __bool__(self) -> bool:
        return any(value.strip() not in {"", DELETE} for part in self.components for value in part)


EMPTY = Element()


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of a message. `fields[0]` is the segment's name."""

    name: str
    fields: tuple[tuple[Element, ...], ...]

    def all(self, number: int) -> tuple[Element, ...]:
        """The repetitions of a field that hold something."""
        if number >= len(self.fields):
            return ()
        return tuple(element for element in self.fields[number] if element)

    def first(self, number: int) -> Element:
        """The first repetition that holds something, or an empty one."""
        return next(iter(self.all(number)), EMPTY)

    def text(self, number: int, component: int = 1, sub: int = 1) -> str:
        """One value of a field's first repetition."""
        return self.first(number).text(component, sub)

    def deletes(self, number: int) -> bool:
        """Whether the sender says `""`: delete the value that you hold."""
        if number >= len(self.fields):
            return False
        return any(e.components[:1] == ((DELETE,),) for e in self.fields[number])

    def deleted_fields(self) -> Iterator[int]:
        """The numbers of the fields that the sender deletes."""
        return (number for number in range(1, len(self.fields)) if self.deletes(number))


@dataclass(frozen=True, slots=True)
class Header:
    """What MSH says about a message; read leniently, so that any message can be answered.

    The four names keep all components, to be echoed in an answer.
    """

    sending_application: tuple[str, ...] = ()
    sending_facility: tuple[str, ...] = ()
    receiving_application: tuple[str, ...] = ()
    receiving_facility: tuple[str, ...] = ()
    message_code: str = ""
    trigger: str = ""
    control_id: str = ""
    processing_id: str = ""
    version: str = ""
    charset: str = ""

    @property
    def source(self) -> str:
        """The sender's name in our books: MSH-3.1|MSH-4.1."""
        return f"{''.join(self.sending_application[:1])}|{''.join(self.sending_facility[:1])}"


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """A whole message. `notes` are remarks from reading it, without patient data."""

    header: Header
    segments: tuple[Segment, ...]
    codec: str
    notes: tuple[str, ...] = ()

    def each(self, name: str) -> tuple[Segment, ...]:
        """All segments of that name, in order."""
        return tuple(segment for segment in self.segments if segment.name == name)

    def find(self, name: str) -> Segment | None:
        """The first segment of that name, or None."""
        return next((segment for segment in self.segments if segment.name == name), None)
