"""What wells are coloured by, and how: one colouring that all views of wells share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.colouring import (
    FEATURE,
    RETRIEVED,
    Choice,
    Colouring,
    Computed,
    MapChoice,
    Quantity,
    choices,
    colour_together,
    is_offered,
    label_of,
    quantity,
)
from app.engine import EngineError
from app.open_plate import OpenPlate
from app.session_file import Limits, SessionError, plain
from app.session_keeper import SessionKeeper
from app.theme import Theme
from app.true_molecules import TrueMolecules
from app.workspace import Workspace

__all__ = ["WellColours"]

_log = logging.getLogger(__name__)

# Of one file; a user who walks through thousands of features looks at the last ones again, if at any.
_FEATURES_KEPT = 32
_WAITING = "being computed…"


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
        self._features: dict[tuple[str, str], tuple[str, ...]] = {}
        self._computed: dict[tuple[str, str], dict[str, Computed]] = {}
        self._true: dict[tuple[str, str], TrueMolecules] = {}
        self._failed: set[tuple[tuple[str, str], str]] = set()
        self._chosen = workspace.colour_by
        self._painted: tuple[Any, dict[tuple[str, str], Colouring]] = (None, {})
        workspace.plates_changed.connect(self._plates_changed)
        workspace.current_changed.connect(self._ask)
        workspace.colour_changed.connect(self._recolour)

    # What there is --------------------------------------------------------------------------------------

    def choices(self, plate: OpenPlate) -> tuple[Choice, ...]:
        """What the wells of a file can be coloured by; its features as soon as the engine told them."""
        return choices(plate, self._features.get(_content(plate), ()))

    @property
    def key(self) -> str:
        """What the wells of the current file are coloured by: the user's choice, or p where the file lacks it."""
        plate, key = self._workspace.plate, self._workspace.colour_by
        return key if plate is not None and self._has(plate, key) else "p"

    def _has(self, plate: OpenPlate, key: str) -> bool:
        if not key.startswith(FEATURE):
            return is_offered(plate, key)
        names = self._features.get(_content(plate))
        return names is None or key.removeprefix(FEATURE) in names

    def colouring(self, plate: OpenPlate, theme: Theme) -> Colouring:
        """The colours of one open file, on the scale of all."""
        state = (self.key, theme.dark, self.limits, self._maps)
        if self._painted[0] != state or _content(plate) not in self._painted[1]:
            self._painted = (state, self._paint(theme))
        return self._painted[1][_content(plate)]

    def _paint(self, theme: Theme) -> dict[tuple[str, str], Colouring]:
        quantities = {}
        for plate in self._workspace.plates:
            content = _content(plate)
            found = quantity(plate, self.key, self._computed.get(content)) if self._has(plate, self.key) else None
            if found is None:
                found = Quantity(label_of(self.key), np.full(len(plate), np.nan), note="not in this file")
            quantities[content] = found
        colourings = colour_together(list(quantities.values()), theme, self.limits, self._maps)
        return dict(zip(quantities, colourings, strict=True))

    def true_molecules(self, plate: OpenPlate) -> TrueMolecules | None:
        """Ranks and chances of the treatments' own molecules; None until they were asked for and computed."""
        return self._true.get(_content(plate))

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
        still = {_content(plate) for plate in self._workspace.plates}
        for kept in (self._features, self._computed, self._true):
            for content in kept.keys() - still:
                del kept[content]
        self._painted = (None, {})

    def _recolour(self) -> None:
        if self._workspace.colour_by != self._chosen:
            self._chosen = self._workspace.colour_by
            # Chosen again, it is asked for again.
            for content, key in self._failed:
                self._computed.get(content, {}).pop(key, None)
            self._failed.clear()
        self._ask()
        self._painted = (None, {})
        self.changed.emit()

    # The engine -----------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for whatever the present choice needs and nobody asked for yet."""
        current, key = self._workspace.plate, self._workspace.colour_by
        if current is not None and _content(current) not in self._features:
            self._ask_features(current)
        for plate in self._workspace.plates:
            computed = self._computed.setdefault(_content(plate), {})
            if key in computed or not self._has(plate, key):
                continue
            if key in RETRIEVED:
                self._ask_true_molecules(plate)
            elif key.startswith(FEATURE):
                self._ask_feature(plate, key)

    def _ask_features(self, plate: OpenPlate) -> None:
        def use(answer: Mapping[str, Any]) -> None:
            self._features[_content(plate)] = tuple(answer["names"])
            self.choices_changed.emit()
            self._refresh(plate)

        self._request(
            f"features of {plate.path}", "feature_names", f"Reading features of {plate.name}", plate, use
        )

    def _ask_feature(self, plate: OpenPlate, key: str) -> None:
        computed = self._computed[_content(plate)]
        for stale in [name for name, one in computed.items() if name.startswith(FEATURE) and one.note == _WAITING]:
            del computed[stale]
        computed[key] = Computed(np.full(len(plate), np.nan), _WAITING)

        def use(answer: Mapping[str, Any]) -> None:
            computed[key] = Computed(np.asarray(answer["values"], dtype=np.float64))
            features = [name for name in computed if name.startswith(FEATURE)]
            for name in features[:-_FEATURES_KEPT]:
                del computed[name]
            self._refresh(plate)

        def refuse(error: EngineError) -> None:
            self._not_computed(plate, (key,), error)

        name = key.removeprefix(FEATURE)
        self._request(
            f"feature of {plate.path}", "feature_values", f"Reading {name}", plate, use, refuse, feature=name
        )

    def _ask_true_molecules(self, plate: OpenPlate) -> None:
        computed = self._computed[_content(plate)]
        for key in RETRIEVED:
            computed[key] = Computed(np.full(len(plate), np.nan), _WAITING)

        def use(answer: Mapping[str, Any]) -> None:
            found = TrueMolecules.unpack(answer)
            self._true[_content(plate)] = found
            computed.update(found.computed(plate))
            self._refresh(plate)

        def refuse(error: EngineError) -> None:
            self._not_computed(plate, RETRIEVED, error)

        title = f"Ranking the true molecules of {plate.name}"
        self._request(
            f"true molecules of {plate.path}", "true_molecules", title, plate, use, refuse, background=True
        )

    def _request(
        self,
        purpose: str,
        task: str,
        title: str,
        plate: OpenPlate,
        use: Callable[[Mapping[str, Any]], None],
        refuse: Callable[[EngineError], None] | None = None,
        *,
        background: bool = False,
        **arguments: Any,
    ) -> None:
        def use_if_open(answer: Mapping[str, Any]) -> None:
            if plate in self._workspace.plates:
                use(answer)

        self._workspace.ask(
            purpose,
            task,
            title,
            use_if_open,
            refuse,
            background=background,
            path=plate.path,
            token=plate.token,
            **arguments,
        )

    def _not_computed(self, plate: OpenPlate, keys: tuple[str, ...], error: EngineError) -> None:
        why = "stopped; choose it again to compute it" if error.cancelled else "could not be computed"
        computed = self._computed.get(_content(plate), {})
        for key in keys:
            computed[key] = Computed(np.full(len(plate), np.nan), why)
            self._failed.add((_content(plate), key))
        self._refresh(plate)

    def _refresh(self, plate: OpenPlate) -> None:
        self._painted = (None, {})
        if plate in self._workspace.plates:
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


def _content(plate: OpenPlate) -> tuple[str, str]:
    """What tells one content of one file from all others."""
    return plate.path, plate.token
