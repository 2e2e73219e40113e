"""Two treatments side by side, as the window holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.numbers import fixed, integer, number, percent
from app.open_plate import OpenPlate
from app.records import Molecule

__all__ = ["Common", "Comparison", "Figure", "all_figures", "treatment_figures"]

Three = tuple[float, float, float]


@dataclass(frozen=True)
class Figure:
    """One figure of both treatments.

    Parameters
    ----------
    name : str
    first, second : float
        NaN where not available.
    ratio : bool
        Whether they are told apart by a factor rather than by a difference.
    decimals : int or None
        None for three significant digits.
    tip : str
    """

    name: str
    first: float
    second: float
    ratio: bool = False
    decimals: int | None = None
    tip: str = ""

    @property
    def difference(self) -> float:
        """Second over first, or second less first."""
        if self.ratio:
            return self.second / self.first if self.first > 0 else float("nan")
        return self.second - self.first

    def text(self, value: float) -> str:
        """One of both, in the user's locale."""
        if np.isnan(value):
            return "–"
        return number(value) if self.decimals is None else fixed(value, self.decimals)

    @property
    def difference_text(self) -> str:
        """What lies between, in words: "× 2", "+1.5"."""
        value = self.difference
        if np.isnan(value):
            return "–"
        if value == (1 if self.ratio else 0):
            return "same"
        if self.ratio:
            return f"× {number(value, 2)}"
        return f"{'+' if value > 0 else '−'}{self.text(abs(value))}"


PROPERTY_FIGURES = (
    ("molecular_weight", "Molecular weight (g/mol)", 2),
    ("clogp", "cLogP (Crippen)", 2),
    ("tpsa", "TPSA (Å²)", 1),
    ("hydrogen_bond_donors", "H-bond donors", 0),
    ("hydrogen_bond_acceptors", "H-bond acceptors", 0),
    ("rotatable_bonds", "Rotatable bonds", 0),
)
"""Key of the drawing process, name and decimals of the properties that are compared."""

_TREATMENT_FIGURES = (
    ("concentration", "Dose (µM)", True, None, "Nominal"),
    ("n_wells", "Wells", False, 0, "Replicates in the whole file"),
    ("p_value", "Activity p", True, None, "How well replicates agree, among random groups of wells"),
    ("q_value", "Activity q", True, None, "p corrected for the number of treatments (Benjamini and Hochberg)"),
    (
        "distance_to_control",
        "Distance to control",
        False,
        None,
        "In units of the negative controls: about 1 for nothing",
    ),
    ("consistency", "Replicate agreement", False, 2, "Mean cosine between its wells"),
)


def treatment_figures(plate: OpenPlate, first: int, second: int) -> list[Figure]:
    """What the table of treatments says of both."""
    figures = []
    for key, name, ratio, decimals, tip in _TREATMENT_FIGURES:
        values = np.asarray(plate.treatments[key].values, dtype=np.float64)
        figures.append(Figure(name, float(values[first]), float(values[second]), ratio, decimals, tip))
    return figures


