"""Fitting a calibration to held-out rankings, and measuring whether its chances come true.

Everything that is reported of a calibration is cross-fitted: the chances of a molecule are made from the rankings
of other molecules. Intervals are by bootstrap over molecules.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.calibration_records import CalibrationRecords
from molphenix_core.evaluation.recall import bootstrap_interval
from molphenix_core.retrieval.stored_calibration import (
    COVARIATES,
    FEWEST_MOLECULES,
    Calibration,
    Curve,
    Stratum,
    stratum_in_words,
)

__all__ = ["brier", "fit_calibration", "reliability"]

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the gallery at which chances are compared with what came true."""

_JUDGED = (0, 2, 3)  # of SHARES: a covariate must help in the first 1, 5 and 10 %
_FOLDS = 5
_PARTS = 3
_DRAWS = 1000
_SURE = 0.5  # percentile of the bootstrap of its gain that must be above zero: several covariates are tried
_BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_EXACT = 64  # knots of the first places lie one by one, the others 5 % apart

_ACTIVITY = {1: True, 0: False, -1: None}


@dataclass(frozen=True, eq=False)
class _Model:
    """Hit rates by part of a covariate, for every share."""

    covariate: str
    edges: NDArray[np.float64]
    rates: NDArray[np.float64]

    def predict(self, records: CalibrationRecords) -> NDArray[np.float64]:
        return self.rates[_parts(records, self.covariate, self.edges)]


def fit_calibration(records: CalibrationRecords, *, space: str, library: str, seed: int = 0) -> Calibration:
    """Calibrate a model by held-out rankings of its recipe.

    Parameters
    ----------
    records : CalibrationRecords
        Of all folds and seeds, and of held-out plates where there are any.
    space : str
        Embedding space of the queries.
    library : str
        Name of the library whose molecules were the decoys.
    seed : int
        Of the bootstrap and of the folds that covariates are judged on.

    Returns
    -------
    Calibration
        With a stratum for each kind of treatment of which 20 molecules at least were held out. A stratum is
        parted by a covariate only where that lowers its cross-fitted Brier score beyond doubt (99 % interval by
        bootstrap over molecules). The report holds :func:`brier` and :func:`reliability`.
    """
    knots = _knots(records.decoys)
    strata = []
    for key, part in _strata(records):
        model = _fit(part, _choose(part, seed))
        parts = _parts(part, model.covariate, model.edges)
        pieces = [part, *(part.take(parts == number) for number in range(1, len(model.rates)))]
        seen, active, over_doses = key
        strata.append(
            Stratum(
                seen=seen,
                active=active,
                over_doses=over_doses,
                queries=len(part),
                molecules=len(np.unique(part.molecule)),
                replicates=(int(part.replicates.min()), int(part.replicates.max())),
                covariate=model.covariate,
                edges=tuple(float(edge) for edge in model.edges),
                curves=tuple(_curve(piece, knots, seed) for piece in pieces),
            )
        )
    return Calibration(
        space=space,
        library=library,
        decoys=records.decoys,
        knots=tuple(int(knot) for knot in knots),
        strata=tuple(strata),
        report={
            "how": (
                "Held-out rankings of the same recipe; chances of a molecule from rankings of other molecules "
                f"({_FOLDS} folds). Brier score: mean squared difference between chance and outcome."
            ),
            "brier": brier(records, seed=seed),
            "reliability": reliability(records, seed=seed),
        },
    )


