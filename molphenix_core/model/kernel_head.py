"""The kernel head: a closed-form regression from (molecule, dose) to the phenotype, beside the towers.

With few molecules a kernel predicts what towers have not learned yet. The head is Gaussian-process regression with
the kernel ``k(m, m') k(c, c')`` on encoded molecules and log10 doses, and scores a candidate by its likelihood

    log N(x; f(m, c), C) = u . v - |v|^2 / 2 + (what depends on x alone),   u = L^T (x - mean),  v = L^T f(m, c),

where ``C`` is the covariance of what is left unexplained for molecules left out, and ``L L^T`` its inverse. As a
dot product of (u, 1) and (v, -|v|^2 / 2) it joins the cosine of the towers in one vector, so that a library is
still searched by one product. A coordinate that fills candidates up to one length keeps them unit vectors (maximum
inner products as cosines: Bachrach et al., RecSys 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError

__all__ = ["KernelHead", "KernelHeadConfig", "dose_kernel", "fit_kernel_head"]

_ROOM = 0.99
_OFFSET = 1.0  # of the molecule kernel: what all molecules share, the effect of the dose above all
_UNKNOWN = np.float32(1e9)  # what an unknown dose is stored as: a tensor file holds finite numbers only
_LARGEST_LOG = 12.0  # log10 micromolar either way: beyond all that can be dissolved or counted
_TYPES: Mapping[str, type[np.generic]] = {
    "molecules": np.float16,
    "molecule": np.int32,
    "log_dose": np.float32,
    "dual": np.float32,
    "mean": np.float32,
    "root": np.float32,
    "spread": np.float32,
    "towers": np.float32,
    "length": np.float32,
}


@dataclass(frozen=True)
class KernelHeadConfig:
    """How to fit a kernel head.

    Parameters
    ----------
    ridge : float
        Added to the diagonal of the kernel, whose own diagonal is about one.
    dose_width : float
        Standard deviation of the Gaussian on doses, in log10 units.
    shrinkage : float
        Of the residual covariance toward a multiple of the identity, 0 to 1.
    """

    ridge: float = 0.3
    dose_width: float = 0.5
    shrinkage: float = 0.3


@dataclass(frozen=True, eq=False)
class KernelHead:
    """A fitted head of one embedding space.

    Parameters
    ----------
    molecules : float16 (n_molecules, r)
        Encoded training molecules.
    molecule : int32 (n,)
        Row of each training treatment in them.
    log_dose : float32 (n,)
        log10 micromolar; infinite where unknown.
    dual : float32 (n, d)
        Weights of the regression, times ``root``.
    mean : float32 (d,)
        Of the training phenotypes.
    root : float32 (d, d)
        Cholesky factor of the inverse residual covariance.
    spread : float32 (d + 1, d + 1)
        Second moments about the mean of (v, -|v|^2 / 2), over training molecules left out.
    towers : float32 (joint, joint)
        Second moments about the mean of what the molecule tower makes of the same treatments; see
        :meth:`beside_towers`.
    length : float32 (2,)
        What candidates are filled up to, and the dose width.
    """

    molecules: NDArray[np.float16]
    molecule: NDArray[np.int32]
    log_dose: NDArray[np.float32]
    dual: NDArray[np.float32]
    mean: NDArray[np.float32]
    root: NDArray[np.float32]
    spread: NDArray[np.float32]
    towers: NDArray[np.float32]
    length: NDArray[np.float32]

    def beside_towers(self, z_m: NDArray[np.float32]) -> KernelHead:
        """The head, knowing how widely the scores of trained towers are spread.

        Parameters
        ----------
        z_m : float32 (n, joint)
            The training treatments' molecules at their doses, embedded by the molecule tower.

        Returns
        -------
        KernelHead
        """
        return replace(self, towers=np.cov(z_m.T.astype(np.float64), bias=True).astype(np.float32))

    def tower_spread(self, z_x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standard deviation of the tower scores of random candidates: ``sqrt(z_x^T towers z_x)``.

        Parameters
        ----------
        z_x : float32 (n, joint)
            Queries, embedded by the phenomics tower.

        Returns
        -------
        float32 (n, 1)
            Above zero.
        """
        variance = np.einsum("ni,ij,nj->n", z_x, self.towers, z_x)
        return np.sqrt(np.maximum(variance, 1e-12))[:, None]

    @property
    def width(self) -> int:
        """Coordinates that the head adds to the joint space."""
        return len(self.mean) + 2

    def embed_phenotypes(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Query vectors, scaled so that scores of random candidates have a standard deviation of one.

        Parameters
        ----------
        values : float32 (n, d)

        Returns
        -------
        float32 (n, width)
        """
        query = np.ones((len(values), self.width), dtype=np.float32)
        query[:, :-2] = (values - self.mean) @ self.root
        query[:, -1] = 0.0
        variance = np.einsum("ni,ij,nj->n", query[:, :-1], self.spread, query[:, :-1])
        return query / np.sqrt(np.maximum(variance, 1e-12)).astype(np.float32)[:, None]

    def embed_molecules(self, features: NDArray[np.float32], doses: NDArray[np.float64]) -> NDArray[np.float32]:
        """Candidate vectors.

        Parameters
        ----------
        features : float32 (n, r)
            Encoded molecules.
        doses : float64 (k,)
            Micromolar, NaN where unknown.

        Returns
        -------
        float32 (n, k, width)
            All of length ``length[0]``; a prediction too long for it is drawn in.
        """
        kernel = _molecule_kernel(features, self.molecules.astype(np.float32))
        nearness = dose_kernel(np.log10(doses), self.log_dose.astype(np.float64), float(self.length[1]))
        out = np.empty((len(features), len(doses), self.width), dtype=np.float32)
        for number, near in enumerate(nearness.astype(np.float32)):
            weights = np.zeros((len(self.molecules), self.dual.shape[1]), dtype=np.float32)
            np.add.at(weights, self.molecule, self.dual * near[:, None])
            out[:, number] = _filled(kernel @ weights, float(self.length[0]))
        return out

    def pulls(
        self, query: NDArray[np.floating], features: NDArray[np.float32], dose: float
    ) -> tuple[NDArray[np.float64], float, float]:
        """Take the score of one candidate for one phenotype apart, exactly.

        Parameters
        ----------
        query : float (width,)
            As :meth:`embed_phenotypes` gives it, at any scale: the parts are at the same.
        features : float32 (r,)
            Of the encoded molecule.
        dose : float
            Micromolar, NaN where unknown.

        Returns
        -------
        float64 (n,)
            What each training treatment adds by the likeness of its molecule to the candidate.
        float
            What all molecules get at this dose, whatever their structure.
        float
            What a prediction far from the mean loses: the ``-|v|^2 / 2`` of the likelihood. The three sum up to
            the product of the query with what :meth:`embed_molecules` gives.
        """
        training = self.molecules.astype(np.float64)
        near = dose_kernel(np.log10([dose]), self.log_dose.astype(np.float64), float(self.length[1]))[0]
        along = near * (self.dual.astype(np.float64) @ np.asarray(query, dtype=np.float64)[:-2])
        alike = (training @ features.astype(np.float64))[self.molecule] / (1 + _OFFSET)
        # A prediction too long for its vector is drawn in, and every part with it.
        kernel = _molecule_kernel(features[None].astype(np.float64), training)[0]
        predicted = (kernel[self.molecule] * near) @ self.dual.astype(np.float64)
        vector = _filled(predicted[None], float(self.length[0]))[0].astype(np.float64)
        length = float(predicted @ predicted)
        shrink = float(predicted @ vector[:-2]) / length if length > 0 else 1.0
        shared = _OFFSET / (1 + _OFFSET) * float(along.sum())
        return shrink * alike * along, shrink * shared, float(query[-2]) * float(vector[-2])

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Name the constants, to be stored as tensors; :meth:`from_arrays` reads them."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays["log_dose"] = np.where(np.isfinite(self.log_dose), self.log_dose, _UNKNOWN)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], *, source: str = "kernel head") -> KernelHead:
        """Read what :meth:`to_arrays` gave.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            By attribute.
        source : str
            Where they come from, for messages.

        Returns
        -------
        KernelHead

        Raises
        ------
        InputError
            An array is missing, of another type, of a shape that does not fit the others, points outside, or holds
            an impossible dose or length.
        """
        for name, kind in _TYPES.items():
            if name not in arrays:
                raise InputError(source, name, "nothing", "an array")
            if arrays[name].dtype != kind:
                raise InputError(source, name, str(arrays[name].dtype), kind.__name__)
        for name, dimensions in (("molecules", 2), ("molecule", 1), ("mean", 1), ("towers", 2)):
            if arrays[name].ndim != dimensions:
                raise InputError(source, name, f"shape {arrays[name].shape}", f"dimensions: {dimensions}")
        n, d = len(arrays["molecule"]), len(arrays["mean"])
        shapes = {
            "molecule": (n,),
            "log_dose": (n,),
            "dual": (n, d),
            "mean": (d,),
            "root": (d, d),
            "spread": (d + 1, d + 1),
            "towers": (len(arrays["towers"]),) * 2,
            "length": (2,),
        }
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise InputError(source, name, f"shape {arrays[name].shape}", f"shape {shape}")
        rows = np.asarray(arrays["molecule"], dtype=np.int32)
        if rows.min(initial=0) < 0 or rows.max(initial=-1) >= len(arrays["molecules"]):
            raise InputError(source, "molecule", "rows outside", f"rows of {len(arrays['molecules'])} molecules")
        length, log_dose = (np.asarray(arrays[name], dtype=np.float32) for name in ("length", "log_dose"))
        if not (length > 0).all():
            raise InputError(source, "length", str(length.tolist()), "two numbers above zero")
        absurd = log_dose[(np.abs(log_dose) > _LARGEST_LOG) & (log_dose != _UNKNOWN)]
        if absurd.size:
            expected = f"log10 micromolar within {_LARGEST_LOG:g}, or {_UNKNOWN:g} where unknown"
            raise InputError(source, "log_dose", f"{absurd[0]:g}", expected)
        values = {name: np.asarray(arrays[name]) for name in _TYPES}
        values["log_dose"] = np.where(log_dose == _UNKNOWN, np.float32(np.inf), log_dose)
        return cls(**values)


def fit_kernel_head(
    features: NDArray[np.float32],
    molecule: NDArray[np.integer],
    doses: NDArray[np.float64],
    phenotypes: NDArray[np.float32],
    config: KernelHeadConfig,
) -> KernelHead:
    """Fit to training treatments.

    Parameters
    ----------
    features : float32 (n_molecules, r)
        Encoded molecules; those without a treatment are passed over.
    molecule : int (n,)
        Row of each treatment in them.
    doses : float64 (n,)
        Micromolar, NaN where unknown.
    phenotypes : float32 (n, d)
        Mean embeddings.
    config : KernelHeadConfig

    Returns
    -------
    KernelHead
    """
    present, row = np.unique(molecule, return_inverse=True)
    molecules = features[present].astype(np.float16)
    log_dose = np.log10(doses)
    mean = phenotypes.mean(axis=0, dtype=np.float64)
    target = phenotypes - mean
    kernel = _molecule_kernel(molecules.astype(np.float64), molecules.astype(np.float64))[np.ix_(row, row)]
    kernel *= dose_kernel(log_dose, log_dose, config.dose_width)
    inverse = np.linalg.inv(kernel + config.ridge * np.eye(len(kernel)))
    dual = inverse @ target
    left_out = np.empty_like(target)
    for number in range(len(present)):
        # What the regression misses for a molecule when all of its treatments are left out (block form of the
        # leave-one-out residual).
        rows = np.flatnonzero(row == number)
        left_out[rows] = np.linalg.solve(inverse[np.ix_(rows, rows)], dual[rows])
    covariance = left_out.T @ left_out / len(left_out)
    d = len(covariance)
    shrunk = (1 - config.shrinkage) * covariance + config.shrinkage * np.trace(covariance) / d * np.eye(d)
    root = np.linalg.cholesky(np.linalg.inv(shrunk))
    predicted = (target - left_out) @ root
    scored = np.column_stack([predicted, -0.5 * (predicted**2).sum(axis=1)])
    # Room for nearly all predictions of unseen molecules. Those of seen ones are longer, and are drawn in: were
    # there room for the longest, the filling would dwarf all else in the joint vector.
    longest = float(np.quantile((predicted**2).sum(axis=1), _ROOM))
    return KernelHead(
        molecules=molecules,
        molecule=row.astype(np.int32),
        log_dose=np.where(np.isnan(log_dose), np.inf, log_dose).astype(np.float32),
        dual=(dual @ root).astype(np.float32),
        mean=mean.astype(np.float32),
        root=root.astype(np.float32),
        spread=np.cov(scored.T, bias=True).astype(np.float32),
        towers=np.zeros((0, 0), dtype=np.float32),
        length=np.array([np.sqrt(longest + longest**2 / 4), config.dose_width], dtype=np.float32),
    )


def _molecule_kernel(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    return (a @ b.T + _OFFSET) / (1 + _OFFSET)


def dose_kernel(doses: NDArray[np.float64], training: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Gaussian of the difference in log10 dose.

    An unknown dose stands for any of the known training doses: its feature is the mean of theirs, so that the
    kernel stays positive semidefinite. Where all training doses are unknown, all doses are alike.

    Parameters
    ----------
    doses : float64 (n,)
        log10 micromolar; not finite where unknown.
    training : float64 (m,)
        The same of the training treatments.
    width : float
        Standard deviation, in log10 units.

    Returns
    -------
    float64 (n, m)
    """
    known = training[np.isfinite(training)]
    if not len(known):
        return np.ones((len(doses), len(training)))
    grid, count = np.unique(known, return_counts=True)
    points = np.union1d(grid, doses[np.isfinite(doses)])
    gaussian = np.exp(-(np.subtract.outer(points, points) ** 2) / (2 * width**2))
    mean = np.zeros(len(points))
    mean[np.searchsorted(points, grid)] = count / count.sum()
    return _mixtures(doses, points, mean) @ gaussian @ _mixtures(training, points, mean).T


def _mixtures(
    doses: NDArray[np.float64], points: NDArray[np.float64], unknown: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Which share of each point a dose is (n, points): one of them, or the mean of the training doses."""
    out = np.zeros((len(doses), len(points)))
    finite = np.isfinite(doses)
    out[np.flatnonzero(finite), np.searchsorted(points, doses[finite])] = 1.0
    out[~finite] = unknown
    return out


def _filled(predicted: NDArray[np.floating], length: float) -> NDArray[np.float32]:
    """(v, -|v|^2 / 2, what is missing to the length), float32 (n, d + 2)."""
    squared = (predicted.astype(np.float64) ** 2).sum(axis=1)
    # |v|^2 + |v|^4 / 4 = length^2 at the longest v that fits.
    longest = np.sqrt(2 * (np.sqrt(1 + length**2) - 1))
    shrink = np.minimum(1.0, longest / np.maximum(np.sqrt(squared), 1e-12))
    squared *= shrink**2
    rest = np.sqrt(np.maximum(length**2 - squared - squared**2 / 4, 0.0))
    return np.column_stack([predicted * shrink[:, None], -squared / 2, rest]).astype(np.float32)
