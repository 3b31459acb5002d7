"""The story that `make up` and `make demo` tell: real messages in, and what came of them."""

from integrations.demo.story.narrator import Narrator, StoryBroke
from integrations.demo.story.tell import tell

__all__ = ["Narrator", "StoryBroke", "tell"]
