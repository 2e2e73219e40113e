"""Where to save: asked with the right endings, beginning in the folder used last."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.settings import Settings

__all__ = ["ask_save_path", "plain_name"]


def plain_name(text: str, instead: str = "export") -> str:
    """A text as part of a file's name, on every system."""
    return re.sub(r"[^\w\- ]", "_", text).strip() or instead


def ask_save_path(parent: QWidget, title: str, name: str, endings: Mapping[str, str]) -> str:
    """Ask where to save; the folder is remembered by the window.

    Parameters
    ----------
    parent : QWidget
        Its window keeps the settings.
    title : str
        Of the dialog.
    name : str
        The file's name to begin with, without a folder; its ending says what format comes first.
    endings : mapping of str to str
        What each format is by its ending, as ``{".csv": "Comma-separated values"}``.

    Returns
    -------
    str
        The path, which ends in one of ``endings``; "" where the user thought better of it.
    """
    window = parent.window()
    settings = getattr(window, "settings", None)
    folder = settings.folder if isinstance(settings, Settings) else ""
    first = Path(name).suffix.lower()
    listed = sorted(endings, key=lambda ending: ending != first)
    filters = {f"{endings[ending]} (*{ending})": ending for ending in listed}
    path, chosen = QFileDialog.getSaveFileName(
        parent, title, str(Path(folder or Path.home()) / name), ";;".join(filters)
    )
    if not path:
        return ""
    if Path(path).suffix.lower() not in endings:
        path += filters.get(chosen, listed[0])
        # The dialog asked about the name without the ending.
        if Path(path).exists() and not _replace(parent, title, path):
            return ""
    if isinstance(settings, Settings):
        window.settings = dataclasses.replace(settings, folder=str(Path(path).parent))  # type: ignore[attr-defined]
    return path


def _replace(parent: QWidget, title: str, path: str) -> bool:
    answer = QMessageBox.question(parent, title, f"{Path(path).name} is there already. Replace it?")
    return answer == QMessageBox.StandardButton.Yes
