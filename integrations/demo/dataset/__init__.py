"""A made-up health system as plain rows: the same seed and day give the same rows."""

from integrations.demo.dataset.build import as_of, build
from integrations.demo.dataset.rows import Dataset

__all__ = ["Dataset", "as_of", "build"]
