"""The opening page: reading (`pages`), acting (`acting`) and taking it along (`exports`)."""
