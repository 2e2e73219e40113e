"""Hits of the current file by the current rule: asked for, applied and grouped; no widgets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from app.engine import EngineError
from app.open_plate import OpenPlate
from app.views.hit_calling_groups import HitGroups
from app.views.hit_calling_rule import RuleChange, effective
from app.views.words import plural
from app.workspace import Rows, Workspace
from molphenix_core.plates.hit_rule import CRITERIA, HitRule, failed_criterion, not_checked

__all__ = ["HitCalling"]

# A rule that is being typed changes with every key: its hits are grouped where it comes to rest.
_MILLISECONDS_TO_REST = 350
# More hits are grouped beside the rankings.
_GROUPED_AT_ONCE = 1500
_LOOKING_UP = "PAINS are being looked up…"


class HitCalling(QObject):
    """Treatments of the current file, and which of them the rule calls hits.

    Signals
    -------
    data_changed()
        Other treatments, or other columns of them.
    rule_changed()
        The rule was applied: :attr:`failed` is new.
    groups_changed()
        The hits were grouped by phenotype.
    """

    data_changed = Signal()
    rule_changed = Signal()
    groups_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.plate: OpenPlate | None = None
        self.rule = HitRule()
        self.columns: dict[str, NDArray[np.float64]] = {}
        self.reasons: dict[str, str] = {}
        self.pains_names: list[str] = []
        self.numeric_columns: tuple[str, ...] = ()
        self.used: dict[str, str] = {}
        self.chosen: dict[str, str] = {}
        self._remembered: tuple[str, dict[str, str]] = ("", {})
        self.note = ""
        self.error: EngineError | None = None
        self.failed: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self.groups: HitGroups | None = None
        self.groups_note = ""
        self._active = False
        self._asked: tuple[Any, ...] = ()
        self._grouped: bytes | None = None
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(self._ask_groups)
        workspace.current_changed.connect(self._turn)
        self._turn()

    # Data -----------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether the rule has been applied to the current file."""
        return "n_wells" in self.columns

    def set_active(self, active: bool) -> None:
        """Ask the engine from now on, because somebody looks; or no longer."""
        self._active = active
        self._turn()
        if active and self.ready:
            self._rest.start()

    def choose_column(self, criterion: str, name: str) -> None:
        """Take another column of the wells for "relative_cell_count" or "autofluorescent"; "" finds one."""
        self.chosen = {**self.chosen, criterion: name}
        self._turn()

    def restore_columns(self, file_sha256: str, chosen: dict[str, str]) -> None:
        """Take these columns whenever that file is the current one."""
        self._remembered = (file_sha256, chosen)
        if self.plate is not None and self.plate.sha256 == file_sha256:
            self.chosen = dict(chosen)
            self._turn()

    def _turn(self) -> None:
        plate = self._workspace.plate
        if plate is not self.plate:
            self.plate = plate
            self._asked = ()
            # What is still to come is about another file.
            for purpose in ("hit table", "pains"):
                self._workspace.requests.withdraw(purpose)
            self.columns, self.reasons, self.pains_names = {}, {}, []
            self.numeric_columns, self.used, self.note, self.error = (), {}, "", None
            fits = plate is not None and self._remembered[0] == plate.sha256
            self.chosen = dict(self._remembered[1]) if fits else {}
            self.failed = np.empty(0, dtype=np.int8)
            self._drop_groups()
            self.data_changed.emit()
        if plate is None or not self._active or not plate.n_treatments:
            return
        wanted = (plate.path, plate.token, tuple(sorted(self.chosen.items())))
        if wanted != self._asked:
            new_file = self._asked[:2] != wanted[:2]
            self._asked = wanted
            self._ask(plate, pains=new_file)

    def _ask(self, plate: OpenPlate, *, pains: bool) -> None:
        self._workspace.ask(
            "hit table",
            "hit_table",
            "Gathering what hits are called from",
            self._use_table,
            self._refused,
            path=plate.path,
            token=plate.token,
            cell_count=self.chosen.get("relative_cell_count", ""),
            autofluorescence=self.chosen.get("autofluorescent", ""),
        )
        if pains:
            smiles = plate.treatments["smiles"]
            self._workspace.ask(
                "pains",
                "pains",
                "Looking up PAINS",
                self._use_pains,
                self._no_pains,
                background=True,
                smiles=list(smiles.categories or ()),
            )

    def _use_table(self, packed: dict[str, Any]) -> None:
        pains = {name: self.columns[name] for name in ("pains",) if name in self.columns}
        why = self.reasons.get("pains", "" if pains else _LOOKING_UP)
        self.columns = {**packed["columns"], **pains}
        self.reasons = {**packed["reasons"], **({"pains": why} if why else {})}
        self.numeric_columns = tuple(packed["numeric_columns"])
        self.used, self.note = dict(packed["used"]), packed["note"]
        self._apply()
        self.data_changed.emit()

    def _refused(self, error: EngineError) -> None:
        self.error = error
        self._asked = ()
        self.data_changed.emit()

    def _use_pains(self, packed: dict[str, Any]) -> None:
        if self.plate is None:
            return
        codes = self.plate.treatments["smiles"].values
        self.columns["pains"] = np.append(packed["flags"], np.nan)[codes]
        names = [*packed["names"], ""]
        self.pains_names = [names[code] for code in codes.tolist()]
        self.reasons.pop("pains", None)
        if np.isnan(self.columns["pains"]).all():
            del self.columns["pains"]
            self.reasons["pains"] = "no treatment of this file has a structure"
        if self.ready:
            self._apply()
            self.data_changed.emit()

    def _no_pains(self, error: EngineError) -> None:
        self.reasons["pains"] = "stopped; turn to another page and back" if error.cancelled else "not looked up"
        # Asked again when the page is turned to.
        self._asked = ()
        self.data_changed.emit()

    # Rule -----------------------------------------------------------------------------------------------

    def set_rule(self, rule: HitRule) -> None:
        """Change the rule; it can be undone."""
        if rule != self.rule:
            self._workspace.undo_stack.push(RuleChange(self.rule, rule, self._use_rule))

    def restore_rule(self, rule: HitRule) -> None:
        """Take up the rule of an earlier start."""
        self._use_rule(rule)

    def _use_rule(self, rule: HitRule) -> None:
        self.rule = rule
        self._apply()

    @property
    def effective(self) -> HitRule:
        """What the current file can answer of the rule."""
        return effective(self.rule, [name for name in self.columns if name not in self.reasons])

    def _apply(self) -> None:
        if self.ready:
            self.failed = failed_criterion(self.columns, self.effective)
            if self._active:
                self._rest.start()
        self.rule_changed.emit()

    @property
    def hits(self) -> NDArray[np.intp]:
        """The treatments that are hits."""
        return np.flatnonzero(self.failed < 0)

    def falls(self) -> NDArray[np.int64]:
        """How many treatments fall at each of the criteria, as the first that they fail."""
        return np.bincount(self.failed[self.failed >= 0], minlength=len(CRITERIA)).astype(np.int64)

    def unchecked(self) -> tuple[tuple[str, NDArray[np.bool_]], ...]:
        """Flags that are asked and not known of some treatments."""
        return not_checked(self.columns, self.effective)

    def wells_of(self, treatments: NDArray[np.integer]) -> Rows:
        """All wells of some treatments."""
        if self.plate is None:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(np.isin(self.plate.treatment_of_well, treatments))

    # Groups ---------------------------------------------------------------------------------------------

    def _drop_groups(self) -> None:
        self.groups, self._grouped, self.groups_note = None, None, ""
        self._rest.stop()
        self._workspace.requests.withdraw("hit clusters")
        self.groups_changed.emit()

    def _ask_groups(self) -> None:
        plate, hits = self.plate, self.hits
        if plate is None or not self._active or not self.ready:
            return
        key = hits.tobytes()
        if key == self._grouped:
            return
        self._grouped = key
        if not len(hits):
            self.groups, self.groups_note = None, "No hits to group"
            self.groups_changed.emit()
            return
        self._workspace.ask(
            "hit clusters",
            "hit_clusters",
            f"Grouping {plural(len(hits), 'hit')} by phenotype",
            self._use_groups,
            self._no_groups,
            background=len(hits) > _GROUPED_AT_ONCE,
            path=plate.path,
            token=plate.token,
            treatments=hits,
        )

    def _use_groups(self, packed: dict[str, Any]) -> None:
        self.groups, self.groups_note = HitGroups.unpack(packed), ""
        self.groups_changed.emit()

    def _no_groups(self, error: EngineError) -> None:
        self.groups, self._grouped = None, None
        self.groups_note = "Stopped" if error.cancelled else f"The hits were not grouped: {error.text}"
        self.groups_changed.emit()
