"""Every control can be reached by keyboard and says what it is; the window fits a small screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)

from app.main_window import MainWindow

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)
PAGES = ("candidates", "plates", "map", "quality", "hits", "doses", "compare", "lists")


def parts_of_others(widget: QWidget) -> bool:
    """Whether Qt made it inside another control: as an editor in a box or a header of a table."""
    parent = widget.parentWidget()
    inside = (QComboBox, QAbstractSpinBox, QAbstractItemView, QTabBar, QLineEdit)
    if widget.objectName().startswith("qt_"):
        return True
    while parent is not None:
        if isinstance(parent, inside):
            return True
        if isinstance(widget, QAbstractSlider) and isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def controls(window: QWidget) -> list[QWidget]:
    found = (widget for kind in CONTROLS for widget in window.findChildren(kind))
    return [widget for widget in dict.fromkeys(found) if not parts_of_others(widget)]


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parentWidget()).__name__}"


@pytest.fixture
def full(ranked: MainWindow, qtbot) -> MainWindow:
    """Every page was shown once: some make their parts only then."""
    for page in PAGES:
        ranked.pages.show_page(page)
        qtbot.waitUntil(lambda: ranked.workspace.engine.running is None, timeout=20_000)
    return ranked


def test_every_control_has_a_name(full: MainWindow) -> None:
    nameless = []
    for widget in controls(full):
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text):
            nameless.append(described(widget))
    assert nameless == []


def test_every_control_that_is_shown_takes_the_keyboard_or_has_a_command(full: MainWindow) -> None:
    texts = {action.text().replace("&", "") for action in full.actions_by_id.values()}
    unreachable = []
    for page in PAGES:
        full.pages.show_page(page)
        for widget in controls(full):
            if not widget.isVisible() or not widget.isEnabled():
                continue
            named = widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""
            by_action = isinstance(widget, QAbstractButton) and (named in texts or bool(widget.actions()))
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus or by_action:
                continue
            unreachable.append(f"{page}: {described(widget)} {widget.accessibleName() or named}")
    assert unreachable == []


def walked(key: Qt.Key, start: QWidget) -> list[QWidget]:
    """What has the keyboard from one press of a key to the next, until it comes round."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    stops: list[QWidget] = []
    while (stop := QApplication.focusWidget()) is not None and stop not in stops:
        stops.append(stop)
        QTest.keyClick(stop, key)
    return stops


@pytest.mark.parametrize("page", [*PAGES, "candidates as table"])
def test_tab_goes_through_the_whole_window(full: MainWindow, page: str) -> None:
    if page == "candidates as table":
        full.actions_by_id["candidates_as_table"].trigger()
    else:
        full.pages.show_page(page)
    full.activateWindow()
    texts = {action.text().replace("&", "") for action in full.actions_by_id.values()}
    forward = walked(Qt.Key.Key_Tab, full.pages.tabs)
    backward = walked(Qt.Key.Key_Backtab, full.pages.tabs)
    missed = []
    for widget in controls(full):
        if not widget.isVisible() or not widget.isEnabled():
            continue
        named = widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""
        if isinstance(widget, QAbstractButton) and (named in texts or bool(widget.actions())):
            continue
        inside = {widget, *widget.findChildren(QWidget)}
        missed += [
            f"{way}: {described(widget)} {widget.accessibleName() or named}"
            for way, stops in (("Tab", forward), ("Shift+Tab", backward))
            if not inside & set(stops)
        ]
    assert missed == []
    for view in (full.plate_view.map, full.molecule.drawing):
        assert view in forward
        assert view in backward


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_small_screen(full: MainWindow, page: str) -> None:
    full.pages.show_page(page)
    needed = full.pages.page(page).minimumSizeHint()
    assert needed.width() <= 600, needed
    assert needed.height() <= 560, needed


def test_the_window_fits_a_small_screen(full: MainWindow) -> None:
    full.resize(1100, 700)
    assert full.width() <= 1100
    assert full.height() <= 700
