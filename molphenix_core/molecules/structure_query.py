"""A structure to look for, in whatever form it was typed, pasted or drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rdkit import Chem, rdBase

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.standardise import parse, shorten
from molphenix_core.molecules.substructure import SubstructureFilter

__all__ = ["MAX_MOLFILE_CHARACTERS", "Language", "StructureQuery", "is_molfile"]

MAX_MOLFILE_CHARACTERS = 500_000

Language = Literal["SMARTS", "SMILES"]


@dataclass(frozen=True)
class StructureQuery:
    """What a text stands for.

    Attributes
    ----------
    text : str
        One line: SMARTS or SMILES.
    language : {"SMARTS", "SMILES"}
        How it is read as a substructure.
    smiles : str
        The structure, to compare with; "" where the text is a pattern that only SMARTS can say.
    """

    text: str
    language: Language
    smiles: str

    @classmethod
    def read(cls, text: str, *, drawn: bool = False, source: str = "structure query") -> StructureQuery:
        """Find out what a text is.

        Many texts are both SMILES and SMARTS and mean nearly the same. A SMILES is taken for one where the
        SMARTS of the same letters would not find the very molecule, as with the Kekulé form of benzene: nobody
        can have meant that.

        Parameters
        ----------
        text : str
            SMARTS, SMILES, or a molfile (V2000 or V3000).
        drawn : bool
            Whether it is known to be a structure, and so no SMARTS.
        source : str
            Where it stands, for the message.

        Returns
        -------
        StructureQuery

        Raises
        ------
        MoleculeError
            None of them; of a SMARTS with the place where it goes wrong.
        """
        if is_molfile(text):
            smiles = _smiles_of_molfile(text, source)
            return cls(smiles, "SMILES", smiles)
        text = text.strip()
        if drawn:
            return cls(text, "SMILES", Chem.MolToSmiles(parse(text, source=source)))
        smiles = _smiles(text)
        if not smiles:
            return cls(SubstructureFilter.from_smarts(text, source=source).text, "SMARTS", "")
        try:
            as_smarts = SubstructureFilter.from_smarts(text, source=source)
        except MoleculeError:
            return cls(text, "SMILES", smiles)
        finds_itself = parse(smiles).HasSubstructMatch(as_smarts.query)
        return cls(text, "SMARTS" if finds_itself else "SMILES", smiles)

    def substructure(self, *, source: str = "structure query") -> SubstructureFilter:
        """As a filter of molecules.

        Parameters
        ----------
        source : str
            Where it stands, for the message.

        Returns
        -------
        SubstructureFilter

        Raises
        ------
        MoleculeError
            Over 100 atoms.
        """
        make = SubstructureFilter.from_smarts if self.language == "SMARTS" else SubstructureFilter.from_drawing
        return make(self.text, source=source)

    def structure(self, *, source: str = "structure query") -> str:
        """As a whole molecule, to measure similarity to.

        Parameters
        ----------
        source : str
            Where it stands, for the message.

        Returns
        -------
        str
            SMILES.

        Raises
        ------
        MoleculeError
            A pattern is no molecule.
        """
        if not self.smiles:
            raise MoleculeError(
                source,
                "structure",
                f"the pattern {shorten(self.text)}",
                "a whole molecule to measure similarity to",
            )
        return self.smiles


def is_molfile(text: str) -> bool:
    """Whether a text looks like a molfile.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return "\n" in text and ("V2000" in text or "V3000" in text)


def _smiles(text: str) -> str:
    """Canonical SMILES of a text; "" where it is none, or has atoms that lack bonds, as [CH3] and [OH] do."""
    try:
        mol = parse(text)
    except MoleculeError:
        return ""
    if any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms()):
        return ""
    return Chem.MolToSmiles(mol)


def _smiles_of_molfile(text: str, source: str) -> str:
    if len(text) > MAX_MOLFILE_CHARACTERS:
        raise MoleculeError(
            source, "molfile", f"{len(text):,} characters", f"a molfile of at most {MAX_MOLFILE_CHARACTERS:,}"
        )
    with rdBase.BlockLogs():
        unchecked = Chem.MolFromMolBlock(text, sanitize=False)
        problems = Chem.DetectChemistryProblems(unchecked) if unchecked is not None else ()
        mol = Chem.MolFromMolBlock(text) if unchecked is not None and not problems else None
    if mol is None or mol.GetNumAtoms() == 0:
        found = problems[0].Message() if problems else "no atoms" if mol is not None else "lines that are none"
        raise MoleculeError(source, "molfile", found, "a molfile with a valid structure")
    smiles = Chem.MolToSmiles(mol)
    parse(smiles, source=source, field="molfile")
    return smiles
