"""Drawings of structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from molphenix_core.molecules.standardise import parse
from molphenix_core.molecules.structure_query import StructureQuery

__all__ = ["depict_png", "depict_query_png", "depict_svg"]

# As in the journals' style: a bond is about twice the height of a letter and 24 times as long as wide.
_BOND_LENGTH = 26.0
_BOND_WIDTH = 1.2
_FONT_SIZE = 12

_DARK_COLOURS = {
    6: (0.90, 0.90, 0.90),
    7: (0.51, 0.69, 1.00),
    8: (1.00, 0.47, 0.45),
    9: (0.45, 0.85, 0.60),
    15: (1.00, 0.70, 0.35),
    16: (0.93, 0.83, 0.35),
    17: (0.45, 0.85, 0.45),
    35: (0.90, 0.62, 0.45),
    53: (0.80, 0.58, 0.95),
}
_LIGHT_COLOURS = {
    6: (0.10, 0.10, 0.10),
    7: (0.08, 0.25, 0.75),
    8: (0.78, 0.08, 0.08),
    9: (0.00, 0.45, 0.25),
    15: (0.70, 0.40, 0.00),
    16: (0.50, 0.42, 0.00),
    17: (0.05, 0.45, 0.05),
    35: (0.55, 0.22, 0.05),
    53: (0.42, 0.10, 0.60),
}


def _draw(
    drawer: rdMolDraw2D.MolDraw2D, smiles: str, scale: float, dark: bool, highlight_atoms: Sequence[int]
) -> None:
    mol = parse(smiles)
    highlighted = [int(atom) for atom in highlight_atoms]
    if any(not 0 <= atom < mol.GetNumAtoms() for atom in highlighted):
        raise ValueError(
            f"highlighted atoms {highlighted} are not all among the {mol.GetNumAtoms()} of the molecule"
        )
    _draw_mol(drawer, mol, scale, dark, highlighted)


def _draw_mol(
    drawer: rdMolDraw2D.MolDraw2D, mol: Chem.Mol, scale: float, dark: bool, highlighted: Sequence[int]
) -> None:
    rdDepictor.Compute2DCoords(mol, canonOrient=True)
    rdDepictor.StraightenDepiction(mol)

    options = drawer.drawOptions()
    colours = _DARK_COLOURS if dark else _LIGHT_COLOURS
    options.setAtomPalette({-1: colours[6], **colours})
    options.setLegendColour(colours[6])
    options.setSymbolColour(colours[6])
    options.setHighlightColour((0.19, 0.37, 0.66) if dark else (0.72, 0.84, 1.00))
    style = {
        "clearBackground": False,
        "padding": 0.05,
        # A ceiling, not a constant: a molecule too large for the box is drawn smaller, letters and all.
        "fixedBondLength": _BOND_LENGTH * scale,
        "bondLineWidth": _BOND_WIDTH * scale,
        "scaleBondWidth": False,
        "multipleBondOffset": 0.18,
        "highlightBondWidthMultiplier": 21,
        "scaleHighlightBondWidth": True,
        "highlightRadius": 0.22,
        "baseFontSize": _FONT_SIZE / _BOND_LENGTH,
        "maxFontSize": round(_FONT_SIZE * scale),
        "minFontSize": max(1, round(0.5 * _FONT_SIZE * scale)),
    }
    for name, value in style.items():
        setattr(options, name, value)
    among = set(highlighted)
    bonds = [bond.GetIdx() for bond in mol.GetBonds() if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= among]
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, mol, highlightAtoms=highlighted, highlightBonds=bonds)
    drawer.FinishDrawing()


def _box(width: int, height: int, scale: float) -> tuple[int, int]:
    if width < 1 or height < 1 or scale <= 0:
        raise ValueError(f"a drawing must be at least 1 x 1, not {width} x {height} at scale {scale}")
    return max(1, round(width * scale)), max(1, round(height * scale))


def depict_png(
    smiles: str,
    *,
    width: int,
    height: int,
    scale: float = 1.0,
    dark: bool = False,
    highlight_atoms: Sequence[int] = (),
) -> bytes:
    """Draw a structure as a PNG on a transparent ground.

    Parameters
    ----------
    smiles : str
        SMILES.
    width, height : int
        Logical pixels.
    scale : float
        Device pixels to a logical pixel: the image is ``round(width * scale)`` wide.
    dark : bool
        Colours for a dark ground.
    highlight_atoms : sequence of int
        Atoms, in the order of the SMILES, to stand out.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.
    ValueError
        An atom to highlight is none of the molecule's.
    """
    drawer = rdMolDraw2D.MolDraw2DCairo(*_box(width, height, scale))
    _draw(drawer, smiles, scale, dark, highlight_atoms)
    return drawer.GetDrawingText()


def depict_query_png(
    query: StructureQuery, *, width: int, height: int, scale: float = 1.0, dark: bool = False
) -> bytes:
    """Draw what is looked for as a PNG on a transparent ground: a structure, or the atoms of a SMARTS.

    Parameters
    ----------
    query : StructureQuery
    width, height : int
        Logical pixels.
    scale : float
        Device pixels to a logical pixel.
    dark : bool
        Colours for a dark ground.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    MoleculeError
        The query is too large.
    """
    if query.smiles:
        return depict_png(query.smiles, width=width, height=height, scale=scale, dark=dark)
    mol = Chem.Mol(query.substructure().query)
    mol.UpdatePropertyCache(strict=False)
    drawer = rdMolDraw2D.MolDraw2DCairo(*_box(width, height, scale))
    options: Any = drawer.drawOptions()
    options.prepareMolsBeforeDrawing = False
    _draw_mol(drawer, mol, scale, dark, ())
    return drawer.GetDrawingText()


def depict_svg(
    smiles: str,
    *,
    width: int,
    height: int,
    dark: bool = False,
    highlight_atoms: Sequence[int] = (),
) -> str:
    """Draw a structure as SVG on a transparent ground.

    Parameters
    ----------
    smiles : str
        SMILES.
    width, height : int
        Pixels, as the drawing's own size; it scales.
    dark : bool
        Colours for a dark ground.
    highlight_atoms : sequence of int
        Atoms, in the order of the SMILES, to stand out.

    Returns
    -------
    str
        The file's content.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.
    ValueError
        An atom to highlight is none of the molecule's.
    """
    drawer = rdMolDraw2D.MolDraw2DSVG(*_box(width, height, 1.0))
    _draw(drawer, smiles, 1.0, dark, highlight_atoms)
    return drawer.GetDrawingText()
