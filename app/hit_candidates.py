"""Candidates of a ranking as hits."""

from __future__ import annotations

from collections.abc import Iterable

from app.hit_entries import HitEntry, entries_of_molecules, without_duplicates
from app.records import Molecule, Ranking

__all__ = ["entries_of_candidates"]


def entries_of_candidates(
    molecules: Iterable[Molecule],
    ranking: Ranking | None,
    added: str,
    source: str = "",
    *,
    measured_first: bool = False,
) -> tuple[HitEntry, ...]:
    """The hits that some molecules are, each at the dose that a ranking found it at.

    Parameters
    ----------
    molecules : iterable of Molecule
    ranking : Ranking or None
        What is both a predicted candidate and measured comes as the former.
    added, source : str
        See :class:`app.hit_entries.HitEntry`; the source is that of molecules which are not in the ranking.
    measured_first : bool
        As the latter instead: the user took it from there.
    """
    known: dict[str, tuple[float | None, str]] = {}
    if ranking is not None:
        predicted = [(c.molecule.key, c.dose, "predicted") for c in ranking.candidates]
        measured = [(m.molecule.key, m.dose, "measured") for m in ranking.measured]
        for key, dose, where in measured + predicted if measured_first else predicted + measured:
            known.setdefault(key, (dose, where))
    found: list[HitEntry] = []
    for molecule in molecules:
        dose, where = known.get(molecule.key, (None, source))
        found += entries_of_molecules([(molecule, dose)], added, where)
    return without_duplicates(found)
