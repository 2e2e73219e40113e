"""Molecules as numbers: fingerprints, descriptors, and embeddings that come from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors, rdFingerprintGenerator, rdMolDescriptors
from rdkit.DataStructs import ConvertToNumpyArray

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.molecules.standardise import parse
from molphenix_core.progress import Progress, silent

__all__ = ["DESCRIPTORS", "FeatureSet"]

# Written out, so that the columns of a trained model do not move with RDKit's own list. Left out are Ipc and
# AvgIpc (up to 1e25), qed and SPS (slow, and made of others here).
DESCRIPTORS: tuple[str, ...] = tuple(
    """
    MaxAbsEStateIndex MaxEStateIndex MinAbsEStateIndex MinEStateIndex MolWt HeavyAtomMolWt ExactMolWt
    NumValenceElectrons NumRadicalElectrons MaxPartialCharge MinPartialCharge MaxAbsPartialCharge
    MinAbsPartialCharge FpDensityMorgan1 FpDensityMorgan2 FpDensityMorgan3 BCUT2D_MWHI BCUT2D_MWLOW
    BCUT2D_CHGHI BCUT2D_CHGLO BCUT2D_LOGPHI BCUT2D_LOGPLOW BCUT2D_MRHI BCUT2D_MRLOW BalabanJ BertzCT Chi0
    Chi0n Chi0v Chi1 Chi1n Chi1v Chi2n Chi2v Chi3n Chi3v Chi4n Chi4v HallKierAlpha Kappa1 Kappa2 Kappa3
    LabuteASA PEOE_VSA1 PEOE_VSA10 PEOE_VSA11 PEOE_VSA12 PEOE_VSA13 PEOE_VSA14 PEOE_VSA2 PEOE_VSA3
    PEOE_VSA4 PEOE_VSA5 PEOE_VSA6 PEOE_VSA7 PEOE_VSA8 PEOE_VSA9 SMR_VSA1 SMR_VSA10 SMR_VSA2 SMR_VSA3
    SMR_VSA4 SMR_VSA5 SMR_VSA6 SMR_VSA7 SMR_VSA8 SMR_VSA9 SlogP_VSA1 SlogP_VSA10 SlogP_VSA11 SlogP_VSA12
    SlogP_VSA2 SlogP_VSA3 SlogP_VSA4 SlogP_VSA5 SlogP_VSA6 SlogP_VSA7 SlogP_VSA8 SlogP_VSA9 TPSA
    EState_VSA1 EState_VSA10 EState_VSA11 EState_VSA2 EState_VSA3 EState_VSA4 EState_VSA5 EState_VSA6
    EState_VSA7 EState_VSA8 EState_VSA9 VSA_EState1 VSA_EState10 VSA_EState2 VSA_EState3 VSA_EState4
    VSA_EState5 VSA_EState6 VSA_EState7 VSA_EState8 VSA_EState9 FractionCSP3 HeavyAtomCount NHOHCount
    NOCount NumAliphaticCarbocycles NumAliphaticHeterocycles NumAliphaticRings NumAmideBonds
    NumAromaticCarbocycles NumAromaticHeterocycles NumAromaticRings NumAtomStereoCenters
    NumBridgeheadAtoms NumHAcceptors NumHDonors NumHeteroatoms NumHeterocycles NumRotatableBonds
    NumSaturatedCarbocycles NumSaturatedHeterocycles NumSaturatedRings NumSpiroAtoms
    NumUnspecifiedAtomStereoCenters Phi RingCount MolLogP MolMR fr_Al_COO fr_Al_OH fr_Al_OH_noTert fr_ArN
    fr_Ar_COO fr_Ar_N fr_Ar_NH fr_Ar_OH fr_COO fr_COO2 fr_C_O fr_C_O_noCOO fr_C_S fr_HOCCN fr_Imine fr_NH0
    fr_NH1 fr_NH2 fr_N_O fr_Ndealkylation1 fr_Ndealkylation2 fr_Nhpyrrole fr_SH fr_aldehyde
    fr_alkyl_carbamate fr_alkyl_halide fr_allylic_oxid fr_amide fr_amidine fr_aniline fr_aryl_methyl
    fr_azide fr_azo fr_barbitur fr_benzene fr_benzodiazepine fr_bicyclic fr_diazo fr_dihydropyridine
    fr_epoxide fr_ester fr_ether fr_furan fr_guanido fr_halogen fr_hdrzine fr_hdrzone fr_imidazole
    fr_imide fr_isocyan fr_isothiocyan fr_ketone fr_ketone_Topliss fr_lactam fr_lactone fr_methoxy
    fr_morpholine fr_nitrile fr_nitro fr_nitro_arom fr_nitro_arom_nonortho fr_nitroso fr_oxazole fr_oxime
    fr_para_hydroxylation fr_phenol fr_phenol_noOrthoHbond fr_phos_acid fr_phos_ester fr_piperdine
    fr_piperzine fr_priamide fr_prisulfonamd fr_pyridine fr_quatN fr_sulfide fr_sulfonamd fr_sulfone
    fr_term_acetylene fr_tetrazole fr_thiazole fr_thiocyan fr_thiophene fr_unbrch_alkane fr_urea
    """.split()  # noqa: SIM905
)

_BITS = 2048
_CHIRAL_BITS = 1024
_MACCS_KEYS = 167


@lru_cache(maxsize=1)
def _generators() -> tuple[rdFingerprintGenerator.FingerprintGenerator64, ...]:
    return (
        rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=_BITS, includeChirality=False),
        rdFingerprintGenerator.GetRDKitFPGenerator(fpSize=_BITS),
        rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=_CHIRAL_BITS, includeChirality=True),
    )


def _morgan(mol: Chem.Mol) -> NDArray[np.generic]:
    return _generators()[0].GetCountFingerprintAsNumPy(mol)


def _morgan_chiral(mol: Chem.Mol) -> NDArray[np.generic]:
    return _generators()[2].GetFingerprintAsNumPy(mol)


def _rdkit_path(mol: Chem.Mol) -> NDArray[np.generic]:
    return _generators()[1].GetFingerprintAsNumPy(mol)


def _maccs(mol: Chem.Mol) -> NDArray[np.generic]:
    bits = np.zeros(_MACCS_KEYS, dtype=np.uint8)
    ConvertToNumpyArray(rdMolDescriptors.GetMACCSKeysFingerprint(mol), bits)
    return bits


def _descriptors(mol: Chem.Mol) -> NDArray[np.generic]:
    values = np.array([getattr(Descriptors, name)(mol) for name in DESCRIPTORS], dtype=np.float64)
    # What does not exist for a molecule (a metal has no partial charges) is for the scaler to fill.
    values[~(np.abs(values) < np.finfo(np.float32).max)] = np.nan
    return values


@dataclass(frozen=True)
class _Block:
    compute: Callable[[Chem.Mol], NDArray[np.generic]]
    names: tuple[str, ...]
    counts: bool


_BLOCKS = {
    "morgan": _Block(_morgan, tuple(f"morgan_{bit}" for bit in range(_BITS)), True),
    "morgan_chiral": _Block(_morgan_chiral, tuple(f"morgan_chiral_{bit}" for bit in range(_CHIRAL_BITS)), True),
    "rdkit_path": _Block(_rdkit_path, tuple(f"rdkit_path_{bit}" for bit in range(_BITS)), True),
    "maccs": _Block(_maccs, tuple(f"maccs_{key}" for key in range(_MACCS_KEYS)), True),
    "descriptors": _Block(_descriptors, DESCRIPTORS, False),
}


def _compute_chunk(blocks: tuple[str, ...], smiles: Sequence[tuple[int, str]]) -> NDArray[np.float32]:
    rows = np.empty((len(smiles), sum(len(_BLOCKS[name].names) for name in blocks)), dtype=np.float32)
    for row, (number, text) in zip(rows, smiles, strict=True):
        mol = parse(text, field=f"row {number}")
        start = 0
        for name in blocks:
            block = _BLOCKS[name]
            stop = start + len(block.names)
            try:
                with rdBase.BlockLogs():
                    row[start:stop] = block.compute(mol)
            except (ValueError, RuntimeError, ArithmeticError) as error:
                raise MoleculeError(
                    "structure",
                    f"row {number}",
                    f"{text!r}, for which RDKit computes no {name}",
                    "another structure",
                ) from error
            start = stop
    return rows


@dataclass(frozen=True)
class FeatureSet:
    """Which features are computed from a structure, and in which order.

    Attributes
    ----------
    blocks : tuple of str
        ``"morgan"``: counts of circular environments to radius 3, folded to 2,048, without chirality.
        ``"morgan_chiral"``: 1,024 bits of the same with chirality, the fingerprint of CLOOME (Nat. Commun. 2023).
        ``"rdkit_path"``: 2,048 bits of paths of up to seven bonds.
        ``"maccs"``: the 166 public keys (key 0 is empty).
        ``"descriptors"``: RDKit's two-dimensional descriptors in :data:`DESCRIPTORS`.
    """

    blocks: tuple[str, ...] = ("morgan", "rdkit_path", "maccs", "descriptors")

    def __post_init__(self) -> None:
        for name in self.blocks:
            if name not in _BLOCKS:
                raise InputError("molecule features", "blocks", repr(name), "one of " + ", ".join(_BLOCKS))
        if not self.blocks or len(set(self.blocks)) < len(self.blocks):
            raise InputError("molecule features", "blocks", repr(self.blocks), "at least one block, and each once")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(name for block in self.blocks for name in _BLOCKS[block].names)

    @property
    def width(self) -> int:
        """Number of columns."""
        return sum(len(_BLOCKS[block].names) for block in self.blocks)

    @property
    def layout(self) -> tuple[tuple[int, bool], ...]:
        """Width of each block, and whether it holds counts or bits (else real numbers)."""
        return tuple((len(_BLOCKS[block].names), _BLOCKS[block].counts) for block in self.blocks)

    def compute(
        self, smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
    ) -> NDArray[np.float32]:
        """Compute the features of structures.

        Parameters
        ----------
        smiles : sequence of str, (n,)
            Standardised (:func:`molphenix_core.molecules.standardise.standardise`).
        processes : int, optional
            By default one up to 5,000 structures, else one per processor.
        progress : callable
            Told the share done.

        Returns
        -------
        ndarray of float32, (n, width)
            Raw counts, bits and values; NaN where a descriptor does not exist for a molecule.

        Raises
        ------
        MoleculeError
            A SMILES cannot be parsed; the field names the row, the first being row 1.
        """
        features = np.empty((len(smiles), self.width), dtype=np.float32)
        chunks = map_chunks(
            partial(_compute_chunk, self.blocks),
            list(enumerate(smiles, start=1)),
            processes=processes,
            progress=progress,
            message="Computing molecule features",
        )
        start = 0
        for chunk in chunks:
            features[start : start + len(chunk)] = chunk
            start += len(chunk)
        return features
