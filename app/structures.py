"""Drawn structures for views: asked of the drawing engine when first painted, then kept."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from app.engine import Engine

__all__ = ["Structures"]

_KEPT = 1500
# Small batches: what scrolled into view last is drawn next.
_BATCH = 6
_WAITING = 60


@dataclass(frozen=True)
class _Drawing:
    smiles: str
    width: int
    height: int
    scale: float
    dark: bool
    atoms: tuple[int, ...] = ()
    pattern: str = ""
    drawn: bool = False

    @property
    def plain(self) -> _Drawing:
        return dataclasses.replace(self, atoms=(), pattern="", drawn=False)


class Structures(QObject):
    """Pictures of molecules.

    Parameters
    ----------
    engine : Engine
        A process of its own, which imports nothing but RDKit: so structures are painted while a long
        ranking keeps the library's process busy.
    """

    drawn = Signal()

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._kept: OrderedDict[_Drawing, QPixmap] = OrderedDict()
        self._waiting: OrderedDict[_Drawing, None] = OrderedDict()
        self._under_way: tuple[_Drawing, ...] = ()
        # Those whose request failed, which may be no fault of theirs, and those that failed alone too.
        self._failed: set[_Drawing] = set()
        self._given_up: set[_Drawing] = set()
        self._atoms: Mapping[str, tuple[int, ...]] = {}
        self._pattern = ("", False)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)

    @property
    def idle(self) -> bool:
        """Whether everything asked for has been drawn."""
        return not self._waiting and not self._under_way

    def mark(
        self, *, atoms: Mapping[str, tuple[int, ...]] | None = None, pattern: tuple[str, bool] | None = None
    ) -> None:
        """Have parts of structures stand out wherever they are asked for as ``marked``.

        Parameters
        ----------
        atoms : mapping of str to tuple of int, optional
            By SMILES; these come before the pattern.
        pattern : (str, bool), optional
            What is looked for, and whether it was drawn, as
            :class:`molphenix_core.molecules.structure_query.StructureQuery` reads it.
        """
        self._atoms = self._atoms if atoms is None else dict(atoms)
        self._pattern = self._pattern if pattern is None else pattern
        self.drawn.emit()

    def pixmap(
        self, smiles: str, size: QSize, *, scale: float, dark: bool, marked: bool = False
    ) -> QPixmap | None:
        """The drawing, or None until ``drawn`` is emitted; null where the structure cannot be drawn.

        Parameters
        ----------
        size : QSize
            Logical pixels.
        scale : float
            Device pixels to a logical pixel.
        marked : bool
            Whether the parts given to :meth:`mark` stand out; until they do, the plain drawing will serve.
        """
        if not smiles:
            return QPixmap()
        wanted = _Drawing(smiles, size.width(), size.height(), scale, dark)
        if marked and smiles in self._atoms:
            wanted = dataclasses.replace(wanted, atoms=self._atoms[smiles])
        elif marked and self._pattern[0]:
            wanted = dataclasses.replace(wanted, pattern=self._pattern[0], drawn=self._pattern[1])
        found = self._kept.get(wanted)
        if found is not None:
            self._kept.move_to_end(wanted)
            return found
        if wanted in self._given_up:
            return QPixmap()
        if wanted not in self._under_way:
            self._waiting[wanted] = None
            # What failed stays behind all others: they are answered first, and the process is not given up.
            self._waiting.move_to_end(wanted, last=wanted not in self._failed)
            while len(self._waiting) > _WAITING:
                self._waiting.popitem(last=False)
            self._soon.start()
        return self._kept.get(wanted.plain)

    def _ask(self) -> None:
        if self._under_way or not self._waiting:
            return
        like = next(reversed(self._waiting))
        alike = [d for d in reversed(self._waiting) if _shape(d) == _shape(like) and d not in self._failed][
            :_BATCH
        ]
        if like in self._failed:
            # Alone, so that the one that brings the process down costs no others.
            alike = [like]
        for drawing in alike:
            del self._waiting[drawing]
        self._under_way = tuple(alike)
        request = self.engine.submit(
            "draw",
            title="Drawing structures",
            smiles=[drawing.smiles for drawing in alike],
            atoms=[list(drawing.atoms) for drawing in alike],
            pattern=like.pattern,
            drawn=like.drawn,
            width=like.width,
            height=like.height,
            scale=like.scale,
            dark=like.dark,
        )
        request.finished.connect(self._keep)
        request.failed.connect(self._ask_again)

    def _ask_again(self, _error: object) -> None:
        """The process died, or could not start: each structure has one more chance."""
        for drawing in self._under_way:
            if drawing in self._failed:
                self._given_up.add(drawing)
            else:
                self._failed.add(drawing)
                self._waiting[drawing] = None
                self._waiting.move_to_end(drawing, last=False)
        self._next()

    def try_again(self) -> None:
        """Draw once more what had been given up, because the drawing process was started again."""
        self._failed.clear()
        self._given_up.clear()
        self.drawn.emit()

    def _keep(self, pictures: list[bytes | None]) -> None:
        for drawing, picture in zip(self._under_way, pictures, strict=True):
            pixmap = QPixmap()
            if picture is not None:
                pixmap = QPixmap.fromImage(QImage.fromData(picture))
                pixmap.setDevicePixelRatio(drawing.scale)
            self._kept[drawing] = pixmap
            self._failed.discard(drawing)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self._next()

    def _next(self) -> None:
        self._under_way = ()
        self.drawn.emit()
        if self._waiting:
            self._soon.start()


def _shape(drawing: _Drawing) -> tuple[int, int, float, bool, str, bool]:
    return drawing.width, drawing.height, drawing.scale, drawing.dark, drawing.pattern, drawing.drawn
