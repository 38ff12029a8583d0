"""Versioned changes of the jobs database, run by Alembic at start."""
