"""The schema, one numbered step per file, the same on SQLite and PostgreSQL."""
