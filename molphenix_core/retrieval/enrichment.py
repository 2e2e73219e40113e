"""Which mechanisms the best candidates share, beyond what chance would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, hypergeom

__all__ = ["ENRICHMENT_COLUMNS", "Enrichment", "enrichment"]

ENRICHMENT_COLUMNS = (
    "mechanism",
    "in_top",
    "top_annotated",
    "in_library",
    "library_annotated",
    "fold",
    "p_value",
    "q_value",
)

# A mechanism of a single molecule cannot be enriched: finding that molecule says it all. Chosen by the library
# alone, so that what is tested does not depend on what was found.
_FEWEST = 2


@dataclass(frozen=True, eq=False)
class Enrichment:
    """Mechanisms among the best candidates, and what they were counted in.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each mechanism that at least two molecules of the library and one of the top have, the least
        probable first. Columns :data:`ENRICHMENT_COLUMNS`: ``in_top`` of ``top_annotated`` molecules and
        ``in_library`` of ``library_annotated`` have the mechanism (int); ``fold`` is the ratio of the two shares;
        ``p_value`` the chance of as many or more, and ``q_value`` the same, corrected (float).
    top, top_annotated : int
        Different molecules in the top, and those among them with a mechanism.
    library, library_annotated : int
        The same of the library.
    tested : int
        Mechanisms that the q-values are corrected for, found in the top or not.
    """

    table: pd.DataFrame
    top: int
    top_annotated: int
    library: int
    library_annotated: int
    tested: int

    @property
    def note(self) -> str:
        """What was counted and what was not, for the user."""
        return (
            f"{self.top_annotated:,} of the {self.top:,} best molecules and {self.library_annotated:,} of the "
            f"{self.library:,} in the library have a mechanism; the others are not counted. "
            f"{self.tested:,} mechanisms of two molecules or more were tested."
        )


def enrichment(top: ArrayLike, mechanisms: Sequence[Sequence[str]]) -> Enrichment:
    """Test each mechanism of a library for enrichment among the best candidates.

    Hypergeometric, one-sided: the annotated molecules of the library are the urn, and the annotated molecules of
    the top are drawn from it without putting back. A molecule counts once for each of its mechanisms, however many
    doses of it are in the top. Corrected for the number of mechanisms by Benjamini and Hochberg (J. R. Stat. Soc.
    B 57, 289, 1995).

    Parameters
    ----------
    top : array_like of int, (k,)
        Rows of the library; a row that stands twice counts once.
    mechanisms : sequence of sequence of str, (n,)
        Classes of each molecule of the library, as by
        :func:`molphenix_core.molecules.mechanisms.canonical_mechanisms`; empty where none is known.

    Returns
    -------
    Enrichment

    Raises
    ------
    IndexError
        A row that the library does not have.
    TypeError
        Rows that are no whole numbers.
    """
    rows = np.unique(np.asarray(top))
    if rows.size and not np.issubdtype(rows.dtype, np.integer):
        raise TypeError(f"rows of the library must be whole numbers, not {rows.dtype}")
    if rows.size and (rows[0] < 0 or rows[-1] >= len(mechanisms)):
        raise IndexError(f"rows {rows[0]} to {rows[-1]} of a library of {len(mechanisms)}")

    everywhere = Counter(name for classes in mechanisms for name in set(classes))
    annotated = sum(1 for classes in mechanisms if classes)
    drawn = [mechanisms[row] for row in rows.tolist() if mechanisms[row]]
    found = Counter(name for classes in drawn for name in set(classes))

    names = [name for name, count in everywhere.items() if count >= _FEWEST]
    in_library = np.array([everywhere[name] for name in names], dtype=np.int64)
    in_top = np.array([found[name] for name in names], dtype=np.int64)
    p_value = hypergeom.sf(in_top - 1, annotated, in_library, len(drawn)) if names else np.empty(0)
    table = pd.DataFrame(
        {
            "mechanism": np.array(names, dtype=object),
            "in_top": in_top,
            "top_annotated": len(drawn),
            "in_library": in_library,
            "library_annotated": annotated,
            "fold": (in_top / max(len(drawn), 1)) / (in_library / max(annotated, 1)),
            # The sum of a tail can pass 1 by rounding.
            "p_value": np.minimum(p_value, 1.0),
            "q_value": false_discovery_control(np.minimum(p_value, 1.0)) if names else p_value,
        },
        columns=list(ENRICHMENT_COLUMNS),
    )
    table = table[table["in_top"] > 0]
    table = table.sort_values(["p_value", "fold", "mechanism"], ascending=[True, False, True], ignore_index=True)
    return Enrichment(table, len(rows), len(drawn), len(mechanisms), annotated, len(names))
