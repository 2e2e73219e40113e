"""Columns of the tables of candidates, predicted and measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from app.library_table import LibraryScores, LibraryTable
from app.molecule_facts import MoleculeFacts
from app.numbers import fixed, number
from app.records import Chance, Measured
from app.views.table import TableColumn

__all__ = ["fact_columns", "library_columns", "measured_columns", "property_columns", "score_columns"]

_SEEN = ("seen", "unseen")
_CHANCE = (
    "The calibrated chance, in per cent, that the true molecule is among the first k candidates, where k is the "
    "rank in this row: that the true molecule is this candidate or one above it, if it is in the library at all. "
    "It grows down the list to 100 %. Measured on held-out molecules; it is not the chance of this one molecule."
)
_PROPERTIES = {
    "molecular_weight": ("mw", "MW", "g/mol", 1, "Molecular weight"),
    "clogp": ("clogp", "cLogP", "", 2, "Octanol-water partition, by Crippen's atom contributions"),
    "tpsa": ("tpsa", "TPSA", "Å²", 1, "Topological polar surface area"),
    "hydrogen_bond_donors": ("hbd", "HBD", "", 0, "Hydrogen bond donors, Lipinski's count"),
    "hydrogen_bond_acceptors": ("hba", "HBA", "", 0, "Hydrogen bond acceptors, Lipinski's count"),
}


class DoseTexts(Sequence[str]):
    """Scores of each molecule at all doses in words, worded when they are read."""

    def __init__(self, doses: NDArray[np.float64], at_doses: NDArray[np.float32]) -> None:
        self._doses, self._at_doses = doses, at_doses

    def __len__(self) -> int:
        return self._at_doses.shape[1]

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        pairs = zip(self._doses.tolist(), self._at_doses[:, index].tolist(), strict=True)
        return "; ".join(
            f"{'unknown' if dose != dose else number(dose)}: {fixed(score, 4)}" for dose, score in pairs
        )


def score_columns(table: LibraryTable, scores: LibraryScores, chance: Chance) -> list[TableColumn]:
    """Columns that change with the selection."""
    basis = chance.basis if chance.calibrated else chance.text
    at = "at the wells' own dose" if scores.dose_index >= 0 else "at its best dose"
    return [
        TableColumn("rank", "Rank", scores.rank, tip="Place among all molecules of the library, by score"),
        TableColumn(
            "score",
            "Score",
            scores.score,
            tip=f"Cosine similarity between the wells and the molecule {at}, as the model predicts it",
            decimals=4,
            largest_first=True,
        ),
        TableColumn(
            "chance", "Among first k", scores.chance * 100, tip=f"{_CHANCE}\n\n{basis}", unit="%", decimals=1
        ),
        TableColumn(
            "dose",
            "Best dose",
            scores.best_dose,
            tip="Dose of the library at which the molecule scores most",
            unit="µM",
        ),
        TableColumn(
            "doses",
            "All doses",
            np.arange(len(table), dtype=np.int32),
            "text",
            tip="Score at each dose of the library, from the first to the last; sorted by how much it changes",
            categories=DoseTexts(table.doses, scores.at_doses),
            ranks=scores.spread,
        ),
    ]


def library_columns(table: LibraryTable) -> list[TableColumn]:
    """Columns that are the same for every selection."""
    codes = np.arange(len(table), dtype=np.int32)
    mechanism = table.mechanism.categories
    assert mechanism is not None, "mechanisms are texts"
    return [
        TableColumn(
            "structure",
            "Structure",
            codes,
            "text",
            tip="Drawn from the standardised SMILES, by which it is sorted",
            categories=table.smiles,
            ranks=table.smiles.ranks,
        ),
        TableColumn(
            "name", "Name", codes, "text", tip="Name in the library", categories=table.name, ranks=table.name.ranks
        ),
        TableColumn(
            "mechanism",
            "Mechanism",
            table.mechanism.values,
            "text",
            tip="Mechanism of action in the library's words",
            categories=mechanism,
        ),
        TableColumn(
            "seen",
            "Training",
            np.where(table.seen, 0, 1).astype(np.int8),
            "text",
            tip="Whether the model was trained on this molecule",
            categories=_SEEN,
        ),
        TableColumn(
            "inchikey",
            "InChIKey",
            codes,
            "text",
            tip="Of the standardised structure",
            categories=table.inchikey,
            ranks=table.inchikey.ranks,
        ),
    ]


def fact_columns(facts: MoleculeFacts) -> list[TableColumn]:
    """Columns that fill as molecules come into view, unless the library holds them."""
    columns = [
        TableColumn(
            "nearest",
            "Nearest trained",
            facts.nearest.copy(),
            "text",
            tip="The training molecule that is most similar. In large libraries it is worked out for molecules as "
            "they come into view.",
            categories=facts.training_names,
        ),
        TableColumn(
            "similarity",
            "Similarity",
            facts.similarity.copy(),
            tip="Tanimoto similarity to the nearest training molecule, on Morgan counts of radius 3",
            decimals=2,
            largest_first=True,
        ),
    ]
    return [*columns, *property_columns(facts)]


def property_columns(facts: MoleculeFacts) -> list[TableColumn]:
    """Molecular weight and the like."""
    return [
        TableColumn(key, title, facts.properties[name].copy(), tip=tip, unit=unit, decimals=decimals)
        for name, (key, title, unit, decimals, tip) in _PROPERTIES.items()
        if name in facts.properties
    ]


def measured_columns(measured: Sequence[Measured], facts: MoleculeFacts) -> list[TableColumn]:
    """Columns of the nearest measured treatments."""

    def texts(key: str, title: str, values: list[str], tip: str) -> TableColumn:
        known = sorted({value for value in values if value})
        codes = {value: code for code, value in enumerate(known)}
        at = np.array([codes.get(value, -1) for value in values], dtype=np.int32)
        return TableColumn(key, title, at, "text", tip=tip, categories=tuple(known))

    molecules = [one.molecule for one in measured]
    doses = [np.nan if one.dose is None else one.dose for one in measured]
    seen = ["" if m.seen is None else _SEEN[not m.seen] for m in molecules]
    nearest = [one.nearest for one in measured]
    return [
        TableColumn("rank", "Rank", np.arange(1, len(measured) + 1), tip="Place among the measured treatments"),
        texts("structure", "Structure", [m.smiles for m in molecules], "Drawn from the standardised SMILES"),
        texts("name", "Name", [m.name for m in molecules], "Name in the plate file"),
        TableColumn(
            "similarity",
            "Similarity",
            np.array([one.similarity for one in measured], dtype=np.float64),
            tip="Cosine similarity between the wells and the measured treatment",
            decimals=3,
            largest_first=True,
        ),
        TableColumn("dose", "Dose", np.array(doses, dtype=np.float64), tip="As measured", unit="µM"),
        texts(
            "mechanism", "Mechanism", [m.mechanism for m in molecules], "Mechanism of action in the file's words"
        ),
        TableColumn("wells", "Wells", np.array([one.n_wells for one in measured]), tip="Replicates behind it"),
        texts("origin", "Measured in", [one.origin for one in measured], "Where it was measured"),
        texts("seen", "Training", seen, "Whether the model was trained on this molecule"),
        texts(
            "nearest",
            "Nearest trained",
            ["" if near is None else near.name for near in nearest],
            "The training molecule that is most similar",
        ),
        TableColumn(
            "tanimoto",
            "Tanimoto",
            np.array([np.nan if near is None else near.similarity for near in nearest], dtype=np.float64),
            tip="Similarity of structure to the nearest training molecule",
            decimals=2,
        ),
        *property_columns(facts),
        texts("inchikey", "InChIKey", [m.inchikey for m in molecules], "Of the standardised structure"),
    ]
