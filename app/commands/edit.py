"""Undo and copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from app.commands.base import Part
from app.copying import Copier
from app.records import Molecule, Ranking

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["EditCommands"]


class EditCommands(Part):
    """Undo, redo and the clipboard."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.copier = Copier(window.drawing_engine, self)
        self.copier.copied.connect(window.message_bar.show_note)
        self.copier.failed.connect(window.message_bar.show_error)

    def copy_smiles(self) -> None:
        if self.workspace.molecule is not None:
            self.copier.copy_smiles(self.workspace.molecule)

    def copy_molfile(self) -> None:
        if self.workspace.molecule is not None:
            self.copier.copy_molfile(self.workspace.molecule)

    def copy_inchi(self) -> None:
        if self.workspace.molecule is not None:
            self.copier.copy_inchi(self.workspace.molecule)

    def copy_structure(self) -> None:
        if self.workspace.molecule is not None:
            self.copier.copy_picture(self.workspace.molecule)

    def copy_table(self) -> None:
        if self.workspace.ranking is not None:
            QApplication.clipboard().setText(_table(self.workspace.ranking))

    def copy_picture(self) -> None:
        QApplication.clipboard().setPixmap(self.window.grab())

    def undo(self) -> None:
        stack = self.workspace.undo_stack
        self._step("Undone", stack.index() - 1, stack.undo)

    def redo(self) -> None:
        stack = self.workspace.undo_stack
        self._step("Redone", stack.index(), stack.redo)

    def _step(self, done: str, place: int, take: Callable[[], None]) -> None:
        """Take a step of the undo stack where the user sees it."""
        step = self.workspace.undo_stack.command(place)
        if step is None:
            return
        text, page = step.text(), getattr(step, "page", "")
        take()
        if page and page != self.window.pages.current:
            self.window.pages.show_page(page)
        self.workspace.told.emit(f"{done}: {text}")


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
