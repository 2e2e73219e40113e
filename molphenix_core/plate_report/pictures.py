"""Structures as data URIs, small enough that a page can hold hundreds."""

from __future__ import annotations

import base64
import re

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.depict import depict_svg

__all__ = ["Pictures", "compact"]

_PATH = re.compile(r"<path class='[^']*' d='([^']*)' ((?:style|fill)='[^']*')\s*/>\n?")
_BETWEEN = re.compile(r"\s+")


def compact(svg: str) -> str:
    """Join the strokes of a drawing that look alike: RDKit writes each bond with all of its style.

    Parameters
    ----------
    svg : str
        Of :func:`~molphenix_core.molecules.depict.depict_svg`.

    Returns
    -------
    str
        The same picture, of about a third of the size.
    """
    found = _PATH.findall(svg)
    strokes: dict[str, list[str]] = {}
    filled = []
    for line, look in found:
        short = _BETWEEN.sub(" ", line).replace(" L ", "L").replace("M ", "M")
        # Lines lie over each other as they like; filled shapes that overlap would leave holes as one.
        if "fill:none" in look:
            strokes.setdefault(look, []).append(short)
        else:
            filled.append(f"<path d='{short}' {look}/>")
    lines = [f"<path d='{''.join(parts)}' {look}/>" for look, parts in strokes.items()]
    rest = _BETWEEN.sub(" ", _PATH.sub("", svg).replace("<!-- END OF HEADER -->", "")).strip()
    return rest.replace("</svg>", "".join([*lines, *filled, "</svg>"]))


class Pictures:
    """Structures as data URIs, each drawn once."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, int, int], str] = {}

    def of(self, smiles: str, width: int, height: int) -> str:
        """A picture of that size.

        Parameters
        ----------
        smiles : str
        width, height : int
            Pixels.

        Returns
        -------
        str
            "" without a structure, or where it cannot be drawn.
        """
        if not smiles:
            return ""
        key = (smiles, width, height)
        if key not in self._drawn:
            try:
                svg = compact(depict_svg(smiles, width=width, height=height))
            except MoleculeError:
                # The page then names the structure that it does not draw.
                self._drawn[key] = ""
            else:
                coded = base64.b64encode(svg.encode("utf-8")).decode("ascii")
                self._drawn[key] = f"data:image/svg+xml;base64,{coded}"
        return self._drawn[key]
