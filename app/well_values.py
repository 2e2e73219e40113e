"""Values of wells that the engine is asked for when they are wanted: features, and how the retriever does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.colouring import FEATURE, RETRIEVED, Computed, is_offered
from app.engine import EngineError
from app.open_plate import OpenPlate
from app.true_molecules import TrueMolecules
from app.workspace import Workspace

__all__ = ["WellValues", "content_of"]

# Of one file; a user who walks through thousands of features looks at the last ones again, if at any.
_FEATURES_KEPT = 32
_WAITING = "being computed…"


def content_of(plate: OpenPlate) -> tuple[str, str]:
    """What tells one content of one file from all others."""
    return plate.path, plate.token


class WellValues(QObject):
    """What the engine told of the wells of the open files, by the keys of what they are coloured by.

    Signals
    -------
    changed()
        There are other values, or other words on why there are none.
    features_changed()
        The features of a file are known.

    Parameters
    ----------
    workspace : Workspace
    """

    changed = Signal()
    features_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._features: dict[tuple[str, str], tuple[str, ...]] = {}
        self._computed: dict[tuple[str, str], dict[str, Computed]] = {}
        self._true: dict[tuple[str, str], TrueMolecules] = {}
        self._failed: set[tuple[tuple[str, str], str]] = set()

    # What is known --------------------------------------------------------------------------------------

    def features(self, plate: OpenPlate) -> tuple[str, ...]:
        """Features of a file; none until the engine told them."""
        return self._features.get(content_of(plate), ())

    def has(self, plate: OpenPlate, key: str) -> bool:
        """Whether a file has what a key is of, as far as is known."""
        if not key.startswith(FEATURE):
            return is_offered(plate, key)
        names = self._features.get(content_of(plate))
        return names is None or key.removeprefix(FEATURE) in names

    def computed(self, plate: OpenPlate) -> Mapping[str, Computed]:
        """Values of the wells of a file, by key."""
        return self._computed.get(content_of(plate), {})

    def true_molecules(self, plate: OpenPlate) -> TrueMolecules | None:
        """Ranks and chances of the treatments' own molecules; None until they were asked for and computed."""
        return self._true.get(content_of(plate))

    # Asking ---------------------------------------------------------------------------------------------

    def forget_closed(self) -> None:
        """Drop what is known of files that are not open."""
        still = {content_of(plate) for plate in self._workspace.plates}
        for kept in (self._features, self._computed, self._true):
            for content in kept.keys() - still:
                del kept[content]

    def forget_failed(self) -> None:
        """Ask again for what was stopped or failed, when it is wanted again."""
        for content, key in self._failed:
            self._computed.get(content, {}).pop(key, None)
        self._failed.clear()

    def want(self, key: str) -> None:
        """Ask for the features of the current file, and for a value of all files, where nobody has."""
        current = self._workspace.plate
        if current is not None and content_of(current) not in self._features:
            self._ask_features(current)
        for plate in self._workspace.plates:
            computed = self._computed.setdefault(content_of(plate), {})
            if key in computed or not self.has(plate, key):
                continue
            if key in RETRIEVED:
                self._ask_true_molecules(plate)
            elif key.startswith(FEATURE):
                self._ask_feature(plate, key)

    def _ask_features(self, plate: OpenPlate) -> None:
        def use(answer: Mapping[str, Any]) -> None:
            self._features[content_of(plate)] = tuple(answer["names"])
            self.features_changed.emit()

        self._request(
            f"features of {plate.path}", "feature_names", f"Reading features of {plate.name}", plate, use
        )

    def _ask_feature(self, plate: OpenPlate, key: str) -> None:
        computed = self._computed[content_of(plate)]
        for stale in [name for name, one in computed.items() if name.startswith(FEATURE) and one.note == _WAITING]:
            del computed[stale]
        computed[key] = Computed(np.full(len(plate), np.nan), _WAITING)

        def use(answer: Mapping[str, Any]) -> None:
            computed[key] = Computed(np.asarray(answer["values"], dtype=np.float64))
            features = [name for name in computed if name.startswith(FEATURE)]
            for name in features[:-_FEATURES_KEPT]:
                del computed[name]
            self.changed.emit()

        def refuse(error: EngineError) -> None:
            self._not_computed(plate, (key,), error)

        name = key.removeprefix(FEATURE)
        self._request(
            f"feature of {plate.path}", "feature_values", f"Reading {name}", plate, use, refuse, feature=name
        )

    def _ask_true_molecules(self, plate: OpenPlate) -> None:
        computed = self._computed[content_of(plate)]
        for key in RETRIEVED:
            computed[key] = Computed(np.full(len(plate), np.nan), _WAITING)

        def use(answer: Mapping[str, Any]) -> None:
            found = TrueMolecules.unpack(answer)
            self._true[content_of(plate)] = found
            computed.update(found.computed(plate))
            self.changed.emit()

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
        computed = self._computed.get(content_of(plate), {})
        for key in keys:
            computed[key] = Computed(np.full(len(plate), np.nan), why)
            self._failed.add((content_of(plate), key))
        self.changed.emit()
