"""What the program remembers between starts. A damaged or foreign value is dropped; a start is never blocked."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import appdirs

from app.recent_files import with_recent, without_recent

__all__ = ["Settings", "load", "save", "settings_folder"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Remembered choices.

    Parameters
    ----------
    recent_files : tuple of str
        Plate files and sessions, the latest first.
    colour_by : str
        What the plate map and the scatter are coloured by.
    folder : str
        Where files were opened or saved last.
    geometry, splitters : str, tuple of str
        The window's place and the sizes of its parts, as Qt saves them, in base64.
    theme : str
        "system", "light" or "dark".
    page : str
        Id of the page that was on show.
    views : dict
        What each page wants to be remembered, by its id: JSON values that the page itself checks.
    """

    recent_files: tuple[str, ...] = ()
    colour_by: str = "p"
    folder: str = ""
    geometry: str = ""
    splitters: tuple[str, ...] = ()
    theme: str = "system"
    page: str = ""
    views: dict[str, Any] = dataclasses.field(default_factory=dict)

    def with_recent(self, path: str) -> Settings:
        """The same with a file at the head of the recent ones."""
        return dataclasses.replace(self, recent_files=with_recent(self.recent_files, path))

    def without_recent(self, path: str) -> Settings:
        """The same without a file that could not be opened."""
        return dataclasses.replace(self, recent_files=without_recent(self.recent_files, path))


def settings_folder() -> Path:
    """Folder of the settings; ``MOLPHENIX_SETTINGS_DIR`` overrides the user's own."""
    return Path(os.environ.get("MOLPHENIX_SETTINGS_DIR") or appdirs.user_config_dir("MolPhenix", False))


def _fitting(name: str, value: Any) -> bool:
    default = getattr(Settings(), name)
    if isinstance(default, dict):
        return isinstance(value, dict)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def load() -> Settings:
    """Read the settings, dropping what does not fit."""
    path = settings_folder() / "settings.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        _log.warning("settings in %s could not be read and start anew: %s", path, error)
        return Settings()
    if not isinstance(stored, dict):
        _log.warning("settings in %s are no table of keys and start anew", path)
        return Settings()
    kept: dict[str, Any] = {}
    for name in (f.name for f in dataclasses.fields(Settings)):
        if name not in stored:
            continue
        if _fitting(name, stored[name]):
            kept[name] = tuple(stored[name]) if isinstance(stored[name], list) else stored[name]
        else:
            _log.warning("setting %s in %s is damaged and dropped", name, path)
    return Settings(**kept)


def save(settings: Settings) -> None:
    """Write the settings, aside and then renamed; a failure is logged, not raised."""
    path = settings_folder() / "settings.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".settings.", delete=False, encoding="utf-8"
        ) as file:
            json.dump(dataclasses.asdict(settings), file, indent=1)
        Path(file.name).replace(path)
    except OSError as error:
        _log.warning("settings could not be saved to %s: %s", path, error)
