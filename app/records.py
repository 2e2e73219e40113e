"""What the engine tells the window: plain values and arrays, no tables of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Candidate",
    "Chance",
    "Measured",
    "Molecule",
    "Nearest",
    "Own",
    "Ranking",
    "Session",
]


@dataclass(frozen=True)
class Molecule:
    """A structure as lists and the molecule panel show it."""

    name: str
    smiles: str
    inchikey: str = ""
    mechanism: str = ""
    seen: bool | None = None

    @property
    def key(self) -> str:
        """What makes two entries one molecule."""
        return self.inchikey or self.smiles

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Molecule:
        return cls(
            name=packed.get("name") or "",
            smiles=packed.get("smiles") or "",
            inchikey=packed.get("inchikey") or "",
            mechanism=packed.get("mechanism") or "",
            seen=packed.get("seen"),
        )


@dataclass(frozen=True)
class Nearest:
    """The training molecule most like some molecule.

    Parameters
    ----------
    name : str
    similarity : float
        Tanimoto.
    percentile : float
        Among the training molecules' own similarities to the nearest one of another scaffold.
    outside : bool
        Whether that is too low for the molecule to lie within what the model was trained on.
    """

    name: str
    similarity: float
    percentile: float
    outside: bool

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Nearest | None:
        name = packed.get("nearest_training")
        if name is None:
            return None
        return cls(
            name=name,
            similarity=float(packed["nearest_training_similarity"]),
            percentile=float(packed["nearest_training_percentile"]),
            outside=bool(packed["outside"]),
        )


@dataclass(frozen=True)
class Chance:
    """The calibrated chance of a ranking in words, with what it was measured on; or why none is given.

    Parameters
    ----------
    text : str
        One sentence.
    holds_for : str
        The kind of treatments it holds for, "" without a chance.
    basis : str
        The same at length.
    calibrated : bool
        Whether there is a chance.
    """

    text: str
    holds_for: str
    basis: str
    calibrated: bool


@dataclass(frozen=True)
class Candidate:
    """A molecule of the library, ranked by predicted similarity.

    Parameters
    ----------
    dose : float or None
        Micromolar.
    row : int
        Of the molecule in the library.
    """

    rank: int
    molecule: Molecule
    score: float
    dose: float | None
    own: bool
    nearest: Nearest | None = None
    row: int = -1


@dataclass(frozen=True)
class Measured:
    """A treatment that was measured, by cosine similarity to the selection.

    Parameters
    ----------
    dose : float or None
        Micromolar.
    n_wells : int
        Replicates behind it.
    origin : str
        Where it was measured.
    own : bool
        Whether it is the molecule of the selected wells, at another dose.
    """

    molecule: Molecule
    similarity: float
    dose: float | None
    n_wells: int
    origin: str
    own: bool
    nearest: Nearest | None = None


@dataclass(frozen=True)
class Own:
    """Where the molecule that is known to be in the wells stands; no rank where the library lacks it."""

    name: str
    rank: float | None
    of: int
    chance_rank: float
    key: str = ""
    nearest: Nearest | None = None


@dataclass(frozen=True)
class Ranking:
    """Candidates and measured neighbours of the mean of some wells.

    Parameters
    ----------
    training_percentile : float or None
        How far the wells are from the training data, as a percentile among those.
    """

    candidates: tuple[Candidate, ...]
    measured: tuple[Measured, ...]
    own: Own | None
    chance: Chance
    training_percentile: float | None
    library_size: int
    scored_at: float | None
    note: str
    n_wells: int
    n_treatments: int

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Ranking:
        candidates = tuple(
            Candidate(
                int(c["rank"]),
                Molecule.unpack(c),
                float(c["score"]),
                c.get("dose"),
                bool(c["own"]),
                Nearest.unpack(c),
                int(c.get("molecule", -1)),
            )
            for c in packed["candidates"]
        )
        measured = tuple(
            Measured(
                Molecule.unpack(m),
                float(m["similarity"]),
                m.get("dose"),
                int(m["n_wells"]),
                m["origin"],
                bool(m["own"]),
                Nearest.unpack(m),
            )
            for m in packed["measured"]
        )
        own = packed.get("own")
        return cls(
            candidates=candidates,
            measured=measured,
            own=own
            and Own(
                own["name"],
                own["rank"],
                int(own["of"]),
                float(own["chance_rank"]),
                own["key"],
                Nearest.unpack(own),
            ),
            chance=Chance(**packed["chance"]),
            training_percentile=packed["training_percentile"],
            library_size=int(packed["library_size"]),
            scored_at=packed.get("scored_at"),
            note=packed.get("note") or "",
            n_wells=int(packed["n_wells"]),
            n_treatments=int(packed["n_treatments"]),
        )

    def nearest(self, molecule: Molecule) -> Nearest | None:
        """The training molecule nearest to one of those ranked; None for any other."""
        if self.own is not None and self.own.key == molecule.key:
            return self.own.nearest
        listed: list[Candidate | Measured] = [*self.candidates, *self.measured]
        return next((one.nearest for one in listed if one.molecule.key == molecule.key), None)


@dataclass(frozen=True)
class Session:
    """The model and library in use, worded for the status line; or why one of them cannot be used.

    Parameters
    ----------
    model_hash : str
        SHA-256 of the whole model: any part that is trained anew makes another one.
    molecule_path_hash : str
        Of its molecule path alone, which says what libraries fit it.
    library_hash : str
        SHA-256 of the library's embeddings.
    """

    model: str = ""
    model_detail: str = ""
    model_error: str = ""
    library: str = ""
    library_detail: str = ""
    library_error: str = ""
    model_hash: str = ""
    molecule_path_hash: str = ""
    library_hash: str = ""

    @property
    def unusable(self) -> str:
        """What cannot be used: "model", "library", "model and library", or "" where all is well."""
        parts = (("model", self.model_error), ("library", self.library_error))
        return " and ".join(name for name, error in parts if error)
