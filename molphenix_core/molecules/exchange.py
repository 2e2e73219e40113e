"""Structures as other programs write and read them: molfiles, SD files, InChI, SMILES with a name behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdkit import Chem, rdBase
from rdkit.Chem.rdDepictor import Compute2DCoords

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.molecules.standardise import parse, shorten, standardise
from molphenix_core.progress import Progress, silent
from molphenix_core.writing import written_aside

__all__ = ["FoundStructure", "read_structure_file", "read_structure_line", "to_inchi", "to_molfile", "write_sdf"]

_MOST_RECORDS = 100_000
_LARGEST_FILE = 256 << 20
_ENDINGS = (".sdf", ".mol")
_RECORDS_A_STEP = 50


@dataclass(frozen=True)
class FoundStructure:
    """A structure that was read.

    Attributes
    ----------
    smiles, inchikey : str
        Standardised: see :func:`~molphenix_core.molecules.standardise.standardise`.
    name : str
        "" where none stands there.
    """

    smiles: str
    inchikey: str
    name: str = ""


def read_structure_line(line: str) -> FoundStructure:
    """Read a SMILES or an InChI, with or without a name behind it.

    Parameters
    ----------
    line : str
        As ``CC(=O)O acetic acid``, the lines of SMILES files.

    Returns
    -------
    FoundStructure

    Raises
    ------
    MoleculeError
        Neither of them, or a structure that cannot be standardised.
    """
    structure, _, name = line.strip().partition("\t" if "\t" in line.strip() else " ")
    if structure.startswith("InChI="):
        with rdBase.BlockLogs():
            mol = Chem.MolFromInchi(structure)
        if mol is None:
            raise MoleculeError("structure", "InChI", shorten(structure), "a valid InChI")
        structure = Chem.MolToSmiles(mol)
    found = standardise(structure)
    return FoundStructure(found.smiles, found.inchikey, " ".join(name.split()))


def read_structure_file(
    path: str | Path, *, progress: Progress = silent
) -> list[tuple[int, FoundStructure | MoleculeError]]:
    """Read the structures of a molfile or an SD file; a record that cannot be read stands there as its error.

    Parameters
    ----------
    path : path
        Ending in ``.mol`` or ``.sdf``.
    progress : callable
        See :data:`~molphenix_core.progress.Progress`.

    Returns
    -------
    list of (int, FoundStructure or MoleculeError)
        Each record with its number, from one.

    Raises
    ------
    InputError
        Another ending, a file over 256 MiB or of more than 100,000 records, or one that cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENDINGS:
        raise InputError(path, "file name", path.suffix or "no ending", " or ".join(_ENDINGS))
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise InputError(path, "size", f"{size:,} bytes", f"{_LARGEST_FILE:,} at most")
        # Names of compounds need not be UTF-8; the rest is ASCII.
        blocks = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").split("\n$$$$")
    except OSError as error:
        raise InputError(path, "file", error.strerror or str(error), "structures to read") from error
    records = [block.removeprefix("\n") for block in blocks]
    if records and not records[-1].strip():
        records.pop()
    if len(records) > _MOST_RECORDS:
        raise InputError(path, "records", f"{len(records):,}", f"{_MOST_RECORDS:,} at most")
    found: list[tuple[int, FoundStructure | MoleculeError]] = []
    for number, record in enumerate(records, 1):
        if number % _RECORDS_A_STEP == 1:
            progress(number / len(records), "Reading structures")
        try:
            found.append((number, _record(record, path, number)))
        except MoleculeError as error:
            found.append((number, error))
    return found


def _record(block: str, path: Path, number: int) -> FoundStructure:
    with rdBase.BlockLogs():
        mol = Chem.MolFromMolBlock(block)
    if mol is None or not mol.GetNumAtoms():
        raise MoleculeError(path, f"record {number}", shorten(block.split("\n")[0]), "a structure of a molfile")
    standard = standardise(Chem.MolToSmiles(mol), source=str(path), field=f"record {number}")
    return FoundStructure(standard.smiles, standard.inchikey, " ".join(block.split("\n")[0].split()))


def to_molfile(smiles: str, name: str = "") -> str:
    """A structure as a molfile with coordinates, so that other programs show what is meant.

    Parameters
    ----------
    smiles : str
    name : str
        Its first line.

    Returns
    -------
    str
        V2000, or V3000 where there are more than 999 atoms.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.
    """
    mol = parse(smiles)
    Compute2DCoords(mol)
    mol.SetProp("_Name", " ".join(name.split())[:80])
    return str(Chem.MolToMolBlock(mol))


def to_inchi(smiles: str) -> str:
    """A structure as InChI.

    Parameters
    ----------
    smiles : str

    Returns
    -------
    str
        The standard InChI.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed, or the structure has no InChI.
    """
    with rdBase.BlockLogs():
        inchi = str(Chem.MolToInchi(parse(smiles)))
    if not inchi:
        raise MoleculeError("structure", "SMILES", shorten(smiles), "a structure that has an InChI")
    return inchi


def write_sdf(
    path: str | Path,
    smiles: Sequence[str],
    names: Sequence[str],
    properties: Mapping[str, Sequence[str]],
    *,
    progress: Progress = silent,
) -> int:
    """Write structures with their data as an SD file, aside and then renamed.

    Parameters
    ----------
    path : path
    smiles, names : sequence of str, (n,)
        What cannot be parsed, as "", is left out.
    properties : mapping of str to sequence of str, (n,)
        Data of each record by name; an empty text is left out.
    progress : callable
        See :data:`~molphenix_core.progress.Progress`.

    Returns
    -------
    int
        How many records were written.

    Raises
    ------
    InputError
        No structure at all, or a place that cannot be written to.
    Cancelled
        From ``progress``; nothing is written then.
    """
    written = 0
    with written_aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as file:
        for i, text in enumerate(smiles):
            if i % _RECORDS_A_STEP == 0:
                progress(i / len(smiles), "Writing structures")
            try:
                block = to_molfile(text, names[i])
            except MoleculeError:
                continue
            file.write(block)
            for name, values in properties.items():
                # An empty line would end the value.
                value = " ".join(values[i].split())
                if value:
                    file.write(f">  <{name}>\n{value}\n\n")
            file.write("$$$$\n")
            written += 1
        if not written:
            raise InputError(path, "structures", "none", "one at least")
    return written
