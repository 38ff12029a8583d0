"""Compares what is there after a round with what must be. Reads files, databases and /proc; believes no server."""

from .evidence import Evidence, Violation
from .report import audit, leftovers

__all__ = ["Evidence", "Violation", "audit", "leftovers"]
