"""Structures of families, so that a simulated screen has similar molecules and different ones."""

from __future__ import annotations

from itertools import product

_CORES = (
    "c1({a})ccc({b})cc1",
    "c1({a})cccc({b})n1",
    "c1({a})ccc({b})s1",
    "C1({a})CCN({b})CC1",
    "c1({a})cc({b})c2ccccc2n1",
    "c1({a})nc({b})c2[nH]cnc2n1",
    "C1({a})=NN({b})C(=O)C1",
    "c1({a})ccc2c(c1)OC({b})O2",
    "O=C({a})Nc1ccc({b})cc1",
    "c1({a})nn({b})c2ccccc12",
    "O=S(=O)({a})N1CCC({b})CC1",
    "c1({a})coc({b})n1",
)
_TAILS = ("C", "CC", "OC", "C(F)(F)F", "C(=O)N", "CCN", "C3CC3", "c3ccccc3", "C#N", "CO", "N3CCOCC3", "c3ccncc3")


def structures(count: int) -> list[str]:
    """Different SMILES: two side chains on each of twelve cores, the cores in turn."""
    every = [core.format(a=a, b=b) for a, b in product(_TAILS, repeat=2) for core in _CORES]
    if count > len(every):
        raise ValueError(f"at most {len(every)} molecules")
    return every[:count]