def brier(records: CalibrationRecords, *, seed: int = 0) -> list[dict[str, Any]]:
    """Cross-fitted Brier scores of each stratum, in the first 1, 5 and 10 % of the whole library.

    Parameters
    ----------
    records : CalibrationRecords
    seed : int
        Of the folds.

    Returns
    -------
    list of dict
        ``stratum``, ``share``, ``r`` and ``of``; ``recall`` with ``recall_interval``; the Brier scores ``brier``
        (of the calibration, its covariate chosen anew in each fold), ``brier_constant`` (the recall of the other
        folds), ``brier_random`` (r / N) and, by covariate tried, ``brier_covariates``; ``covariate``, the one
        chosen on everything.
    """
    rows: list[dict[str, Any]] = []
    for key, part in _strata(records):
        of = part.decoys + 1
        ranks, hits = _ranks(part.decoys), _hits(part)
        chosen = _cross_fitted(part, seed, None)
        constant = _cross_fitted(part, seed, "")
        tried = {name: _cross_fitted(part, seed, name) for name in COVARIATES if _offered(part, name)}
        group = _group(part)
        covariate = _choose(part, seed)
        for share in _JUDGED:
            hit = hits[:, share]
            low, high = bootstrap_interval(hit, group, seed=seed)
            rows.append(
                {
                    "stratum": stratum_in_words(*key),
                    "queries": len(part),
                    "molecules": len(np.unique(part.molecule)),
                    "share": SHARES[share],
                    "r": int(ranks[share]),
                    "of": of,
                    "recall": round(float(hit.mean()), 4),
                    "recall_interval": [round(low, 4), round(high, 4)],
                    "brier": _score(chosen[:, share], hit),
                    "brier_constant": _score(constant[:, share], hit),
                    "brier_random": _score(np.full(len(hit), ranks[share] / of), hit),
                    "brier_covariates": {name: _score(p[:, share], hit) for name, p in tried.items()},
                    "covariate": covariate,
                }
            )
    return rows


def reliability(records: CalibrationRecords, *, seed: int = 0) -> list[dict[str, Any]]:
    """Cross-fitted chances beside what came true, over all strata and several shares of the library.

    Parameters
    ----------
    records : CalibrationRecords
    seed : int
        Of the folds and the bootstrap.

    Returns
    -------
    list of dict
        Unseen scaffolds first, then molecules seen in training, which are another question: a row a bin of chances
        that holds any, with ``seen``, ``from``, ``to``, mean ``predicted``, ``observed`` share with ``interval``,
        and the number of ``chances`` and ``molecules``. A treatment counts once for each of :data:`SHARES`.
    """
    strata = list(_strata(records))
    return [
        row
        for seen in (False, True)
        for row in _bins([part for key, part in strata if key[0] is seen], seen, seed)
    ]


def _bins(strata: list[CalibrationRecords], seen: bool, seed: int) -> list[dict[str, Any]]:
    predicted, hits, molecules = [], [], []
    for part in strata:
        predicted.append(_cross_fitted(part, seed, None).ravel())
        hits.append(_hits(part).ravel())
        molecules.append(np.repeat(part.molecule, len(SHARES)))
    if not predicted:
        return []
    chance, hit, molecule = (np.concatenate(parts) for parts in (predicted, hits, molecules))
    bins = np.clip(np.searchsorted(_BINS, chance, side="right") - 1, 0, len(_BINS) - 2)
    rows = []
    for number in np.unique(bins):
        inside = bins == number
        names, group = np.unique(molecule[inside], return_inverse=True)
        interval = bootstrap_interval(hit[inside], group, seed=seed)
        rows.append(
            {
                "seen": seen,
                "from": _BINS[number],
                "to": _BINS[number + 1],
                "predicted": round(float(chance[inside].mean()), 4),
                "observed": round(float(hit[inside].mean()), 4),
                "interval": [round(end, 4) for end in interval],
                "chances": int(inside.sum()),
                "molecules": len(names),
            }
        )
    return rows


_Key = tuple[bool, bool | None, bool]


def _strata(records: CalibrationRecords) -> Iterator[tuple[_Key, CalibrationRecords]]:
    for seen in (False, True):
        for activity, active in _ACTIVITY.items():
            for over_doses in (False, True):
                rows = (records.seen == seen) & (records.activity == activity) & (records.over_doses == over_doses)
                part = records.take(rows)
                if len(np.unique(part.molecule)) >= FEWEST_MOLECULES:
                    yield (seen, active, over_doses), part


def _ranks(decoys: int) -> NDArray[np.int64]:
    return np.array([math.ceil(share * (decoys + 1)) for share in SHARES], dtype=np.int64)


def _hits(records: CalibrationRecords) -> NDArray[np.float64]:
    """Whether the true molecule is in each share of the whole library, float64 (n, shares)."""
    return (1 + records.above[:, None] <= _ranks(records.decoys)).astype(np.float64)


def _score(chance: NDArray[np.float64], hit: NDArray[np.float64]) -> float:
    return round(float(((chance - hit) ** 2).mean()), 5)


def _group(records: CalibrationRecords) -> NDArray[np.int64]:
    return np.unique(records.molecule, return_inverse=True)[1].astype(np.int64)


