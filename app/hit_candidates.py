"""Candidates of a ranking as hits."""

from __future__ import annotations

from collections.abc import Iterable

from app.hit_entries import HitEntry, entries_of_molecules, without_duplicates
from app.records import Molecule, Ranking

__all__ = ["entries_of_candidates"]


def entries_of_candidates(
    molecules: Iterable[Molecule], ranking: Ranking | None, added: str, source: str = ""
) -> tuple[HitEntry, ...]:
    """The hits that some molecules are, each at the dose that a ranking found it at.

    Parameters
    ----------
    molecules : iterable of Molecule
    ranking : Ranking or None
        Its predicted candidates come before those that were measured.
    added, source : str
        See :class:`app.hit_entries.HitEntry`; the source is that of molecules which are not in the ranking.
    """
    known: dict[str, tuple[float | None, str]] = {}
    if ranking is not None:
        for candidate in ranking.candidates:
            known.setdefault(candidate.molecule.key, (candidate.dose, "predicted"))
        for measured in ranking.measured:
            known.setdefault(measured.molecule.key, (measured.dose, "measured"))
    found: list[HitEntry] = []
    for molecule in molecules:
        dose, where = known.get(molecule.key, (None, source))
        found += entries_of_molecules([(molecule, dose)], added, where)
    return without_duplicates(found)
