"""What the commands of :mod:`app.actions` do."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog

from app.demo import demo_plate
from app.engine import EngineError
from app.records import Molecule, Ranking
from app.views.help import about_dialog, scores_dialog
from molphenix_core import __version__
from molphenix_core.errors import PlateFileError

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["Commands"]

_PLATES = "Plate files (*.h5ad);;All files (*)"
_HITS = "Comma-separated values (*.csv);;Structures with data (*.sdf)"


class Commands(QObject):
    """The commands of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace

    # File -----------------------------------------------------------------------------------------------

    def open_plate(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self._window, "Open plate", self._folder(), _PLATES)
        if paths:
            self._remember_folder(paths[0])
            self._workspace.open(paths)

    def open_demo(self) -> None:
        try:
            self._workspace.open([demo_plate()])
        except PlateFileError as error:
            self._window.message_bar.show_error("Opening the demo plate", EngineError.of(error))

    def close_plate(self) -> None:
        self._workspace.close_plate()

    def export_hits(self) -> None:
        plate = self._workspace.plate
        if plate is None:
            return
        start = str(Path(self._folder()) / f"{plate.name}_hits.csv")
        path, chosen = QFileDialog.getSaveFileName(self._window, "Export hits", start, _HITS)
        if not path:
            return
        if Path(path).suffix.lower() not in {".csv", ".sdf"}:
            path += ".sdf" if "sdf" in chosen else ".csv"
        self._remember_folder(path)
        self._workspace.export_hits(path)

    def quit(self) -> None:
        self._window.close()

    def _folder(self) -> str:
        return self._window.settings.folder or str(Path.home())

    def _remember_folder(self, path: str) -> None:
        self._window.settings = dataclasses.replace(self._window.settings, folder=str(Path(path).parent))

    # Edit -----------------------------------------------------------------------------------------------

    def copy_smiles(self) -> None:
        if self._workspace.molecule is not None:
            QApplication.clipboard().setText(self._workspace.molecule.smiles)
            self._window.message_bar.show_note("SMILES copied")

    def copy_table(self) -> None:
        if self._workspace.ranking is not None:
            QApplication.clipboard().setText(_table(self._workspace.ranking))

    def copy_picture(self) -> None:
        QApplication.clipboard().setPixmap(self._window.grab())

    # Select ---------------------------------------------------------------------------------------------

    def select_all(self) -> None:
        self._workspace.select_all()

    def select_none(self) -> None:
        self._workspace.select_none()

    def select_replicates(self) -> None:
        self._workspace.select_replicates()

    def next_plate(self) -> None:
        self._step(1)

    def previous_plate(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        workspace = self._workspace
        places = [(plate, i) for plate in workspace.plates for i in range(max(len(plate.barcodes), 1))]
        if workspace.plate is not None:
            here = places.index((workspace.plate, workspace.barcode))
            workspace.show(*places[(here + by) % len(places)])

    # Help -----------------------------------------------------------------------------------------------

    def show_scores(self) -> None:
        scores_dialog(self._window, self._workspace.session).open()

    def show_about(self) -> None:
        about_dialog(self._window, __version__).open()


_COLUMNS = (
    "list",
    "rank",
    "name",
    "score",
    "similarity",
    "dose_micromolar",
    "mechanism",
    "seen",
    "smiles",
    "inchikey",
)


def _table(ranking: Ranking) -> str:
    """Both lists as tab-separated values: numbers without units, a column for each kind of figure."""
    lines = ["\t".join(_COLUMNS)]
    for c in ranking.candidates:
        lines.append(_line("predicted", c.rank, c.molecule, f"{c.score:.6g}", "", c.dose))
    for place, m in enumerate(ranking.measured):
        lines.append(_line("measured", place + 1, m.molecule, "", f"{m.similarity:.6g}", m.dose))
    return "\n".join(lines)


def _line(kind: str, rank: int, molecule: Molecule, score: str, similarity: str, dose: float | None) -> str:
    seen = "" if molecule.seen is None else "seen" if molecule.seen else "unseen"
    words = (
        kind,
        str(rank),
        molecule.name,
        score,
        similarity,
        "" if dose is None else f"{dose:.6g}",
        molecule.mechanism,
        seen,
        molecule.smiles,
        molecule.inchikey,
    )
    return "\t".join(" ".join(word.split()) for word in words)
