"""An EHR in memory that keeps notes, and fails when a test says so."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from crm.note_ports import ContactNote, NoteError
from tests.factories import SOURCE


class FakeNotes:
    """A gateway whose state is the class's, so that a setting can name it by path."""

    source = SOURCE
    kept: ClassVar[dict[str, ContactNote]] = {}
    asked: ClassVar[list[ContactNote]] = []
    trouble: ClassVar[deque[NoteError]] = deque()

    @classmethod
    def reset(cls) -> None:
        cls.kept, cls.asked, cls.trouble = {}, [], deque()

    def send_note(self, note: ContactNote) -> str:
        self.asked.append(note)
        if self.trouble:
            raise self.trouble.popleft()
        self.kept[note.identifier] = note
        return f"note-{len(self.kept)}"
