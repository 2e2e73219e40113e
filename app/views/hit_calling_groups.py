"""Hits grouped by phenotype, as the window holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.open_plate import OpenPlate
from app.views.table import TableColumn

__all__ = ["HitGroups", "group_columns"]


@dataclass(frozen=True, eq=False)
class HitGroups:
    """n hits in m clusters.

    Parameters
    ----------
    treatments : intp (n,)
        The hits.
    label : int32 (n,)
        Cluster of each, 1 for the largest.
    order : intp (n,)
        The hits as leaves of the tree, like ones together.
    size : int32 (m,)
    cohesion : float64 (m,)
        Mean cosine similarity over the pairs of a cluster, NaN for a single hit.
    cut : float
        Similarity down to which clusters were joined.
    cut_by_chance : bool
        Whether it is what 1 % of pairs of inactive treatments reach; else a default.
    similarity : float32 (k, k)
        Between the hits in that order, averaged over neighbours where they are many.
    """

    treatments: NDArray[np.intp]
    label: NDArray[np.int32]
    order: NDArray[np.intp]
    size: NDArray[np.int32]
    cohesion: NDArray[np.float64]
    cut: float
    cut_by_chance: bool
    similarity: NDArray[np.float32]

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> HitGroups:
        return cls(**{name: packed[name] for name in cls.__dataclass_fields__})

    def label_of(self, n_treatments: int) -> NDArray[np.float64]:
        """Cluster of every treatment of the file, NaN for those that are no hits."""
        labels = np.full(n_treatments, np.nan)
        labels[self.treatments] = self.label
        return labels

    def members(self, cluster: int) -> NDArray[np.intp]:
        """Treatments of a cluster, from 1."""
        return self.treatments[self.label == cluster]


def group_columns(groups: HitGroups, plate: OpenPlate) -> tuple[TableColumn, ...]:
    """One row a cluster: its size, how alike its hits are, and what they have in common."""
    members = [groups.members(cluster) for cluster in range(1, len(groups.size) + 1)]
    mechanisms = [_most_common(plate, "mechanism", one) for one in members]
    names = [_names(plate, one) for one in members]
    return (
        TableColumn("cluster", "Cluster", np.arange(1, len(members) + 1)),
        TableColumn("size", "Hits", groups.size.astype(np.int64), tip="Treatments in the cluster"),
        TableColumn(
            "cohesion", "Likeness", groups.cohesion, tip="Mean cosine similarity over the pairs of the cluster"
        ),
        _texts("mechanism", "Shared mechanism", mechanisms),
        _texts("names", "Molecules", names),
    )


def _texts(key: str, title: str, texts: list[str]) -> TableColumn:
    categories = tuple(dict.fromkeys(text for text in texts if text))
    codes = [categories.index(text) if text else -1 for text in texts]
    return TableColumn(key, title, np.array(codes, dtype=np.int32), "text", categories=categories)


def _most_common(plate: OpenPlate, column: str, treatments: NDArray[np.intp]) -> str:
    """The text that most molecules of some treatments share, with how many do; "" where no two share any."""
    texts = {(plate.treatments["name"][t], plate.treatments[column][t]) for t in treatments.tolist()}
    counts = Counter(text for _, text in texts if text)
    if not counts:
        return ""
    text, count = min(counts.items(), key=lambda one: (-one[1], one[0]))
    if count == 1 and len(texts) > 1:
        return ""
    return f"{text} ({count} of {len(texts)})"


def _names(plate: OpenPlate, treatments: NDArray[np.intp]) -> str:
    return ", ".join(dict.fromkeys(plate.treatments["name"][t] or "unnamed" for t in treatments.tolist()))
