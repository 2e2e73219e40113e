"""Undo and copy."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.commands.base import Part
from app.records import Molecule, Ranking

__all__ = ["EditCommands"]


class EditCommands(Part):
    """Undo, redo and the clipboard."""

    def copy_smiles(self) -> None:
        if self.workspace.molecule is not None:
            QApplication.clipboard().setText(self.workspace.molecule.smiles)
            self.window.message_bar.show_note("SMILES copied")

    def copy_table(self) -> None:
        if self.workspace.ranking is not None:
            QApplication.clipboard().setText(_table(self.workspace.ranking))

    def copy_picture(self) -> None:
        QApplication.clipboard().setPixmap(self.window.grab())

    def undo(self) -> None:
        self.workspace.undo_stack.undo()

    def redo(self) -> None:
        self.workspace.undo_stack.redo()


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
