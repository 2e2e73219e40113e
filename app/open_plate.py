"""An open plate file as the window holds it: plain arrays, no tables of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.records import Molecule
from molphenix_core.plates.wells import PlateFormat, format_for, well_name

__all__ = ["KINDS", "Column", "OpenPlate"]

KINDS = ("treatment", "negative control", "positive control", "control")
"""What a well holds, by the codes of :attr:`OpenPlate.kind`."""


_COMPOUND_NAME = "Metadata_compound_name"


def _partition(values: NDArray[Any]) -> bytes:
    """Which values are equal, whatever they are."""
    if len(values) and values.dtype.kind == "i":
        # Without sorting: each code's first place is the last that is written, from the end.
        codes = values.astype(np.intp) - int(values.min())
        places = np.empty(int(codes.max()) + 1, dtype=np.int32)
        places[codes[::-1]] = np.arange(len(values), dtype=np.int32)[::-1]
        return places[codes].tobytes()
    _, first, group = np.unique(values, return_index=True, return_inverse=True)
    return first[group].astype(np.int32).tobytes()


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Parameters
    ----------
    values : float64 (n,) or int32 (n,)
        The numbers, or for texts the index into ``categories`` (-1 where null).
    categories : tuple of str or None
        The texts; None for numbers.
    """

    values: NDArray[Any]
    categories: tuple[str, ...] | None = None

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Column:
        if "categories" in packed:
            return cls(packed["codes"], tuple(packed["categories"]))
        return cls(packed["values"])

    def __getitem__(self, row: int) -> Any:
        value = self.values[row]
        if self.categories is not None:
            return self.categories[value] if value >= 0 else None
        return None if np.isnan(value) else float(value)


@dataclass(frozen=True, eq=False)
class OpenPlate:
    """A plate file that is open: n wells on some physical plates.

    Parameters
    ----------
    path : str
        The file.
    token : str
        Names the content that was read; the engine refuses to take the rows of one content for another's.
    sha256 : str
        Of the file, by which hit lists and saved sessions know it again.
    barcodes : tuple of str
        Its physical plates; empty for a table without plates.
    plate_of_well : int32 (n,)
        Index into ``barcodes``, -1 where there is none.
    positions : int16 (n, 2)
        Zero-based row and column, -1 where there is none.
    kind : int8 (n,)
        Index into :data:`KINDS`.
    treatment_of_well : int32 (n,)
        Index into the treatments, -1 for none.
    treatments : dict
        Columns ``name``, ``smiles``, ``inchikey``, ``concentration`` (micromolar), ``mechanism``, ``n_wells``,
        ``seen`` (1, 0, NaN where unknown), ``p_value``, ``q_value``, ``null`` (how the groups
        behind p were drawn), ``distance_to_control``, ``consistency`` (mean cosine between replicates).
    columns : dict
        The wells' metadata.
    pca : float32 (n, 2)
        First two principal components of the embeddings.
    space_known : bool
        Whether the model has a tower for this embedding space.
    space_reason : str
        Why not, for the user.
    notes : tuple of str
        What was weaker than it should be, such as missing controls.
    """

    path: str
    token: str
    sha256: str
    barcodes: tuple[str, ...]
    plate_of_well: NDArray[np.int32]
    positions: NDArray[np.int16]
    kind: NDArray[np.int8]
    treatment_of_well: NDArray[np.int32]
    treatments: dict[str, Column]
    columns: dict[str, Column]
    pca: NDArray[np.float32]
    space_known: bool = True
    space_reason: str = ""
    simulated: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> OpenPlate:
        return cls(
            path=packed["path"],
            token=packed["token"],
            sha256=packed["sha256"],
            barcodes=tuple(packed["barcodes"]),
            plate_of_well=packed["plate_of_well"],
            positions=packed["positions"],
            kind=packed["kind"],
            treatment_of_well=packed["treatment_of_well"],
            treatments={name: Column.unpack(c) for name, c in packed["treatments"].items()},
            columns={name: Column.unpack(c) for name, c in packed["columns"].items()},
            pca=packed["pca"],
            space_known=packed["space_known"],
            space_reason=packed["space_reason"],
            simulated=packed["simulated"],
            notes=tuple(packed["notes"]),
        )

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return Path(self.path).stem

    @cached_property
    def n_treatments(self) -> int:
        return len(self.treatments["name"].values)

    @cached_property
    def telling_columns(self) -> tuple[str, ...]:
        """Columns of the wells that tell some from others; of several that do so alike, one."""
        seen = {_partition(self.kind), _partition(self.plate_of_well), _partition(np.zeros(len(self)))}
        chosen = set()
        # Of name, identifier and structure, which mostly go together, the name is the one to read.
        for name in sorted(self.columns, key=lambda name: name != _COMPOUND_NAME):
            partition = _partition(self.columns[name].values)
            if partition not in seen:
                seen.add(partition)
                chosen.add(name)
        return tuple(name for name in self.columns if name in chosen)

    def rows_on(self, plate: int) -> NDArray[np.intp]:
        """Wells of one physical plate."""
        return np.flatnonzero(self.plate_of_well == plate)

    def format(self, plate: int) -> PlateFormat:
        """Rows and columns of one physical plate."""
        return format_for(self.positions[self.rows_on(plate)])

    def well(self, row: int) -> str:
        """Name of a well, as "B07"; its number where it has no position."""
        r, c = (int(v) for v in self.positions[row])
        return well_name(r, c) if r >= 0 else f"row {row + 1}"

    def by_treatment(self, column: str) -> NDArray[np.float64]:
        """A number of each well's treatment, float64 (n,), NaN for wells without one."""
        values = np.append(np.asarray(self.treatments[column].values, dtype=np.float64), np.nan)
        return np.asarray(values[self.treatment_of_well], dtype=np.float64)

    def replicates(self, rows: NDArray[np.integer]) -> NDArray[np.intp]:
        """All wells of the treatments that some wells hold, those wells included."""
        wanted = np.unique(self.treatment_of_well[rows])
        same = np.isin(self.treatment_of_well, wanted[wanted >= 0])
        same[rows] = True
        return np.flatnonzero(same)

    def molecule(self, treatment: int) -> Molecule:
        """The molecule of a treatment."""
        columns = self.treatments
        seen = columns["seen"][treatment]
        return Molecule(
            name=columns["name"][treatment] or "",
            smiles=columns["smiles"][treatment] or "",
            inchikey=columns["inchikey"][treatment] or "",
            mechanism=columns["mechanism"][treatment] or "",
            seen=None if seen is None else bool(seen),
        )
