"""A small model of simulated plates, made in a second, for tests."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from simulated_plates import simulated_plate

from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import round_to_stored
from molphenix_core.model.kernel_head import KernelHeadConfig, fit_kernel_head
from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.encoder import MoleculeEncoder, MoleculeEncoderConfig, fit_molecule_encoder
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.plates.encoder import fit_profile_encoder
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.summary import treatment_plate
from molphenix_core.plates.treatments import group_treatments

SHAPE = TowerShape(joint=16, width=24, dropout=0.0)


def small_plate(**options: object) -> Plate:
    """Simulated profiles, structures standardised."""
    return standardise_plate(simulated_plate(**options))[0]  # type: ignore[arg-type]


def small_bundle(plate: Plate | None = None, *, kernel: bool = False) -> Bundle:
    """An untrained retriever over MACCS keys, with a profile encoder fitted on a simulated plate.

    With ``kernel``, molecules enter as kernel components, and a kernel head stands beside the towers.
    """
    plate = small_plate() if plate is None else plate
    encoder = fit_profile_encoder(plate, components=8)
    encoded = encoder.encode(plate)
    treatments = group_treatments(encoded)
    feature_set = FeatureSet(("maccs",))
    smiles = sorted(set(treatments.table["smiles"]))
    raw = feature_set.compute(smiles)
    scaler: FeatureScaler | MoleculeEncoder = FeatureScaler.fit(raw, feature_set)
    if kernel:
        scaler = fit_molecule_encoder(raw, feature_set, MoleculeEncoderConfig(components=8))
    doses = DoseEncoding.fit("sigmoid", treatments.table["concentration"].to_numpy(np.float64))
    torch.manual_seed(0)
    retriever = Retriever(
        molecule_features=scaler.width, dose_width=doses.width, spaces={encoded.space: 8}, shape=SHAPE
    )
    round_to_stored(retriever)
    reference = treatment_plate(encoded, treatments, np.ones(len(encoded), dtype=bool))
    bundle = Bundle(
        name="small",
        retriever=retriever.eval(),
        feature_set=feature_set,
        scaler=scaler,
        doses=doses,
        encoders={encoded.space: encoder},
        training_molecules=frozenset(key[:14] for key in treatments.table["inchikey"]),
        facts={"training": [{"title": "simulated", "simulated": True}], "figures": []},
        references={encoded.space: reference},
    )
    return with_head(bundle) if kernel else bundle


def with_head(bundle: Bundle, config: KernelHeadConfig | None = None) -> Bundle:
    """The same with a kernel head, fitted on the reference of its only space."""
    (space,) = bundle.spaces
    reference = bundle.references[space]
    smiles, molecule = np.unique(reference.wells["Metadata_SMILES"].to_numpy(dtype=str), return_inverse=True)
    dose = reference.wells["Metadata_Concentration"].to_numpy(np.float64)
    features = bundle.molecule_features(smiles.tolist())
    alone = fit_kernel_head(features, molecule, dose, reference.embeddings, config or KernelHeadConfig())
    grid, column = np.unique(dose, return_inverse=True)
    head = alone.beside_towers(bundle.embed_molecules(features, grid)[molecule, column])
    return dataclasses.replace(bundle, heads={space: head})


def with_second_space(bundle: Bundle, space: str, width: int) -> Bundle:
    """The same molecule tower, frozen, with a phenomics tower more."""
    old = bundle.retriever
    retriever = Retriever(
        molecule_features=bundle.scaler.width,
        dose_width=bundle.doses.width,
        spaces={**old.spaces, space: width},
        shape=old.shape,
    )
    retriever.load_state_dict(old.state_dict(), strict=False)
    round_to_stored(retriever)
    return dataclasses.replace(bundle, retriever=retriever.eval())
