"""A substructure to look for, typed as SMARTS or drawn."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem, rdBase

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.smarts_errors import explain_smarts
from molphenix_core.molecules.standardise import parse, shorten

__all__ = ["MAX_QUERY_ATOMS", "MAX_SMARTS_CHARACTERS", "SubstructureFilter"]

MAX_QUERY_ATOMS = 100
MAX_SMARTS_CHARACTERS = 1_000
"""Bounds what stands within ``$(...)``, which RDKit counts as one atom."""


@dataclass(frozen=True, eq=False)
class SubstructureFilter:
    """A substructure that molecules have or have not; stereochemistry is not compared.

    Attributes
    ----------
    text : str
        As the user gave it.
    query : rdkit.Chem.Mol
    """

    text: str
    query: Chem.Mol

    @classmethod
    def from_smarts(cls, smarts: str, *, source: str = "substructure filter") -> SubstructureFilter:
        """Take a query in the language of SMARTS.

        Parameters
        ----------
        smarts : str
        source : str
            Where it stands, for the message.

        Returns
        -------
        SubstructureFilter

        Raises
        ------
        MoleculeError
            Empty, not valid (with the place where it goes wrong), or over 1,000 characters or 100 atoms.
        """
        text = smarts.strip()
        if not text:
            raise MoleculeError(source, "SMARTS", "nothing", "a substructure such as c1ccccc1")
        if len(text) > MAX_SMARTS_CHARACTERS:
            raise MoleculeError(
                source, "SMARTS", f"{len(text):,} characters", f"a SMARTS of at most {MAX_SMARTS_CHARACTERS:,}"
            )
        with rdBase.CaptureErrorLog() as log:
            # RDKit would read the first of several lines and take a second word for a name.
            query = Chem.MolFromSmarts(text) if len(text.split()) == 1 else None
        if query is None or query.GetNumAtoms() == 0:
            found = f"{shorten(text)}, where {explain_smarts(text, log.messages)}"
            raise MoleculeError(source, "SMARTS", found, "a valid SMARTS, such as c1ccccc1 or [NX3;H2]")
        return cls(text, _bounded(query, source, "SMARTS"))

    @classmethod
    def from_drawing(cls, smiles: str, *, source: str = "drawn structure") -> SubstructureFilter:
        """Take a drawn structure as a query: more may hang on each of its atoms.

        Parameters
        ----------
        smiles : str
            SMILES of the drawing; an asterisk stands for any atom.
        source : str
            Where it stands, for the message.

        Returns
        -------
        SubstructureFilter

        Raises
        ------
        MoleculeError
            Not a structure (see :func:`molphenix_core.molecules.standardise.parse`), or over 100 atoms.
        """
        drawn = _bounded(parse(smiles, source=source), source, "SMILES")
        adjust = Chem.AdjustQueryParameters.NoAdjustments()
        adjust.makeDummiesQueries = True  # type: ignore[assignment]
        return cls(smiles, Chem.AdjustQueryProperties(drawn, adjust))

    def atoms(self, smiles: str) -> tuple[int, ...]:
        """Find the substructure in one molecule, to highlight it.

        Parameters
        ----------
        smiles : str
            SMILES of the molecule.

        Returns
        -------
        tuple of int
            Atoms, in the order of the SMILES, of all the places where it is (of the first thousand); empty where
            it is not.

        Raises
        ------
        MoleculeError
            The SMILES cannot be parsed.
        """
        places = parse(smiles).GetSubstructMatches(self.query, maxMatches=1_000)
        return tuple(sorted({atom for place in places for atom in place}))


def _bounded(query: Chem.Mol, source: str, field: str) -> Chem.Mol:
    if query.GetNumAtoms() > MAX_QUERY_ATOMS:
        raise MoleculeError(
            source, field, f"{query.GetNumAtoms()} atoms", f"a substructure of at most {MAX_QUERY_ATOMS}"
        )
    return query
