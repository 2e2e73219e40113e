"""The structure of the chosen molecule: to look at, to enlarge, to drag into other programs."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.dragging import molecules_mime
from app.engine import Engine
from app.records import Molecule
from app.structures import Structures
from app.theme import theme_of

__all__ = ["MoleculePicture"]

_DRAGGED = 140


class MoleculePicture(QWidget):
    """A structure as large as there is room.

    Parameters
    ----------
    engine : Engine
        The drawing process, which also writes the molfile that is dragged.
    height : int
        Wanted, in logical pixels; 0 takes all there is.
    zoom : float
        How much larger than in lists bonds and letters may be.

    Signals
    -------
    activated()
        It was clicked, or Enter was pressed on it.
    """

    activated = Signal()

    def __init__(self, structures: Structures, engine: Engine, height: int = 230, zoom: float = 1.0) -> None:
        super().__init__()
        self.setAccessibleName("Structure")
        self.setToolTip("Click to enlarge; drag into another program")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        vertical = QSizePolicy.Policy.Fixed if height else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self._height = height
        self._zoom = zoom
        self._structures = structures
        self._engine = engine
        self._molecule: Molecule | None = None
        self._molfile = ""
        self._ringed = False
        self._pressed: QPoint | None = None
        structures.drawn.connect(self.update)

    def set_molecule(self, molecule: Molecule | None) -> None:
        """Draw a molecule."""
        if molecule == self._molecule:
            return
        self._molecule = molecule
        self._molfile = ""
        if molecule is not None and molecule.smiles:
            # Before anything is dragged: then there is no time to wait for it.
            request = self._engine.submit(
                "molfile", title="Writing a molfile", smiles=molecule.smiles, name=molecule.name
            )
            request.finished.connect(lambda text: self._keep(molecule, text))
        self.update()

    def _keep(self, molecule: Molecule, molfile: str) -> None:
        if molecule == self._molecule:
            self._molfile = molfile

    def sizeHint(self) -> QSize:
        return QSize(260, self._height or 380)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._height or 220)

    def pixmap(self) -> QPixmap | None:
        """The drawing, as :meth:`app.structures.Structures.pixmap` gives it."""
        smiles = self._molecule.smiles if self._molecule is not None else ""
        return self._structures.pixmap(
            smiles,
            (self.size().toSizeF() / self._zoom).toSize(),
            scale=self.devicePixelRatioF() * self._zoom,
            dark=theme_of(self.palette()).dark,
            marked=True,
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._molecule is None:
            return
        painter = QPainter(self)
        theme = theme_of(self.palette())
        pixmap = self.pixmap()
        if pixmap is not None and not pixmap.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self.rect(), pixmap)
        elif pixmap is not None:
            painter.setPen(QColor(theme.muted))
            words = "This structure cannot be drawn" if self._molecule.smiles else "No structure is known"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        if self._ringed:
            painter.setPen(QColor(theme.accent))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)

    # Mouse and keys -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed = None
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = None
            self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # A click needs no ring to say where the keyboard is.
        self._ringed = event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.update()

    def image(self) -> QImage:
        """The drawing as a picture of its own, on the ground of the theme; null until it is drawn."""
        pixmap = self.pixmap()
        if pixmap is None or pixmap.isNull():
            return QImage()
        image = QImage(pixmap.size(), QImage.Format.Format_RGB32)
        image.fill(QColor(theme_of(self.palette()).base))
        painter = QPainter(image)
        painter.drawImage(image.rect(), pixmap.toImage())
        painter.end()
        return image

    def drag(self) -> QDrag | None:
        """What would be dragged: SMILES, molfile and picture; None without a molecule."""
        if self._molecule is None:
            return None
        image = self.image()
        drag = QDrag(self)
        drag.setMimeData(molecules_mime([(self._molecule, None)], molfile=self._molfile, picture=image))
        if not image.isNull():
            drag.setPixmap(
                QPixmap.fromImage(image).scaledToWidth(_DRAGGED, Qt.TransformationMode.SmoothTransformation)
            )
        return drag

    def _drag(self) -> None:
        drag = self.drag()
        if drag is not None:
            drag.exec(Qt.DropAction.CopyAction)
