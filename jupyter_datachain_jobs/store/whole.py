"""Transactions that end, whatever happens to the task that asked for them.

A task that is cancelled in the middle of a statement drops its connection while the driver's thread still works on it;
the transaction then stays open, with SQLite's only write lock, until the process ends. So a transaction runs in a task
of its own, and whoever is cancelled meanwhile waits for its end first. It takes milliseconds.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_inside: ContextVar[bool] = ContextVar("_inside", default=False)


def whole(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """For each coroutine function that opens a transaction."""

    @functools.wraps(method)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return await method(*args, **kwargs)
        task = asyncio.create_task(_marked(method(*args, **kwargs)))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await _ended(task)
            raise

    return run


def check_whole() -> None:
    """Raises RuntimeError where a transaction could be cut short: the caller lacks `whole`."""
    if not _inside.get():
        raise RuntimeError("a transaction must be opened by a coroutine function that is marked with `whole`")


async def _marked(work: Awaitable[R]) -> R:
    _inside.set(True)
    return await work


async def _ended(task: asyncio.Task[Any]) -> None:
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:  # once more: all the same
            continue
    if not task.cancelled():
        task.exception()
