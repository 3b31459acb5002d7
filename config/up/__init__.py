"""The launcher: `make up` and its sisters, and the tests' own servers.

Plain Python that knows no Django. One supervisor (supervisord) keeps every process; the data of
the embedded PostgreSQL and Valkey, the logs and the generated configuration stand under `var/`.
"""
