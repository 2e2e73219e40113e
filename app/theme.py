"""Colours and type: one light and one dark set, taken from the palette by whoever paints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

__all__ = [
    "CATEGORIES",
    "DARK",
    "LIGHT",
    "SEQUENTIAL",
    "Theme",
    "apply",
    "choice",
    "choose",
    "follow",
    "font",
    "rgb_of",
    "set_colours",
    "theme_of",
]

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_CHOICE = "molphenix_theme"


@dataclass(frozen=True)
class Theme:
    """Colours by what they mean, as "#rrggbb"."""

    dark: bool
    window: str
    base: str
    raised: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    tint: str
    no_value: str
    neutral: tuple[str, str]
    seen: tuple[str, str]
    unseen: tuple[str, str]
    warning: tuple[str, str, str]
    error: tuple[str, str, str]
    note: tuple[str, str, str]


LIGHT = Theme(
    dark=False,
    window="#f4f5f7",
    base="#ffffff",
    raised="#fafbfc",
    text="#1c2128",
    muted="#5f6b7a",
    line="#dfe3e8",
    accent="#2563c9",
    on_accent="#ffffff",
    tint="#e8f0fd",
    no_value="#e3e6ea",
    neutral=("#eceff3", "#465261"),
    seen=("#e3f1ec", "#14614a"),
    unseen=("#efe8fb", "#5b2fa6"),
    warning=("#fdf3d9", "#e8cb80", "#664a00"),
    error=("#fcebea", "#eeb9b5", "#8c1d18"),
    note=("#eef3fb", "#c6d7f2", "#1f4a8a"),
)
DARK = Theme(
    dark=True,
    window="#1b1d21",
    base="#24272c",
    raised="#2a2d33",
    text="#e6e8eb",
    muted="#9aa4b2",
    line="#3a3f47",
    accent="#6ea1f7",
    on_accent="#0f1a2b",
    tint="#2b3a55",
    no_value="#3a3e45",
    neutral=("#363b43", "#c2cad4"),
    seen=("#1f3d34", "#8fd6bb"),
    unseen=("#3a2e55", "#cdb6f7"),
    warning=("#40361c", "#6b5a2a", "#f1d58c"),
    error=("#45272a", "#73393c", "#f5b5b1"),
    note=("#263349", "#3c5379", "#b7d0f8"),
)

# Viridis (Smith and van der Walt, CC0), at equal steps; readable without colour vision and in grey.
_VIRIDIS = (
    *("#440154", "#482173", "#433e85", "#38588c", "#2d708e", "#25858e"),
    *("#1e9b8a", "#2ab07f", "#52c569", "#86d549", "#c2df23", "#fde725"),
)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#rrggbb", 0 to 255."""
    value = QColor(colour)
    return value.red(), value.green(), value.blue()


def _table(stops: tuple[str, ...]) -> NDArray[np.uint8]:
    rgb = np.array([rgb_of(stop) for stop in stops], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), rgb[:, i]) for i in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


SEQUENTIAL: NDArray[np.uint8] = _table(_VIRIDIS)
"""Colours of a scale from low to high, uint8 (256, 3)."""

# Okabe and Ito 2008, then two that stay apart from them; told apart with any common colour blindness.
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c6bb1", "#7f4f24")


def theme_of(palette: QPalette) -> Theme:
    """The theme a palette was made from."""
    return DARK if palette.window().color().lightness() < 128 else LIGHT


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.raised,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error[2],
        role.Link: theme.accent,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Light: theme.raised,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.muted if theme.dark else "#b8c0ca",
        role.Shadow: "#000000" if theme.dark else "#aab2bd",
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        disabled = QColor(theme.muted)
        disabled.setAlphaF(0.6)
        palette.setColor(QPalette.ColorGroup.Disabled, which, disabled)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return palette


def apply(application: QApplication, theme: Theme) -> None:
    """Give the whole program one theme."""
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))


def choice(name: str) -> str:
    """A name among those to choose from; "system" for any other, as a damaged setting."""
    return name if name in _SCHEMES else "system"


def choose(name: str) -> None:
    """Use the light or the dark theme, or with "system" the desktop's; at once, in every window."""
    application = _application()
    application.setProperty(_CHOICE, choice(name))
    # So that dialogs and title bars of the system's own follow too, where it can do that.
    application.styleHints().setColorScheme(_SCHEMES[choice(name)])
    _update()


def follow(application: QApplication) -> None:
    """Keep to what was chosen, now and whenever the desktop changes between light and dark."""
    _update()
    application.styleHints().colorSchemeChanged.connect(_update)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _update() -> None:
    application = _application()
    scheme = _SCHEMES[choice(application.property(_CHOICE) or "")]
    if scheme == Qt.ColorScheme.Unknown:
        scheme = application.styleHints().colorScheme()
    apply(application, DARK if scheme == Qt.ColorScheme.Dark else LIGHT)


def set_colours(widget: QWidget, roles: Mapping[QPalette.ColorRole, str]) -> None:
    """Give some roles of a widget other colours of its theme; all others stay the program's.

    To be called again when the palette changes.
    """
    theme = theme_of(widget.palette())
    palette = QPalette()
    for role, name in roles.items():
        palette.setColor(role, QColor(getattr(theme, name)))
    if any(widget.palette().color(role) != palette.color(role) for role in roles):
        widget.setPalette(palette)


def font(base: QFont, *, step: float = 0.0, bold: bool = False) -> QFont:
    """The system's font, some points larger or smaller."""
    changed = QFont(base)
    changed.setPointSizeF(max(6.5, base.pointSizeF() + step))
    if bold:
        changed.setWeight(QFont.Weight.DemiBold)
    return changed
