"""Choosing the limits of a colour scale, and its colours."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.colouring import MAPS, Colouring, ColourMap
from app.numbers import number, read_number
from app.session_file import Limits
from app.theme import font
from app.views.panel import Muted
from app.well_colours import WellColours

__all__ = ["ScaleEditor", "map_image"]

_SCALES = (
    ("", "Automatic", "What suits the quantity"),
    ("linear", "Linear", "From the smallest to the largest value"),
    ("log", "Logarithmic", "Equal ratios take equal lengths; values that are not positive have no colour"),
    (
        "robust",
        "Robust",
        "Median ± 3 median absolute deviations (as standard deviations): a few wells cannot move it",
    ),
    ("manual", "By hand", "Between two limits that you type"),
)


def map_image(colours: ColourMap) -> QImage:
    """A colour map as one line of 256 pixels."""
    table = colours.table
    return QImage(table.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888).copy()


class ScaleEditor(QFrame):
    """A popup over the colour bar; what is chosen is shown at once.

    Parameters
    ----------
    colours : WellColours
    shown : callable
        The colouring on show.
    """

    def __init__(
        self, colours: WellColours, shown: Callable[[], Colouring | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Colour scale")
        self._colours = colours
        self._shown = shown
        title = QLabel("Colour scale")
        title.setFont(font(self.font(), bold=True))
        self.scale = QComboBox()
        self.scale.setAccessibleName("Limits")
        for key, text, tip in _SCALES:
            self.scale.addItem(text, key)
            self.scale.setItemData(self.scale.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.low, self.high = QLineEdit(), QLineEdit()
        for edit, name in ((self.low, "Lower limit"), (self.high, "Upper limit")):
            edit.setAccessibleName(name)
            edit.setMaximumWidth(110)
        self.maps = QComboBox()
        self.maps.setAccessibleName("Colours")
        self.maps.setIconSize(QSize(72, 12))
        self.explanation = Muted(wrap=True)
        self.reset = QPushButton("&Reset")
        self.reset.setToolTip("The limits that suit the quantity")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Limits", self.scale)
        ends = QHBoxLayout()
        ends.addWidget(self.low)
        ends.addWidget(QLabel("to"))
        ends.addWidget(self.high)
        between = QLabel("&Between")
        between.setBuddy(self.low)
        form.addRow(between, ends)
        form.addRow("&Colours", self.maps)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addLayout(form)
        layout.addWidget(self.explanation)
        layout.addLayout(buttons)
        self.setFixedWidth(330)
        self.scale.activated.connect(self._choose_scale)
        self.maps.activated.connect(self._choose_map)
        self.low.editingFinished.connect(self._type_limits)
        self.high.editingFinished.connect(self._type_limits)
        self.reset.clicked.connect(lambda: self._set(None))
        colours.changed.connect(self._show)
        self._show()
        self.scale.setFocus()

    def show_beside(self, widget: QWidget) -> None:
        """Open above a widget, or below it where there is no room."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), -self.height() - 4))
        available = widget.screen().availableGeometry()
        if corner.y() < available.top():
            corner.setY(widget.mapToGlobal(QPoint(0, widget.height() + 4)).y())
        corner.setX(max(available.left(), min(corner.x(), available.right() - self.width())))
        self.move(corner)
        self.show()
        self.scale.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show(self) -> None:
        colouring, limits = self._shown(), self._colours.limits
        scale = colouring.scale if colouring is not None else None
        ends = (None, None) if scale is None else (scale.low, scale.high)
        self.scale.setCurrentIndex(self.scale.findData(limits.scale if limits is not None else ""))
        tip = self.scale.itemData(self.scale.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        if limits is None and scale is not None:
            tip += f": {scale.in_words or 'linear'}"
        elif scale is not None and scale.trouble:
            tip = scale.trouble[:1].upper() + scale.trouble[1:]
        if not self._typing():
            for edit, value in zip((self.low, self.high), ends, strict=True):
                edit.setText("" if value is None else number(value, 4))
        self._explain(tip)
        self._fill_maps(centred=scale is not None and scale.centre is not None)

    def _typing(self) -> bool:
        return any(edit.hasFocus() and edit.isModified() for edit in (self.low, self.high))

    def _explain(self, text: str) -> None:
        self.explanation.setText(text)
        self.explanation.setAccessibleName(text)

    def _fill_maps(self, *, centred: bool) -> None:
        current = self._colours.maps.map_for(centred=centred)
        self.maps.clear()
        for one in MAPS.values():
            if centred or not one.diverging:
                swatch = QPixmap.fromImage(map_image(one).scaled(72, 12))
                self.maps.addItem(QIcon(swatch), one.label, one.id)
                self.maps.setItemData(self.maps.count() - 1, one.source, Qt.ItemDataRole.ToolTipRole)
        self.maps.setCurrentIndex(self.maps.findData(current.id))
        why = "" if centred else "Diverging colours are for scales with a middle that means something: robust ones"
        self.maps.setToolTip(why)

    def _choose_scale(self, index: int) -> None:
        scale = self.scale.itemData(index)
        if scale == "manual":
            self._type_limits()
            self.low.setFocus()
            self.low.selectAll()
        else:
            self._set(Limits(self._colours.key, scale) if scale else None)

    def _choose_map(self, index: int) -> None:
        shown = self._shown()
        centred = shown is not None and shown.scale is not None and shown.scale.centre is not None
        self._colours.set_maps(self._colours.maps.with_map(self.maps.itemData(index), centred=centred))

    def _type_limits(self) -> None:
        """Take what stands in the two fields, where it makes a scale."""
        if self.scale.currentData() != "manual" and not (self.low.isModified() or self.high.isModified()):
            return
        shown = self._shown()
        scale = shown.scale if shown is not None else None
        ends = (None, None) if scale is None else (scale.low, scale.high)
        # What stands there is rounded; a limit that was not typed stays as it is.
        low, high = (
            read_number(edit.text()) if edit.isModified() or value is None else value
            for edit, value in zip((self.low, self.high), ends, strict=True)
        )
        if low is None or high is None:
            self._explain("A limit is a number.")
        elif low >= high:
            self._explain("The lower limit has to be below the upper one.")
        else:
            self.low.setModified(False)
            self.high.setModified(False)
            self._set(Limits(self._colours.key, "manual", low, high))

    def _set(self, limits: Limits | None) -> None:
        self._colours.set_limits(limits)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
