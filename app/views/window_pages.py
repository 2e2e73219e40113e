"""The pages in the middle of the window, as tabs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.theme import font, theme_of

__all__ = ["WindowPages"]

_log = logging.getLogger(__name__)


class _TabBar(QTabBar):
    """Words in a line; the current one stands on a stroke."""

    def __init__(self) -> None:
        super().__init__()
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setAccessibleName("Pages")
        self._hover = -1
        self.setMouseTracking(True)

    def tabSizeHint(self, index: int) -> QSize:
        metrics = font(self.font(), bold=True)
        width = self.fontMetrics().horizontalAdvance(self.tabText(index))
        return QSize(int(width * 1.08) + 26, self.fontMetrics().height() + int(metrics.pointSizeF()) + 10)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.HoverMove, QEvent.Type.MouseMove}:
            self._hover = self.tabAt(event.position().toPoint())  # type: ignore[attr-defined]
            self.update()
        elif event.type() in {QEvent.Type.Leave, QEvent.Type.HoverLeave}:
            self._hover = -1
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.base))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        for index in range(self.count()):
            rect, chosen = self.tabRect(index), index == self.currentIndex()
            painter.setFont(font(self.font(), bold=chosen))
            painter.setPen(QColor(theme.text if chosen or index == self._hover else theme.muted))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.tabText(index))
            if chosen:
                stroke = QRect(rect.left() + 9, rect.bottom() - 2, rect.width() - 18, 3)
                painter.fillRect(stroke, QColor(theme.accent))
                if self.hasFocus():
                    painter.setPen(QColor(theme.accent))
                    painter.drawRect(rect.adjusted(4, 4, -5, -6))


class WindowPages(QWidget):
    """Pages by their ids.

    A page that has ``view_state() -> dict`` of JSON values and ``restore_view_state(state)`` is put
    back as it was.

    Signals
    -------
    page_changed(str)
        Another page is on show.
    """

    page_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs, self._stack = _TabBar(), QStackedWidget()
        self._ids: list[str] = []
        self._beside: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(self._show)

    def add_page(self, page_id: str, title: str, widget: QWidget) -> None:
        """Add a page at the right."""
        self._ids.append(page_id)
        # Before the tab: adding the first one shows its page.
        self._stack.addWidget(widget)
        self.tabs.addTab(title)

    def keep_beside(self, name: str, widget: QWidget) -> None:
        """Remember and restore the state of something beside the pages with theirs."""
        self._beside[name] = widget

    def _kept(self) -> dict[str, QWidget]:
        return {**{page_id: self.page(page_id) for page_id in self._ids}, **self._beside}

    def _show(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        if index >= 0:
            self.page_changed.emit(self._ids[index])

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all pages, from left to right."""
        return tuple(self._ids)

    @property
    def current(self) -> str:
        """Id of the page on show."""
        return self._ids[self.tabs.currentIndex()]

    def page(self, page_id: str) -> QWidget:
        """The widget of a page."""
        widget = self._stack.widget(self._ids.index(page_id))
        assert widget is not None
        return widget

    def show_page(self, page_id: str) -> None:
        """Bring a page to the front and the keyboard to it."""
        if page_id in self._ids:
            self.tabs.setCurrentIndex(self._ids.index(page_id))
            self.page(page_id).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def view_states(self) -> dict[str, dict[str, Any]]:
        """What the pages want to be remembered, by their ids."""
        stated = ((page_id, getattr(widget, "view_state", None)) for page_id, widget in self._kept().items())
        return {page_id: state() for page_id, state in stated if state is not None}

    def restore_view_states(self, states: Mapping[str, Any]) -> None:
        """Put the pages back as they were; what does not fit is dropped."""
        for page_id, widget in self._kept().items():
            restore = getattr(widget, "restore_view_state", None)
            state = states.get(page_id)
            if restore is not None and isinstance(state, dict):
                restore(state)
            elif state is not None and not isinstance(state, dict):
                _log.warning("what was remembered of the page %s is no table of keys and is dropped", page_id)
