"""What the engine works out for single molecules of a list: the nearest training molecule, missing properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.records import Nearest
from app.workspace import Workspace

__all__ = ["NUMBERS", "MoleculeFacts"]

NUMBERS = ("molecular_weight", "clogp", "tpsa", "hydrogen_bond_donors", "hydrogen_bond_acceptors")
"""Properties that are numbers, as libraries hold them."""

# At a time, so that a ranking never waits for long; and how many may wait, which is all of a small library.
_AT_ONCE = 100
_WAITING = 5_000


class MoleculeFacts(QObject):
    """Arrays over n molecules that fill as molecules come into view.

    Parameters
    ----------
    n : int
    smiles : sequence of str, (n,)
    properties : dict of str to float32 (n,)
        What is known already; what is missing is asked for.
    workspace : Workspace
    """

    changed = Signal()

    def __init__(
        self,
        n: int,
        smiles: Sequence[str],
        properties: Mapping[str, NDArray[np.float32]],
        workspace: Workspace,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.nearest = np.full(n, -1, dtype=np.int32)
        self.similarity = np.full(n, np.nan, dtype=np.float32)
        self._percentile = np.full(n, np.nan, dtype=np.float32)
        self._outside = np.zeros(n, dtype=bool)
        self.training_names: tuple[str, ...] = ()
        self._stored = dict(properties)
        self.properties = self._stored or {name: np.full(n, np.nan, dtype=np.float32) for name in NUMBERS}
        self._smiles = smiles
        self._workspace = workspace
        self._asked = np.zeros(n, dtype=bool)
        self._codes: dict[str, int] = {}
        self._purpose = f"molecule facts {id(self)}"
        self._waiting: list[int] = []

    def drop(self) -> None:
        """No longer want anything."""
        self._waiting = []
        self._workspace.requests.withdraw(self._purpose)

    def want(self, rows: NDArray[np.integer]) -> None:
        """Ask for what is missing of some rows, before those wanted earlier."""
        wanted = dict.fromkeys([*np.asarray(rows)[~self._asked[rows]].tolist(), *self._waiting])
        self._waiting = list(wanted)[:_WAITING]
        self._ask()

    def _ask(self) -> None:
        if not self._waiting or self._workspace.requests.waits_for(self._purpose):
            return
        rows, self._waiting = np.array(self._waiting[:_AT_ONCE]), self._waiting[_AT_ONCE:]
        self._asked[rows] = True
        self._workspace.ask(
            self._purpose,
            "molecule_facts",
            "Comparing with the training molecules",
            lambda packed: self._use(rows, packed),
            lambda _error: self._refused(rows),
            smiles=[self._smiles[row] for row in rows.tolist()],
            properties=not self._stored,
        )

    def nearest_of(self, row: int) -> Nearest | None:
        """The training molecule nearest to one; None until it is known."""
        if self.nearest[row] < 0:
            return None
        name = self.training_names[self.nearest[row]]
        numbers = float(self.similarity[row]), float(self._percentile[row])
        return Nearest(name, *numbers, bool(self._outside[row]))

    def _refused(self, rows: NDArray[np.intp]) -> None:
        # Stopped or failed: asked for again when they are next in view.
        self._asked[rows] = False
        self._waiting = []

    def _use(self, rows: NDArray[np.intp], packed: Mapping[str, Any]) -> None:
        names: list[str] = packed["nearest"]["categories"]
        for name in names:
            self._codes.setdefault(name, len(self._codes))
        codes = np.array([*(self._codes[name] for name in names), -1], dtype=np.int32)
        self.nearest[rows] = codes[packed["nearest"]["codes"]]
        self.training_names = tuple(self._codes)
        self.similarity[rows] = packed["similarity"]
        self._percentile[rows], self._outside[rows] = packed["percentile"], packed["outside"]
        for name, values in packed["properties"].items():
            self.properties[name][rows] = values
        self.changed.emit()
        self._ask()
