"""One form for each structure, so that the same molecule is the same wherever it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem, rdBase
from rdkit.Chem.MolStandardize import rdMolStandardize

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.progress import Progress, silent

__all__ = ["STANDARDISER", "StandardMolecule", "parse", "shorten", "standardise", "standardise_many"]

STANDARDISER = "rdkit-cleanup-largest-uncharge-1"
"""Name of the rules below. It changes when they do: models and libraries made with others do not fit."""

MAX_CHARACTERS = 5_000
MAX_HEAVY_ATOMS = 300


@dataclass(frozen=True)
class StandardMolecule:
    """The parent of a structure.

    Attributes
    ----------
    smiles : str
        Canonical isomeric SMILES.
    inchikey : str
        Full InChIKey (27 characters); the first 14 are the connectivity.
    """

    smiles: str
    inchikey: str


def shorten(text: str, length: int = 60) -> str:
    """Quote a text for a message, cut where it is too long to read.

    Parameters
    ----------
    text : str
    length : int
        The most characters to show.

    Returns
    -------
    str
        In quotes; ends in an ellipsis where it was cut.
    """
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def parse(smiles: str, *, source: str = "structure", field: str = "SMILES") -> Chem.Mol:
    """Parse a SMILES that comes from outside.

    Parameters
    ----------
    smiles : str
        SMILES, extensions of ChemAxon included.
    source, field : str
        Where it stands, for the message.

    Returns
    -------
    rdkit.Chem.Mol

    Raises
    ------
    MoleculeError
        Not a text, empty, over 5,000 characters or 300 heavy atoms, or not valid.
    """
    # Tables hold None or NaN where a structure is missing.
    text = smiles.strip() if isinstance(smiles, str) else ""
    if not text:
        raise MoleculeError(source, field, "nothing", "a SMILES")
    if len(text) > MAX_CHARACTERS:
        raise MoleculeError(
            source, field, f"{len(text):,} characters ({shorten(text)})", f"a SMILES of at most {MAX_CHARACTERS:,}"
        )
    with rdBase.BlockLogs():
        # RDKit would read the first of several lines and pass over the rest.
        mol = Chem.MolFromSmiles(text) if len(text.splitlines()) == 1 else None
    if mol is None or mol.GetNumAtoms() == 0:
        raise MoleculeError(source, field, shorten(text), "a valid SMILES")
    if mol.GetNumHeavyAtoms() > MAX_HEAVY_ATOMS:
        raise MoleculeError(
            source,
            field,
            f"{mol.GetNumHeavyAtoms():,} heavy atoms ({shorten(text)})",
            f"a molecule of at most {MAX_HEAVY_ATOMS}",
        )
    return mol


@lru_cache(maxsize=1)
def _rules() -> tuple[rdMolStandardize.LargestFragmentChooser, rdMolStandardize.Uncharger]:
    return rdMolStandardize.LargestFragmentChooser(), rdMolStandardize.Uncharger()


def standardise(smiles: str, *, source: str = "structure", field: str = "SMILES") -> StandardMolecule:
    """Standardise one structure: clean up, keep the largest fragment, neutralise.

    Parameters
    ----------
    smiles : str
        SMILES as found.
    source, field : str
        Where it stands, for the message.

    Returns
    -------
    StandardMolecule

    Raises
    ------
    MoleculeError
        The structure cannot be parsed (see :func:`parse`) or standardised, or has no InChI (a wildcard atom, an
        impossible charge).
    """
    mol = parse(smiles, source=source, field=field)
    largest, uncharger = _rules()
    with rdBase.BlockLogs():
        try:
            for atom in mol.GetAtoms():
                atom.SetAtomMapNum(0)
            parent = uncharger.uncharge(largest.choose(rdMolStandardize.Cleanup(mol)))
            # Read back what is written, so that key and features come from the very text that is kept.
            parent = Chem.MolFromSmiles(Chem.MolToSmiles(parent))
        except (ValueError, RuntimeError) as error:
            raise MoleculeError(
                source, field, shorten(smiles), "a structure that RDKit can standardise"
            ) from error
        inchikey = Chem.MolToInchiKey(parent) if parent is not None else ""
    if not inchikey:
        raise MoleculeError(
            source,
            field,
            f"{shorten(smiles)}, which has no InChI",
            "a complete structure without wildcard atoms or impossible charges",
        )
    return StandardMolecule(Chem.MolToSmiles(parent), inchikey)


def _standardise_chunk(smiles: Sequence[str]) -> list[StandardMolecule | MoleculeError]:
    results: list[StandardMolecule | MoleculeError] = []
    for text in smiles:
        try:
            results.append(standardise(text))
        except MoleculeError as error:
            results.append(error)
    return results


def standardise_many(
    smiles: Sequence[str],
    *,
    source: str = "structure",
    processes: int | None = None,
    progress: Progress = silent,
) -> list[StandardMolecule | MoleculeError]:
    """Standardise many structures; those that cannot be stand in the result as their error.

    Parameters
    ----------
    smiles : sequence of str, (n,)
        As found; equal texts are worked on once. None or NaN stands for a missing structure.
    source : str
        Where they stand, for the messages.
    processes : int, optional
        By default one up to 5,000 structures, else one per processor.
    progress : callable
        Told the share done.

    Returns
    -------
    list of StandardMolecule or MoleculeError, (n,)
        In the order given. The field of an error names the row, the first being row 1.
    """
    texts = [text if isinstance(text, str) else "" for text in smiles]
    unique = list(dict.fromkeys(texts))
    found: dict[str, StandardMolecule | MoleculeError] = {}
    chunks = map_chunks(
        _standardise_chunk, unique, processes=processes, progress=progress, message="Standardising structures"
    )
    for chunk in chunks:
        found.update(zip(unique[len(found) : len(found) + len(chunk)], chunk, strict=True))

    results: list[StandardMolecule | MoleculeError] = []
    for row, text in enumerate(texts, start=1):
        result = found[text]
        if isinstance(result, MoleculeError):
            result = MoleculeError(source, f"row {row}", result.found, result.expected)
        results.append(result)
    return results
