"""How long work says how far it is, and is asked to stop."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a short sentence.

A caller that wants the work to stop raises :class:`molphenix_core.errors.Cancelled` from it.
"""


def silent(share: float, message: str) -> None:
    """Ignore progress: the :data:`Progress` of a caller that does not ask.

    Parameters
    ----------
    share : float
        Done, 0 to 1.
    message : str
        What is being done.
    """
