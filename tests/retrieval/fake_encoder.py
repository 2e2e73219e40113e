"""A stand-in for a model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.progress import Progress, silent


@dataclass(frozen=True)
class FakeEncoder:
    """A test double: features are the bytes of a hash of the SMILES, the tower is a fixed random projection."""

    seed: int = 0
    width: int = 8
    seen: frozenset[str] = frozenset()

    @property
    def molecule_path_hash(self) -> str:
        return f"fake-{self.seed}-{self.width}"

    def is_seen(self, inchikey: str | None) -> bool:
        return inchikey in self.seen

    def molecule_features(
        self, smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
    ) -> NDArray[np.float32]:
        assert processes is None or processes >= 1
        progress(1.0, "Computing molecule features")
        digests = [hashlib.sha256(text.encode()).digest() for text in smiles]
        return np.array([list(digest) for digest in digests], dtype=np.float32) / 128 - 1

    def embed_molecules(self, features: NDArray[np.float32], doses: NDArray[np.float64]) -> NDArray[np.float32]:
        random = np.random.default_rng(self.seed)
        tower = random.normal(size=(32, self.width))
        shift = random.normal(size=self.width)
        level = np.where(np.isfinite(doses), np.log10(np.where(np.isfinite(doses), doses, 1)) + 3, 0)
        vectors = (features @ tower)[:, None, :] + level[None, :, None] * shift
        return (vectors / np.linalg.norm(vectors, axis=2, keepdims=True)).astype(np.float32)
