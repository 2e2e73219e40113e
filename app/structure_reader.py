"""Queries by structure, read and drawn in the drawing process: its answer never waits behind a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.engine import Engine, EngineError, Request

__all__ = ["ReadQuery", "StructureReader"]

WIDTH, HEIGHT = 92, 58


@dataclass(frozen=True, eq=False)
class ReadQuery:
    """A query that can be searched for.

    Parameters
    ----------
    text : str
        On one line.
    language : str
        "SMARTS" or "SMILES".
    light, dark : QImage
        Drawings for either ground, two pixels to a logical one.
    """

    text: str
    language: str
    light: QImage
    dark: QImage


class StructureReader(QObject):
    """Reads one query at a time; an earlier one that is still being read is dropped.

    Parameters
    ----------
    engine : Engine
        The drawing process.
    """

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._latest: Request | None = None

    def read(
        self,
        text: str,
        drawn: bool,
        kind: str,
        use: Callable[[ReadQuery], None],
        refuse: Callable[[EngineError], None],
    ) -> None:
        """Read a query, for substructures or for similarity; one that was drawn is no SMARTS."""
        request = self._latest = self._engine.submit(
            "read_query",
            title="Reading the structure",
            text=text,
            drawn=drawn,
            kind=kind,
            width=WIDTH,
            height=HEIGHT,
            scale=2.0,
        )
        request.finished.connect(lambda packed: self._answer(request, use, packed))
        request.failed.connect(lambda error: self._answer(request, refuse, error))

    def drop(self) -> None:
        """No longer want any answer."""
        self._latest = None

    def _answer(self, request: Request, use: Callable[[Any], None], answer: Any) -> None:
        if request is not self._latest:
            return
        self._latest = None
        use(answer if isinstance(answer, EngineError) else _unpack(answer))


def _unpack(packed: dict[str, Any]) -> ReadQuery:
    pictures = [QImage.fromData(packed[ground]) for ground in ("light", "dark")]
    for picture in pictures:
        picture.setDevicePixelRatio(2.0)
    return ReadQuery(packed["text"], packed["language"], *pictures)