def _edges(records: CalibrationRecords, covariate: str) -> NDArray[np.float64]:
    """Between the thirds of a covariate; fewer where its values tie."""
    values = getattr(records, covariate)
    values = values[np.isfinite(values)].astype(np.float64)
    if not len(values):
        return np.empty(0)
    edges = np.unique(np.quantile(values, np.arange(1, _PARTS) / _PARTS))
    return edges[edges < values.max()]


def _parts(records: CalibrationRecords, covariate: str, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 for the whole stratum, where the value is unknown; else the number of the part, from 1."""
    if not covariate:
        return np.zeros(len(records), dtype=np.int64)
    values = getattr(records, covariate).astype(np.float64)
    return np.where(np.isfinite(values), 1 + np.searchsorted(edges, values, side="left"), 0)


def _offered(records: CalibrationRecords, covariate: str) -> bool:
    """Whether a covariate parts a stratum into parts that are each large enough for a curve."""
    edges = _edges(records, covariate)
    parts = _parts(records, covariate, edges)
    return len(edges) > 0 and all(
        len(np.unique(records.molecule[parts == number])) >= FEWEST_MOLECULES
        for number in range(1, len(edges) + 2)
    )


def _fit(records: CalibrationRecords, covariate: str) -> _Model:
    hits = _hits(records)
    if not covariate:
        return _Model("", np.empty(0), hits.mean(axis=0)[None])
    edges = _edges(records, covariate)
    parts = _parts(records, covariate, edges)
    groups = [hits, *(hits[parts == number] for number in range(1, len(edges) + 2))]
    return _Model(covariate, edges, np.array([group.mean(axis=0) for group in groups]))


def _cross_fitted(records: CalibrationRecords, seed: int, covariate: str | None) -> NDArray[np.float64]:
    """Chances (n, shares), each from other molecules; None chooses the covariate anew on those."""
    group = _group(records)
    fold = np.random.default_rng(seed).permutation(group.max() + 1)[group] % _FOLDS
    out = np.empty((len(records), len(SHARES)))
    for number in range(_FOLDS):
        test = fold == number
        rest = records.take(~test)
        name = _choose(rest, seed) if covariate is None else covariate
        out[test] = _fit(rest, name if name and _offered(rest, name) else "").predict(records.take(test))
    return out


def _choose(records: CalibrationRecords, seed: int) -> str:
    """The covariate that lowers the cross-fitted Brier score most, of those that do so beyond doubt; or ""."""
    hits, group = _hits(records), _group(records)
    constant = ((_cross_fitted(records, seed, "") - hits) ** 2)[:, _JUDGED].sum(axis=1)
    best, most = "", 0.0
    for name in COVARIATES:
        if not _offered(records, name):
            continue
        gain = constant - ((_cross_fitted(records, seed, name) - hits) ** 2)[:, _JUDGED].sum(axis=1)
        sums, counts = np.bincount(group, weights=gain), np.bincount(group)
        drawn = np.random.default_rng(seed).integers(0, len(sums), (_DRAWS, len(sums)))
        means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        if np.percentile(means, _SURE) > 0 and gain.mean() > most:
            best, most = name, float(gain.mean())
    return best


def _knots(decoys: int) -> NDArray[np.int64]:
    exact = np.arange(min(_EXACT, decoys) + 1)
    steps = np.geomspace(max(1, exact[-1]), decoys, 2 + int(np.log(max(decoys / _EXACT, 1)) / np.log(1.05)))
    return np.unique(np.concatenate([exact, np.rint(steps).astype(np.int64)]))


def _curve(records: CalibrationRecords, knots: NDArray[np.int64], seed: int) -> Curve:
    group = _group(records)
    molecules = int(group.max()) + 1
    below = (records.above[:, None] <= knots).astype(np.float64)
    sums = np.zeros((molecules, len(knots)))
    np.add.at(sums, group, below)
    counts = np.bincount(group).astype(np.float64)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(molecules, np.full(molecules, 1 / molecules), size=_DRAWS).astype(np.float64)
    band = np.percentile((drawn @ sums) / (drawn @ counts)[:, None], [2.5, 97.5], axis=0)
    low, high = np.maximum.accumulate(band, axis=1)
    return Curve(
        probability=tuple(below.mean(axis=0).tolist()), low=tuple(low.tolist()), high=tuple(high.tolist())
    )
