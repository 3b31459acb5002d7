"""What the desk decides by itself: scripts step by step, and how an article reads. Pure."""
