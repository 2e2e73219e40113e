"""Pictures of points, made in threads and larger than the view, so that moving shifts a picture."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QImage, QPainter

from app.background import Background
from app.views.map.points import Points
from app.views.map.rasterise import Style, rasterise
from app.views.map.viewport import Viewport

__all__ = ["Picture", "Pictures"]

# Pixels beyond the view: what a hand moves in the time of one picture.
_MARGIN = 320
# A new one is made when less than this share of the margin is left.
_LEFT = 0.8
# Pixels, of the margin: enough stays behind for a hand that turns back.
_LEAD = 240.0


@dataclass(frozen=True, eq=False)
class Picture:
    """Points as pixels, with the view they belong to."""

    image: QImage
    view: Viewport
    ratio: float

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what this picture holds of a view."""
        left, top, scale = view.offset_in(self.view)
        if scale == 1:
            # On whole pixels of the device, or every point would be blurred.
            corner = QPointF(-round(left * self.ratio) / self.ratio, -round(top * self.ratio) / self.ratio)
            painter.drawImage(corner, self.image)
            return
        across = scale * self.ratio
        source = QRectF(left * self.ratio, top * self.ratio, view.width * across, view.height * across)
        painter.drawImage(QRectF(0, 0, view.width, view.height), self.image, source)

    def holds(self, view: Viewport) -> bool:
        """Whether nothing of a view is missing, to half a pixel."""
        left, top, scale = view.offset_in(self.view)
        right = self.view.width - view.width * scale - left
        bottom = self.view.height - view.height * scale - top
        return min(left, top, right, bottom) >= -0.51 * max(scale, 1)

    def serves(self, view: Viewport, ratio: float) -> bool:
        """Whether nothing of a view is missing, nor soon will be."""
        if self.view.scale != view.scale or self.ratio != ratio:
            return False
        left, top, _ = view.offset_in(self.view)
        least = _LEFT * _MARGIN
        right, bottom = self.view.width - view.width - left, self.view.height - view.height - top
        return min(left, top, right, bottom) >= least


class Pictures(QObject):
    """Keeps a picture of some points that serves the view.

    Signals
    -------
    changed()
        There is a new picture.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self._background = Background(self)
        self._points: Points | None = None
        self._style: Style | None = None
        self._view: Viewport | None = None
        self._begun: Viewport | None = None
        # Numbers the content: a picture of earlier points is dropped, one of an earlier view is not.
        self._content = self._painted = 0

    @property
    def ready(self) -> bool:
        """Whether the latest points are painted for the latest view."""
        return not self._background.busy and self._painted == self._content

    @property
    def current(self) -> bool:
        """Whether the picture is one of the latest points, of whatever view."""
        return self._painted == self._content

    @property
    def whole(self) -> bool:
        """Whether the latest points are painted, and nothing of the view is missing, be it at another scale."""
        if self._painted != self._content or self.picture is None or self._view is None:
            return False
        return self.picture.holds(self._view)

    def set_points(self, points: Points | None, style: Style) -> None:
        """Paint other points, or the same ones in another style; the picture stays until the new one is there."""
        self._points, self._style = points, style
        self._content += 1
        self._background.drop()
        if points is None or not len(points):
            self._painted = self._content
            self.picture = None
            self.changed.emit()
        else:
            self._render()

    def set_view(self, view: Viewport) -> None:
        """Serve another view."""
        self._view = view
        # A running job is let finish: while the hand moves, a picture of a moment ago is better than none.
        if not self._background.busy:
            self._render()

    def _ahead(self, view: Viewport) -> Viewport:
        """Where the view will be when the next picture is there, if the hand goes on as it did during the last."""
        before = self._begun
        if before is None or before.scale != view.scale:
            return view
        right, down = (view.x - before.x) * view.scale, (before.y - view.y) * view.scale
        return view.moved(*(-min(max(step, -_LEAD), _LEAD) for step in (right, down)))

    def _render(self) -> None:
        points, style, view = self._points, self._style, self._view
        if points is None or style is None or view is None or not len(points):
            return
        content = self._content
        if content == self._painted and self.picture is not None and self.picture.serves(view, style.ratio):
            return
        # Other points are seen as soon as can be, and what lies around the view is painted after that.
        wide = self._ahead(view).enlarged(_MARGIN).on_grid() if content == self._painted else view.on_grid()
        self._begun = view

        def work() -> Picture:
            # The image borrows the array's memory, so it takes a copy along.
            pixels = rasterise(points, wide, style)
            height, width = pixels.shape[:2]
            image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
            if not style.transparent:
                image.reinterpretAsFormat(QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(style.ratio)
            return Picture(image, wide, style.ratio)

        def use(picture: Picture) -> None:
            self.picture, self._painted = picture, content
            self.changed.emit()
            self._render()

        self._background.run(work, use)