@dataclass(frozen=True)
class Common:
    """A candidate of both."""

    molecule: Molecule
    ranks: tuple[int, int]
    scores: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the engine found.

    Parameters
    ----------
    cosine : float
        Between the mean profiles.
    chance, replicates : (float, float, float) or None
        5th percentile, median, 95th percentile between random treatments, and between halves of replicates.
    share_above : float
        Of random pairs that are at least as alike.
    joint_cosine : float or None
        The same as the first in the joint space.
    features : tuple of str
        Those that differ most, first.
    difference, p_value, q_value : float64 (n,)
    tested, significant : int
        Features in all, and with q below 0.05.
    spread : str
        What the standard deviations are of.
    no_names, no_test : str
        Why features have no meaning, and no p; "" where they have.
    ranks : ((float or None, int), (float or None, int))
        Rank of each treatment's own molecule among so many.
    common : tuple of Common
    top, of : int
        Candidates of each that were looked at, of so many.
    """

    cosine: float
    chance: Three | None
    replicates: Three | None
    share_above: float
    joint_cosine: float | None
    features: tuple[str, ...]
    difference: NDArray[np.float64]
    p_value: NDArray[np.float64]
    q_value: NDArray[np.float64]
    tested: int
    significant: int
    spread: str
    no_names: str
    no_test: str
    ranks: tuple[tuple[float | None, int], tuple[float | None, int]]
    common: tuple[Common, ...]
    top: int
    of: int

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Comparison:
        ranks = [(one["rank"], int(one["of"])) for one in packed["ranks"]]
        pairs, scores = np.asarray(packed["common_ranks"]), np.asarray(packed.get("common_scores", ()))
        return cls(
            cosine=float(packed["cosine"]),
            chance=packed["chance"] and _three(packed["chance"]),
            replicates=packed["replicates"] and _three(packed["replicates"]),
            share_above=float(packed["share_above"]),
            joint_cosine=packed["joint_cosine"],
            features=tuple(packed["features"]),
            difference=packed["difference"],
            p_value=packed["p_value"],
            q_value=packed["q_value"],
            tested=int(packed["tested"]),
            significant=int(packed["significant"]),
            spread=packed["spread"],
            no_names=packed["no_names"],
            no_test=packed["no_test"],
            ranks=(ranks[0], ranks[1]),
            common=tuple(
                Common(
                    Molecule.unpack(one),
                    (int(pairs[i, 0]), int(pairs[i, 1])),
                    (float(scores[i, 0]), float(scores[i, 1])),
                )
                for i, one in enumerate(packed["common"])
            ),
            top=int(packed["top"]),
            of=int(packed["of"]),
        )

    @property
    def rank_figures(self) -> list[Figure]:
        """Rank of each one's own molecule, and how alike both are."""
        (a, of), (b, _) = self.ranks
        if not of:
            return []
        first, second = (float("nan") if one is None else one for one in (a, b))
        return [
            Figure("Rank of the true molecule", first, second, False, None, f"Among {integer(of)} of the library")
        ]

    @property
    def likeness_text(self) -> str:
        """How alike both are, beside chance, in words."""
        if np.isnan(self.cosine):
            return "A profile lies on the negative controls: it has no direction to compare."
        text = f"Cosine of the mean profiles {fixed(self.cosine, 2)}"
        if self.chance is not None:
            share = percent(self.share_above) if self.share_above > 0 else "none"
            text += f"; of random pairs of treatments in this file, {share} are at least as alike"
        return f"{text}."

    @property
    def likeness_details(self) -> str:
        """The same at length."""
        parts = ["About the negative controls, over all wells of both treatments in this file."]
        if self.chance is not None:
            parts.append(
                f"Random pairs of treatments of different molecules: median {fixed(self.chance[1], 2)}, "
                f"9 in 10 between {fixed(self.chance[0], 2)} and {fixed(self.chance[2], 2)}."
            )
        if self.replicates is not None:
            low, middle, high = (fixed(value, 2) for value in self.replicates)
            parts.append(
                f"Two halves of the wells of one treatment: median {middle}, 9 in 10 between {low} and {high}; "
                "they are means of fewer wells."
            )
        if self.joint_cosine is not None:
            parts.append(f"In the joint space of the model these two have {fixed(self.joint_cosine, 2)}.")
        return "\n".join(parts)

    @property
    def features_text(self) -> str:
        """What was tested, in words."""
        parts = [self.no_names] if self.no_names else []
        if self.no_test:
            parts.append(f"{self.no_test[:1].upper()}{self.no_test[1:]}.")
        else:
            parts.append(
                f"{integer(self.significant)} of {integer(self.tested)} features differ at q < {fixed(0.05, 2)}; "
                f"differences in standard deviations of the {self.spread}."
            )
            if not self.significant:
                parts.append("With so few wells a test finds little; the size of the difference says more.")
        return " ".join(parts)

    @property
    def common_text(self) -> str:
        """How many candidates both have, beside chance."""
        if not self.top:
            return "No candidates are predicted for this plate, so none are in common."
        chance = self.top * self.top / self.of
        return (
            f"{integer(len(self.common))} of the first {integer(self.top)} candidates of each are the same; of "
            f"two random orders of {integer(self.of)} it would be {number(chance, 2)}."
        )


def all_figures(
    plate: OpenPlate, pair: tuple[int, int], found: Comparison, properties: Sequence[Mapping[str, Any]]
) -> list[Figure]:
    """Figures of two treatments: of the table, of the ranking, and of both molecules as far as they are known."""
    figures = [*treatment_figures(plate, *pair), *found.rank_figures]
    first, second = properties
    for key, name, decimals in PROPERTY_FIGURES:
        a, b = (float(one.get(key, float("nan"))) for one in (first, second))
        figures.append(Figure(name, a, b, decimals=decimals))
    return figures


def _three(values: Any) -> Three:
    low, middle, high = (float(v) for v in values)
    return low, middle, high
