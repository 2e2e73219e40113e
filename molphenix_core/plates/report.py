"""What a conversion did, as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from molphenix_core.plates.joins import Join

__all__ = ["ConversionReport"]


@dataclass(frozen=True)
class ConversionReport:
    """What :func:`~molphenix_core.plates.convert.convert_table` mapped, joined, dropped and could not do.

    Parameters
    ----------
    source, out : str
        The table and the plate file ("" where none was written).
    mapped : dict
        Column of the table for each field found.
    kept : tuple of str
        Columns kept as further ``Metadata_...``.
    features, first_feature, last_feature : int, str, str
        Feature columns of the table.
    encoder, normalisation : str, tuple of str or None
        What made the features, and what was done to them; None where unknown.
    wells, wells_in_table, features_written : int
        Rows and features of the plate file, and rows of the table.
    plates : tuple of str
        Barcodes, empty for a table of treatments.
    negative_controls, other_controls, treated, with_structure : int
        Rows of each kind; the last counts treated ones with a SMILES.
    joins : tuple of Join
        Plate map and compound table, where given.
    dropped_wells, dropped_features : tuple of str
        Names of those with too many missing values.
    filled, filled_over_plates : int
        Missing values that took a median, and those among them that took the median over all plates.
    notes : tuple of str
        Whatever else was guessed or changed.
    missing : tuple of str
        What the plate file lacks, as sentences.
    """

    source: str
    out: str
    mapped: dict[str, str]
    kept: tuple[str, ...]
    features: int
    first_feature: str
    last_feature: str
    encoder: str
    normalisation: tuple[str, ...] | None
    wells: int
    wells_in_table: int
    features_written: int
    plates: tuple[str, ...]
    negative_controls: int
    other_controls: int
    treated: int
    with_structure: int
    joins: tuple[Join, ...]
    dropped_wells: tuple[str, ...]
    dropped_features: tuple[str, ...]
    filled: int
    filled_over_plates: int
    notes: tuple[str, ...]
    missing: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{Path(self.source).name} -> {self.out or '(not written)'}", *self._summary(), "Mapped"]
        width = max((len(name) for name in self.mapped), default=8)
        lines += [f"  {target:<{width}} <- {name}" for target, name in self.mapped.items()]
        lines.append(
            f"  {'features':<{width}} <- {_count(self.features, 'column')}, "
            f"{self.first_feature} to {self.last_feature}"
        )
        if self.kept:
            lines.append(f"  {'kept':<{width}} <- {_some(self.kept)}")
        if self.joins:
            lines += ["Joined", *(f"  {join}" for join in self.joins)]
        for title, sentences in (
            ("Dropped and filled", self._losses()),
            ("Noted", self.notes),
            ("Missing", self.missing),
        ):
            if sentences:
                lines += [title, *(f"  {sentence}" for sentence in sentences)]
        return "\n".join(lines)

    def _summary(self) -> list[str]:
        where = f"on {_count(len(self.plates), 'plate')}" if self.plates else "without plates"
        state = "not known" if self.normalisation is None else " > ".join(self.normalisation) or "none"
        rows = _count(self.wells, "well" if self.plates else "treatment")
        negative = _count(self.negative_controls, "negative control")
        others = _count(self.other_controls, "other control")
        return [
            f"  {rows} x {_count(self.features_written, 'feature')} {where}",
            f"  {self.treated:,} treated ({self.with_structure:,} with a structure), {negative}, {others}",
            f"  encoder {self.encoder}, normalisation {state}",
        ]

    def _losses(self) -> list[str]:
        losses = []
        if self.dropped_wells:
            losses.append(
                f"{_count(len(self.dropped_wells), 'well')} of {self.wells_in_table:,} dropped, "
                f"over half of the features missing: {_some(self.dropped_wells)}"
            )
        if self.dropped_features:
            losses.append(
                f"{_count(len(self.dropped_features), 'feature')} of {self.features} dropped, "
                f"missing in over 5 % of the wells: {_some(self.dropped_features)}"
            )
        if self.filled:
            over = f" ({self.filled_over_plates:,} with that of all plates)" if self.filled_over_plates else ""
            losses.append(f"{_count(self.filled, 'missing value')} filled with the median on the plate{over}")
        return losses


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
