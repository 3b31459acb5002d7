"""The launcher: `make up`, `make down` and the tests' own servers."""
