"""How dates and numbers are written, where it is not as Django has it."""
