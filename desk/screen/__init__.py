"""The one screen of the desk: who waits, the conversation, the patient (`/desk/`)."""
