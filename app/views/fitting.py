"""Widgets whose wrapped text is never squeezed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

__all__ = ["fit_height"]


def fit_height(widget: QWidget) -> None:
    """Make a widget as high as its layout needs at its width.

    Layouts around it ask for the height of wrapped text only where there is room enough.
    To be called when it was resized, and when Qt asks it for a new layout.
    """
    layout = widget.layout()
    if layout is None:
        # Qt asks before the widget is made.
        return
    at_width = layout.totalHeightForWidth(widget.width()) if layout.hasHeightForWidth() else -1
    height = at_width if at_width >= 0 else layout.totalSizeHint().height()
    if (widget.minimumHeight(), widget.maximumHeight()) != (height, height):
        widget.setFixedHeight(height)
