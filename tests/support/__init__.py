"""What tests of all rooms share: a real server to talk to."""

from .server import Answer, LiveServer, free_port

__all__ = ["Answer", "LiveServer", "free_port"]
