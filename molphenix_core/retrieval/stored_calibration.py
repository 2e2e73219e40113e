"""A calibration as a model bundle stores it: how held-out treatments found their molecules in a library.

For each stratum of held-out treatments it keeps the distribution function ``F(a)``: the share of treatments with
at most ``a`` of the M molecules of a reference library scored above the true one. What follows from it for a
ranking is in :mod:`molphenix_core.retrieval.chance`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from molphenix_core.errors import BundleError, InputError
from molphenix_core.model.bundle import Bundle

__all__ = [
    "CALIBRATION",
    "COVARIATES",
    "FEWEST_MOLECULES",
    "SMALLEST_GALLERY",
    "Calibration",
    "Curve",
    "Stratum",
    "calibration_of",
    "stratum_in_words",
]

CALIBRATION = "calibration"
"""Key of a bundle's facts: by embedding space, what :meth:`Calibration.to_dict` wrote."""

SMALLEST_GALLERY = 50
"""Below this, the first percent is less than half a molecule."""

FEWEST_MOLECULES = 20
"""A stratum of fewer different molecules says nothing of the next one."""

COVARIATES = ("top_score_z", "replicates", "distance_to_control")
"""What is known of a query when it is ranked, and may tell good rankings from bad ones."""


@dataclass(frozen=True)
class Curve:
    """The distribution function F over the knots of a calibration, with its 95 % band.

    Parameters
    ----------
    probability, low, high : tuple of float
        Ascending, between 0 and 1, one a knot.
    """

    probability: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Stratum:
    """Held-out treatments of one kind.

    Parameters
    ----------
    seen : bool
        Whether the models were trained on the treatments' molecules (at wells of other plates); otherwise their
        scaffolds were held out.
    active : bool or None
        Replicate-consistency p below 0.1 or not; None where there is no p-value.
    over_doses : bool
        Whether each molecule was scored at its best dose, as for wells of unknown dose, and not at the wells' own.
    queries, molecules : int
        Treatments (once for each model that ranked them) and different molecules among them.
    replicates : (int, int)
        Fewest and most wells averaged.
    covariate : str
        The one of :data:`COVARIATES` that the treatments are parted by, "" where they are not.
    edges : tuple of float
        Ascending: between the parts; a value equal to an edge belongs to the lower part.
    curves : tuple of Curve
        That of the whole stratum, then that of each part.
    """

    seen: bool
    active: bool | None
    over_doses: bool
    queries: int
    molecules: int
    replicates: tuple[int, int]
    covariate: str
    edges: tuple[float, ...]
    curves: tuple[Curve, ...]

    def curve(self, value: float) -> Curve:
        """The curve for a treatment, or a ranking, by its covariate.

        Parameters
        ----------
        value : float
            Of the stratum's covariate; NaN where it is not known.

        Returns
        -------
        Curve
            That of the part which the value falls into; of the whole stratum for NaN or without parts.
        """
        if not self.covariate or math.isnan(value):
            return self.curves[0]
        return self.curves[1 + int(np.searchsorted(self.edges, value, side="left"))]

    @property
    def in_words(self) -> str:
        """The stratum as it stands in a sentence."""
        return stratum_in_words(self.seen, self.active, self.over_doses)


