"""The line of choices over the map."""

from __future__ import annotations

import dataclasses
import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import set_colours
from app.views.colour_chooser import ColourChooser
from app.views.map.map_data import MapRequest
from app.views.map.point_canvas import LASSO, RECTANGLE
from app.views.words import dose_text

__all__ = ["MapControls"]

_BEST = "best"
_NONE = "none"


class MapControls(QWidget):
    """What is on the map, how it is placed and coloured, and what dragging draws.

    Signals
    -------
    request_changed(MapRequest)
    tool_changed(str)
    fit_wanted()
    """

    request_changed = Signal(object)
    tool_changed = Signal(str)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._request = MapRequest()
        self.space = self._choice("Space", "In which space likeness is measured")
        self.space.addItem("Plate embedding", "plate")
        self.space.addItem("Joint space", "joint")
        self.method = self._choice("Projection", "How the space is laid flat")
        self.method.addItem("PCA", "pca")
        self.method.addItem("UMAP", "umap")
        self.files = self._choice("Wells", "Whose wells are shown")
        self.files.addItem("This file", False)
        self.files.addItem("All open files", True)
        self.library = self._choice(
            "Library", "Library molecules beside the wells: only the joint space holds both"
        )
        self.library.addItem("None", _NONE)
        self.colour_by = ColourChooser()
        self.colour_by.setMaximumWidth(190)
        self.tools = QButtonGroup(self)
        for combo in (self.space, self.method, self.files, self.library):
            combo.activated.connect(self._changed)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        self._add(first, "&Space", self.space)
        self._add(first, "Pro&jection", self.method)
        first.addStretch(1)
        for text, tool, tip in (
            ("Lasso", LASSO, "Dragging draws a lasso: Ctrl adds to the selection, Alt takes away"),
            ("Rectangle", RECTANGLE, "Dragging draws a rectangle: Ctrl adds to the selection, Alt takes away"),
        ):
            first.addWidget(self._tool(text, tool, tip))
        fit = QToolButton()
        fit.setText("Show all")
        fit.setToolTip("Bring all points into sight (Home, or a double click)")
        fit.clicked.connect(self.fit_wanted)
        first.addWidget(fit)
        self.export = QToolButton()
        self.export.setText("Export")
        self.export.setToolTip("Save the map as a table or a picture")
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add(second, "&Wells", self.files)
        self._add(second, "Li&brary", self.library)
        self._add(second, "Colour b&y", self.colour_by)
        second.addStretch(1)
        second.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(first)
        layout.addLayout(second)

    def _choice(self, name: str, tip: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(tip)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return combo

    def _tool(self, text: str, tool: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setChecked(tool == LASSO)
        button.setProperty("tool", tool)
        self.tools.addButton(button)
        button.clicked.connect(lambda: self.tool_changed.emit(tool))
        button.toggled.connect(lambda: self._tint(button))
        self._tint(button)
        return button

    @staticmethod
    def _tint(button: QAbstractButton) -> None:
        """Fusion hardly tells a checked button from others in the dark."""
        chosen = button.isChecked()
        set_colours(
            button,
            {
                QPalette.ColorRole.Button: "accent" if chosen else "raised",
                QPalette.ColorRole.ButtonText: "on_accent" if chosen else "text",
            },
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "tools"):
            for button in self.tools.buttons():
                self._tint(button)
        super().changeEvent(event)

    @staticmethod
    def _add(row: QHBoxLayout, text: str, widget: QWidget) -> None:
        label = QLabel(text)
        label.setBuddy(widget)
        row.addWidget(label)
        row.addWidget(widget)
        row.addSpacing(6)

    @property
    def request(self) -> MapRequest:
        """What the user wants to see."""
        return self._request

    def set_request(self, request: MapRequest) -> None:
        """Show a choice, without emitting ``request_changed``."""
        self._request = request
        for combo, value in ((self.space, request.space), (self.method, request.method)):
            combo.setCurrentIndex(combo.findData(value))
        self.files.setCurrentIndex(int(request.every_file))
        wanted = _NONE if not request.library else _BEST if request.dose is None else request.dose
        self.library.setCurrentIndex(max(self.library.findData(wanted), 0))

    def set_tool(self, tool: str) -> None:
        """Show which tool draws."""
        for button in self.tools.buttons():
            button.setChecked(button.property("tool") == tool)

    def set_doses(self, doses: tuple[float, ...]) -> None:
        """Offer the library at these doses, in micromolar; at none where there is no library."""
        self.library.clear()
        self.library.addItem("None", _NONE)
        if doses:
            self.library.addItem("Best dose", _BEST)
            tip = "Each molecule at the dose at which it is nearest to the selected wells"
            self.library.setItemData(1, tip, Qt.ItemDataRole.ToolTipRole)
        for place, dose in enumerate(doses):
            self.library.addItem("Dose unknown" if math.isnan(dose) else f"At {dose_text(dose)}", place)
        self.library.setEnabled(bool(doses))
        self.set_request(self._request)

    def _changed(self) -> None:
        wanted = self.library.currentData()
        library = wanted != _NONE
        space = self.space.currentData()
        if library and not self._request.library:
            # Molecules have no place in the space of the plate.
            space = "joint"
        elif space == "plate":
            library = False
        self.set_request(
            dataclasses.replace(
                self._request,
                space=space,
                method=self.method.currentData(),
                every_file=bool(self.files.currentData()),
                library=library,
                dose=wanted if library and wanted != _BEST else None,
            )
        )
        self.request_changed.emit(self._request)
