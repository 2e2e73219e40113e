"""What wells are coloured by, and how: one colouring that all views of wells share."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.colouring import (
    FEATURE,
    Choice,
    Colouring,
    MapChoice,
    Quantity,
    choices,
    colour_together,
    label_of,
    quantity,
)
from app.open_plate import OpenPlate
from app.session_file import Limits, SessionError, plain
from app.session_keeper import SessionKeeper
from app.theme import Theme
from app.true_molecules import TrueMolecules
from app.well_values import WellValues, content_of
from app.workspace import Workspace

__all__ = ["WellColours"]

_log = logging.getLogger(__name__)


class WellColours(QObject):
    """Colours of the wells of all open files, on one scale.

    Signals
    -------
    changed()
        Colours are others: ask for them again.
    choices_changed()
        There is more, or something else, to colour by.

    Parameters
    ----------
    workspace : Workspace
    keeper : SessionKeeper
        Keeps the limits.
    maps : MapChoice
        To begin with.
    """

    changed = Signal()
    choices_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        keeper: SessionKeeper,
        maps: MapChoice | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._keeper = keeper
        self._maps = maps or MapChoice()
        self._values = WellValues(workspace, self)
        self._chosen = workspace.colour_by
        self._painted: tuple[Any, dict[tuple[str, str], Colouring]] = (None, {})
        workspace.plates_changed.connect(self._plates_changed)
        workspace.current_changed.connect(self._want)
        workspace.colour_changed.connect(self._recolour)
        self._values.changed.connect(self._repaint)
        self._values.features_changed.connect(self._features_changed)

    # What there is --------------------------------------------------------------------------------------

    def choices(self, plate: OpenPlate) -> tuple[Choice, ...]:
        """What the wells of a file can be coloured by; its features as soon as the engine told them."""
        return choices(plate, self._values.features(plate))

    @property
    def key(self) -> str:
        """What the wells of the current file are coloured by: the user's choice, or p where the file lacks it."""
        plate, key = self._workspace.plate, self._workspace.colour_by
        return key if plate is not None and self._values.has(plate, key) else "p"

    def colouring(self, plate: OpenPlate, theme: Theme) -> Colouring:
        """The colours of one open file, on the scale of all."""
        state = (self.key, theme.dark, self.limits, self._maps)
        if self._painted[0] != state or content_of(plate) not in self._painted[1]:
            self._painted = (state, self._paint(theme))
        return self._painted[1][content_of(plate)]

    def _paint(self, theme: Theme) -> dict[tuple[str, str], Colouring]:
        quantities = {}
        for plate in self._workspace.plates:
            content = content_of(plate)
            found = (
                quantity(plate, self.key, self._values.computed(plate))
                if self._values.has(plate, self.key)
                else None
            )
            if found is None:
                found = Quantity(label_of(self.key), np.full(len(plate), np.nan), note="not in this file")
            quantities[content] = found
        colourings = colour_together(list(quantities.values()), theme, self.limits, self._maps)
        return dict(zip(quantities, colourings, strict=True))

    def true_molecules(self, plate: OpenPlate) -> TrueMolecules | None:
        """Ranks and chances of the treatments' own molecules; None until they were asked for and computed."""
        return self._values.true_molecules(plate)

    # How it is shown ------------------------------------------------------------------------------------

    @property
    def limits(self) -> Limits | None:
        """The user's limits of the present scale; None for what suits it."""
        key = self.key
        return next((one for one in self._keeper.limits if one.key == key), None)

    def set_limits(self, limits: Limits | None) -> None:
        """Choose the limits of the present scale; None for what suits it."""
        key = self.key
        others = tuple(one for one in self._keeper.limits if one.key != key)
        kept = others if limits is None else (*others, limits)
        if kept != self._keeper.limits:
            self._keeper.limits = kept
            # The session is another, and whoever paints wells has to paint them again.
            self._workspace.colour_changed.emit()

    @property
    def maps(self) -> MapChoice:
        """The colour maps."""
        return self._maps

    def set_maps(self, maps: MapChoice) -> None:
        """Choose the colour maps."""
        if maps != self._maps:
            self._maps = maps
            self._workspace.colour_changed.emit()

    def view_state(self) -> dict[str, Any]:
        """Limits and maps, as JSON values."""
        return {
            "maps": [self._maps.sequential, self._maps.diverging],
            "limits": [plain(one) for one in self._keeper.limits],
        }

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take limits and maps that were remembered; what does not fit is dropped."""
        maps, limits = state.get("maps"), state.get("limits")
        if isinstance(maps, list) and len(maps) == 2 and all(isinstance(one, str) for one in maps):
            self._maps = MapChoice(*maps)
        if isinstance(limits, list):
            kept = [one for one in map(_read_limits, limits) if one is not None]
            self._keeper.limits = tuple({one.key: one for one in kept}.values())
        self._workspace.colour_changed.emit()

    # Changes --------------------------------------------------------------------------------------------

    def _plates_changed(self) -> None:
        self._values.forget_closed()
        self._painted = (None, {})

    def _features_changed(self) -> None:
        self.choices_changed.emit()
        # A feature that was chosen before its file was open is there now, or is not.
        self._want()
        if self._workspace.colour_by.startswith(FEATURE):
            self._repaint()

    def _want(self) -> None:
        self._values.want(self._workspace.colour_by)

    def _recolour(self) -> None:
        if self._workspace.colour_by != self._chosen:
            self._chosen = self._workspace.colour_by
            self._values.forget_failed()
        self._want()
        self._repaint()

    def _repaint(self) -> None:
        self._painted = (None, {})
        self.changed.emit()


def _read_limits(stored: Any) -> Limits | None:
    """Limits as they were remembered; None where they make no scale."""
    if not isinstance(stored, dict) or stored.get("scale") not in {"linear", "log", "robust", "manual"}:
        return None
    key, ends = stored.get("key"), [stored.get("low"), stored.get("high")]
    numbers = all(end is None or (isinstance(end, int | float) and not isinstance(end, bool)) for end in ends)
    if not isinstance(key, str) or not numbers:
        return None
    try:
        return Limits(key, stored["scale"], *ends)
    except SessionError as error:
        _log.warning("limits of %s are dropped: %s", key, error)
        return None