@dataclass(frozen=True)
class Calibration:
    """How often held-out treatments of one embedding space found their molecule in a library.

    Parameters
    ----------
    space : str
        Identifier of the embedding space.
    library : str
        Name of the library whose molecules were the decoys.
    decoys : int
        M, their number.
    knots : tuple of int
        Numbers of molecules above the true one at which the curves are given: ascending from 0 to M.
    strata : tuple of Stratum
    report : mapping
        Reliability, Brier scores and the covariates tried, for the card.
    """

    space: str
    library: str
    decoys: int
    knots: tuple[int, ...]
    strata: tuple[Stratum, ...]
    report: Mapping[str, Any] = field(default_factory=dict)

    def stratum(self, *, seen: bool, active: bool | None, over_doses: bool) -> Stratum | None:
        """The stratum of a kind of treatment.

        Parameters
        ----------
        seen : bool
        active : bool or None
        over_doses : bool
            As for :class:`Stratum`.

        Returns
        -------
        Stratum or None
            None where that kind was not calibrated.
        """
        asked = (seen, active, over_doses)
        return next((s for s in self.strata if (s.seen, s.active, s.over_doses) == asked), None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, probabilities rounded to four digits."""
        strata = []
        for stratum in self.strata:
            described = asdict(stratum)
            described["curves"] = [
                {name: [round(p, 4) for p in values] for name, values in curve.items()}
                for curve in described["curves"]
            ]
            strata.append(_listed(described))
        return {
            "space": self.space,
            "library": self.library,
            "decoys": self.decoys,
            "knots": list(self.knots),
            "strata": strata,
            "report": dict(self.report),
        }

    @classmethod
    def from_dict(cls, values: object, *, source: str = "calibration") -> Calibration:
        """Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        values : object
            From outside: anything.
        source : str
            Where it comes from, for messages.

        Returns
        -------
        Calibration

        Raises
        ------
        InputError
            Naming the field that is missing, of another type, or no distribution function.
        """
        table = _mapping(values, source, "calibration")
        decoys = _whole(table, "decoys", source, least=SMALLEST_GALLERY - 1)
        knots = tuple(_numbers(table, "knots", source))
        whole = all(knot == int(knot) for knot in knots)
        if len(knots) < 2 or not whole or (knots[0], knots[-1]) != (0, decoys) or (np.diff(knots) <= 0).any():
            raise InputError(source, "knots", repr(knots)[:80], f"whole numbers ascending from 0 to {decoys}")
        listed = table.get("strata")
        if not isinstance(listed, list):
            raise InputError(source, "strata", repr(listed)[:80], "a list")
        return cls(
            space=_text(table, "space", source),
            library=_text(table, "library", source),
            decoys=decoys,
            knots=tuple(int(knot) for knot in knots),
            strata=tuple(_stratum(s, f"strata[{i}]", source, len(knots)) for i, s in enumerate(listed)),
            report=_mapping(table.get("report", {}), source, "report"),
        )


def calibration_of(bundle: Bundle, space: str) -> Calibration | None:
    """The calibration on a bundle's card for one embedding space.

    Parameters
    ----------
    bundle : Bundle
    space : str
        Identifier of the embedding space.

    Returns
    -------
    Calibration or None
        None where the card has none.

    Raises
    ------
    BundleError
        The card holds something else there.
    """
    stored = bundle.facts.get(CALIBRATION, {})
    if not isinstance(stored, Mapping):
        raise BundleError(bundle.name, CALIBRATION, repr(stored)[:80], "calibrations by embedding space")
    if space not in stored:
        return None
    try:
        calibration = Calibration.from_dict(stored[space])
    except InputError as error:
        raise BundleError(bundle.name, f"{CALIBRATION}.{error.field}", error.found, error.expected) from error
    if calibration.space != space:
        raise BundleError(bundle.name, f"{CALIBRATION}.space", repr(calibration.space), repr(space))
    return calibration


def stratum_in_words(seen: bool, active: bool | None, over_doses: bool) -> str:
    """A kind of treatment as it stands in a sentence.

    Parameters
    ----------
    seen : bool
    active : bool or None
    over_doses : bool
        As for :class:`Stratum`.

    Returns
    -------
    str
        A plural noun phrase, without a capital or full stop.
    """
    if active is None:
        treatments = "treatments without an activity p-value"
    else:
        treatments = f"{'active' if active else 'inactive'} treatments"
    # Replicates mostly share a well position, which is found again on the next plate of the same layout only.
    seen_words = "molecules seen in training, on new plates of the same screen"
    molecules = seen_words if seen else "molecules of unseen scaffolds"
    return f"{treatments} of {molecules}{', scored over all doses' if over_doses else ''}"


def _listed(value: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, dict):
        return {key: _listed(entry) for key, entry in value.items()}
    return [_listed(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _mapping(value: object, source: str, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(source, name, repr(value)[:80], "a table of values by name")
    return value


def _text(table: Mapping[str, Any], name: str, source: str, where: str = "") -> str:
    value = table.get(name)
    if not isinstance(value, str):
        raise InputError(source, where + name, repr(value)[:80], "a text")
    return value


def _whole(table: Mapping[str, Any], name: str, source: str, where: str = "", *, least: int) -> int:
    value = table.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(source, where + name, repr(value)[:80], f"a whole number from {least}")
    return value


def _numbers(table: Mapping[str, Any], name: str, source: str, where: str = "") -> list[float]:
    value = table.get(name)
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in value
    ):
        raise InputError(source, where + name, repr(value)[:80], "a list of finite numbers")
    return list(value)


def _stratum(value: object, where: str, source: str, knots: int) -> Stratum:
    table = _mapping(value, source, where)
    dot = where + "."
    active = table.get("active")
    for name in ("seen", "over_doses"):
        if not isinstance(table.get(name), bool):
            raise InputError(source, dot + name, repr(table.get(name))[:80], "true or false")
    if active is not None and not isinstance(active, bool):
        raise InputError(source, dot + "active", repr(active)[:80], "true, false or null")
    covariate = _text(table, "covariate", source, dot)
    if covariate not in ("", *COVARIATES):
        raise InputError(source, dot + "covariate", repr(covariate), "one of " + ", ".join(COVARIATES))
    edges = _numbers(table, "edges", source, dot)
    if bool(edges) != bool(covariate) or (np.diff(edges) <= 0).any():
        raise InputError(source, dot + "edges", repr(edges)[:80], "ascending numbers where there is a covariate")
    replicates = _numbers(table, "replicates", source, dot)
    if len(replicates) != 2 or not 1 <= replicates[0] <= replicates[1]:
        raise InputError(source, dot + "replicates", repr(replicates)[:80], "fewest and most wells")
    curves, wanted = table.get("curves"), 1 + (len(edges) + 1 if covariate else 0)
    if not isinstance(curves, list) or len(curves) != wanted:
        raise InputError(source, dot + "curves", repr(curves)[:80], f"a list of {wanted}")
    return Stratum(
        seen=table["seen"],
        active=active,
        over_doses=table["over_doses"],
        queries=_whole(table, "queries", source, dot, least=1),
        molecules=_whole(table, "molecules", source, dot, least=FEWEST_MOLECULES),
        replicates=(int(replicates[0]), int(replicates[1])),
        covariate=covariate,
        edges=tuple(edges),
        curves=tuple(_curve(c, f"{dot}curves[{i}]", source, knots) for i, c in enumerate(curves)),
    )


def _curve(value: object, where: str, source: str, knots: int) -> Curve:
    table = _mapping(value, source, where)
    parts = {}
    for name in ("probability", "low", "high"):
        numbers = _numbers(table, name, source, where + ".")
        array = np.asarray(numbers)
        if len(numbers) != knots or (np.diff(array) < 0).any() or not ((array >= 0) & (array <= 1)).all():
            raise InputError(
                source, f"{where}.{name}", repr(numbers)[:80], f"{knots} ascending numbers between 0 and 1"
            )
        parts[name] = tuple(numbers)
    return Curve(**parts)
