"""Treatments with their verdict: the columns on screen and in files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.numbers import integer, number
from app.open_plate import OpenPlate
from app.views.hit_calling_state import HitCalling
from app.views.table import TableColumn
from app.views.table.columns import NO_VALUE
from molphenix_core.plates.hit_rule import CRITERIA, Columns, HitRule, reason

__all__ = ["export_columns", "treatment_columns", "verdict_columns"]

HIT, NO_HIT = 0, 1
_VERDICTS = ("hit", "no hit")


@dataclass(frozen=True, eq=False)
class _ReasonColumn(TableColumn):
    """Why treatments are no hits, worded for the rows that are asked for only."""

    rule: HitRule = field(default_factory=HitRule)
    columns: Columns = field(default_factory=dict)

    def text(self, row: int) -> str:
        return self._reason(row, number) or NO_VALUE

    def value(self, row: int) -> str | None:
        return self._reason(row, "{:.6g}".format) or None

    def _reason(self, row: int, write: object) -> str:
        return reason(self.columns, self.rule, row, int(self.values[row]), number=write)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class _WholeColumn(TableColumn):
    """Whole numbers, NaN where there is none."""

    def text(self, row: int) -> str:
        value = self.values[row]
        return NO_VALUE if np.isnan(value) else integer(int(value))


def _named(key: str, title: str, plate: OpenPlate, column: str) -> TableColumn:
    found = plate.treatments[column]
    return TableColumn(key, title, found.values, "text", categories=found.categories or ())


def treatment_columns(calling: HitCalling) -> tuple[TableColumn, ...]:
    """All columns of the table, for the treatments of the current file."""
    plate = calling.plate
    if plate is None or not calling.ready:
        return ()
    verdict, why, cluster, unchecked = verdict_columns(calling)
    columns = [
        verdict,
        _named("name", "Treatment", plate, "name"),
        TableColumn("concentration", "Dose", plate.treatments["concentration"].values, unit="µM"),
        why,
        TableColumn(
            "q_value", "q", calling.columns["q_value"], tip="Of replicate consistency, Benjamini-Hochberg"
        ),
        TableColumn(
            "distance_to_control",
            "Distance",
            calling.columns["distance_to_control"],
            tip="To the mean negative control; 1 is a treatment that does nothing",
            largest_first=True,
        ),
        TableColumn("n_wells", "Wells", calling.columns["n_wells"].astype(np.int64), tip="Replicates"),
        cluster,
    ]
    if "relative_cell_count" in calling.columns:
        values = calling.columns["relative_cell_count"]
        columns.append(
            TableColumn("relative_cell_count", "Cells", values, tip="Relative to the negative controls")
        )
    if "pains" in calling.columns:
        columns.append(_pains(calling))
    if "autofluorescent" in calling.columns:
        columns.append(TableColumn("autofluorescent", "Fluoresces", calling.columns["autofluorescent"], "flag"))
    columns += [
        unchecked,
        _named("mechanism", "Mechanism", plate, "mechanism"),
        TableColumn("p_value", "p", plate.treatments["p_value"].values, tip="Of replicate consistency"),
        TableColumn(
            "consistency",
            "Consistency",
            plate.treatments["consistency"].values,
            tip="Mean cosine similarity",
            largest_first=True,
        ),
    ]
    return tuple(columns)


def verdict_columns(calling: HitCalling) -> tuple[TableColumn, TableColumn, TableColumn, TableColumn]:
    """Verdict, reason, cluster and what was not checked: what changes with the rule."""
    failed, n = calling.failed, len(calling.failed)
    titles = tuple(criterion.title for criterion in CRITERIA)
    groups = calling.groups
    labels = groups.label_of(n) if groups is not None else np.full(n, np.nan)
    return (
        TableColumn(
            "verdict",
            "Verdict",
            np.where(failed < 0, HIT, NO_HIT).astype(np.int32),
            "text",
            categories=_VERDICTS,
            ranks=np.array([HIT, NO_HIT]),
        ),
        _ReasonColumn(
            "reason",
            "Reason",
            failed.astype(np.int32),
            "text",
            tip="The first criterion that the treatment fails",
            categories=titles,
            ranks=np.arange(len(titles)),
            rule=calling.effective,
            columns=calling.columns,
        ),
        _WholeColumn(
            "cluster",
            "Cluster",
            np.where(failed < 0, labels, np.nan),
            tip="Hits of one phenotype, 1 is the largest",
        ),
        _unchecked(calling),
    )


def _unchecked(calling: HitCalling) -> TableColumn:
    """Flags that were asked and are not known: such treatments stay."""
    found = calling.unchecked()
    codes = np.zeros(len(calling.failed), dtype=np.int32)
    for place, (_, missing) in enumerate(found):
        codes += missing.astype(np.int32) << place
    words = ["", *(title for title, _ in found)]
    if len(found) == 2:
        words = ["", found[0][0], found[1][0], f"{found[0][0]}, {found[1][0]}"]
    return TableColumn(
        "not_checked",
        "Not checked",
        codes - 1,
        "text",
        tip="Flags that the rule asks for and that are not known of the treatment, which stays",
        categories=tuple(words[1:]),
    )


def _pains(calling: HitCalling) -> TableColumn:
    """Names of the alerts; "none" where a structure has none, nothing where there is no structure."""
    flags = calling.columns["pains"]
    categories = tuple(dict.fromkeys(["none", *(name for name in calling.pains_names if name)]))
    place = {name: code for code, name in enumerate(categories)}
    named: NDArray[np.int32] = np.array([place.get(name, 0) for name in calling.pains_names], dtype=np.int32)
    codes = np.where(np.isnan(flags), -1, np.where(flags == 1, named, 0)).astype(np.int32)
    return TableColumn("pains", "PAINS", codes, "text", tip="Names of the alerts", categories=categories)


def export_columns(calling: HitCalling) -> tuple[TableColumn, ...]:
    """All columns for a file: whole reasons in place of those worded on demand, structures added."""
    columns, plate = treatment_columns(calling), calling.plate
    if plate is None or not columns:
        return ()
    whole = []
    for column in columns:
        if isinstance(column, _ReasonColumn):
            texts = [column.value(row) or "" for row in range(len(column))]
            categories = tuple(dict.fromkeys(text for text in texts if text))
            place = {text: code for code, text in enumerate(categories)}
            codes = np.array([place.get(text, -1) for text in texts], dtype=np.int32)
            column = TableColumn(column.key, column.title, codes, "text", categories=categories)
        whole.append(replace(column))
    structures = (_named("smiles", "SMILES", plate, "smiles"), _named("inchikey", "InChIKey", plate, "inchikey"))
    return (*whole, *structures)
