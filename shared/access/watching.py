"""Writes down what happens at the wall: who read of whom, and who was refused."""

from __future__ import annotations

from shared.access.wall import Visit


class Watchman:
    """Watches one service's wall."""

    async def was_read(self, visit: Visit, route: str) -> None:
        """A line for each person that was read of."""

    async def was_refused(self, visit: Visit, route: str, status: int) -> None:
        """A line in the security log."""
