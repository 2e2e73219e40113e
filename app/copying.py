"""Copying a structure for other programs: as text, as a molfile that they draw, as a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from app.dragging import MOLFILE, SMILES, molecules_mime
from app.engine import Engine, Request
from app.records import Molecule

__all__ = ["Copier"]

_PICTURE = {"width": 480, "height": 360, "scale": 2.0}


class Copier(QObject):
    """Puts a molecule into the clipboard; what takes RDKit is asked of the drawing engine.

    Signals
    -------
    copied(str)
        What is in the clipboard now, as "Molfile copied".
    failed(str, EngineError)
        What was tried, and why it failed.

    Parameters
    ----------
    engine : Engine
        The drawing engine.
    """

    copied = Signal(str)
    failed = Signal(str, object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._latest: Request | None = None

    def copy_smiles(self, molecule: Molecule) -> None:
        """As SMILES."""
        self._forget()
        data = QMimeData()
        data.setText(molecule.smiles)
        data.setData(SMILES, molecule.smiles.encode("utf-8"))
        self._put(data, "SMILES copied")

    def copy_molfile(self, molecule: Molecule) -> None:
        """As a molfile: text, and under its own type for drawing programs."""

        def use(molfile: str) -> None:
            data = QMimeData()
            data.setText(molfile)
            data.setData(MOLFILE, molfile.encode("utf-8"))
            self._put(data, "Molfile copied")

        self._ask("molfile", "Copying as molfile", use, smiles=molecule.smiles, name=molecule.name)

    def copy_inchi(self, molecule: Molecule) -> None:
        """As InChI."""

        def use(inchi: str) -> None:
            data = QMimeData()
            data.setText(inchi)
            self._put(data, "InChI copied")

        self._ask("inchi", "Copying as InChI", use, smiles=molecule.smiles)

    def copy_picture(self, molecule: Molecule) -> None:
        """As a picture for a slide: dark lines on white, whatever the theme."""

        def use(picture: bytes) -> None:
            # Together with what it is: a drawing program takes the structure, a text the SMILES.
            data = molecules_mime([(molecule, None)], picture=on_white(QImage.fromData(picture)))
            self._put(data, "Picture of the structure copied")

        self._ask("structure_picture", "Copying as a picture", use, smiles=molecule.smiles, **_PICTURE)

    def _ask(self, task: str, title: str, use: Callable[[Any], None], **arguments: Any) -> None:
        """Ask the engine; what was asked before must not take the place of what is copied later."""
        request = self._latest = self._engine.submit(task, title=title, **arguments)

        def finished(result: Any) -> None:
            if request is self._latest:
                use(result)

        request.finished.connect(finished)
        request.failed.connect(lambda error: None if error.cancelled else self.failed.emit(title, error))

    def _forget(self) -> None:
        self._latest = None

    def _put(self, data: QMimeData, told: str) -> None:
        QGuiApplication.clipboard().setMimeData(data)
        self.copied.emit(told)


def on_white(image: QImage) -> QImage:
    """A picture without transparency: many programs paste that as black."""
    white = QImage(image.size(), QImage.Format.Format_RGB32)
    white.setDevicePixelRatio(image.devicePixelRatio())
    white.fill(0xFFFFFFFF)
    painter = QPainter(white)
    painter.drawImage(0, 0, image)
    painter.end()
    return white
