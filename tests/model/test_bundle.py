"""Model bundles: round trip, identity, and every damage refused by name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from simulated_plates import simulated_plate
from small_bundle import SHAPE, small_bundle, small_plate, with_second_space

from molphenix_core.errors import BundleError, UnknownSpaceError
from molphenix_core.model import bundle_files
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import load_bundle, round_to_stored, save_bundle
from molphenix_core.model.retriever import Retriever
from molphenix_core.plates.files import write_plate

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1"]
FILES = ("card.json", "model.safetensors", "training_molecules.json", "reference")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return small_bundle()


@pytest.fixture(scope="module")
def saved(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "small"
    save_bundle(bundle, folder)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """A copy to tamper with: the folder of its version."""
    shutil.copytree(saved, tmp_path / "small")
    return tmp_path / "small" / (tmp_path / "small" / "CURRENT").read_text().strip()


@pytest.fixture(scope="module")
def saved_with_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bundle(small_bundle(kernel=True), tmp_path_factory.mktemp("bundle") / "head")


@pytest.fixture
def copy_with_head(saved_with_head: Path, tmp_path: Path) -> Path:
    """A copy to tamper with, of a version whose model has a kernel head."""
    return Path(shutil.copytree(saved_with_head, tmp_path / "head"))


def file_of(version: Path, name: str) -> Path:
    return next(path for path in version.iterdir() if path.name.startswith(name))


def sign(version: Path, card: dict[str, Any]) -> None:
    """Write a card with all hashes made good again, as an unfriendly author could."""
    files = [path for path in version.iterdir() if path.name != "card.json"]
    card["hashes"]["files"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    card["hashes"].pop("whole", None)
    text = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    card["hashes"]["whole"] = hashlib.sha256(text.encode()).hexdigest()
    (version / "card.json").write_text(json.dumps(card))


def read_card(version: Path) -> dict[str, Any]:
    return json.loads((version / "card.json").read_text())


def refused(folder: Path) -> BundleError:
    with pytest.raises(BundleError) as caught:
        load_bundle(folder)
    error = caught.value
    assert error.source
    assert error.field
    assert error.found
    assert error.expected
    return error


def test_what_is_loaded_embeds_bit_for_bit_like_what_was_saved(bundle: Bundle, saved: Path) -> None:
    loaded = load_bundle(saved)
    plate = small_plate(seed=5)
    before, after = bundle.prepare(plate), loaded.prepare(plate)
    assert before.space == after.space
    np.testing.assert_array_equal(before.embeddings, after.embeddings)
    for one, other in (
        (
            bundle.embed_phenotypes(before.embeddings, before.space),
            loaded.embed_phenotypes(after.embeddings, after.space),
        ),
        (bundle.molecule_features(SMILES), loaded.molecule_features(SMILES)),
        (
            bundle.embed_molecules(bundle.molecule_features(SMILES), np.array([1.0, np.nan])),
            loaded.embed_molecules(loaded.molecule_features(SMILES), np.array([1.0, np.nan])),
        ),
    ):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other)
    assert loaded.training_molecules == bundle.training_molecules
    assert loaded.facts == bundle.facts
    assert loaded.molecule_path_hash == bundle.molecule_path_hash
    reference = loaded.references[before.space]
    np.testing.assert_array_equal(reference.embeddings, bundle.references[before.space].embeddings)


def test_a_plain_tower_keeps_its_running_statistics(bundle: Bundle, tmp_path: Path) -> None:
    shape = dataclasses.replace(SHAPE, kind="mlp", molecule_blocks=2)
    retriever = Retriever(
        molecule_features=bundle.scaler.width,
        dose_width=bundle.doses.width,
        spaces=bundle.retriever.spaces,
        shape=shape,
    )
    features, doses = bundle.molecule_features(SMILES), np.array([1.0, np.nan])
    phenotypes = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    (space,) = bundle.spaces
    untrained = dataclasses.replace(bundle, retriever=retriever.eval()).embed_phenotypes(phenotypes, space)
    retriever.train()
    for _ in range(10):
        retriever.phenomics[space](torch.from_numpy(5 * phenotypes + 1))
    round_to_stored(retriever)
    plain = dataclasses.replace(bundle, retriever=retriever.eval())
    loaded = load_bundle(save_bundle(plain, tmp_path / "plain"))
    assert loaded.retriever.shape == shape
    after = loaded.embed_phenotypes(phenotypes, space)
    assert np.abs(after - untrained).max() > 0.01
    np.testing.assert_array_equal(after, plain.embed_phenotypes(phenotypes, space))
    np.testing.assert_array_equal(loaded.embed_molecules(features, doses), plain.embed_molecules(features, doses))


def test_a_card_that_names_no_kind_of_tower_means_residual_ones(bundle: Bundle, copy: Path) -> None:
    card = read_card(copy)
    assert card["architecture"].pop("kind") == "residual"
    sign(copy, card)
    loaded = load_bundle(copy)
    assert loaded.retriever.shape == bundle.retriever.shape
    assert loaded.molecule_path_hash == bundle.molecule_path_hash


def test_embeddings_are_unit_vectors_at_every_dose(bundle: Bundle) -> None:
    out = bundle.embed_molecules(bundle.molecule_features(SMILES), np.array([0.1, 10.0, np.nan]))
    assert out.shape == (3, 3, bundle.width)
    np.testing.assert_allclose(np.linalg.norm(out, axis=2), 1, rtol=1e-5)
    alone = bundle.embed_molecules(bundle.molecule_features(SMILES), np.array([10.0]))
    np.testing.assert_allclose(alone[:, 0], out[:, 1], atol=1e-6)


def test_saving_twice_gives_one_version_and_loading_resaves_the_same(
    bundle: Bundle, saved: Path, tmp_path: Path
) -> None:
    version = save_bundle(bundle, tmp_path / "again")
    assert version.name == (saved / "CURRENT").read_text().strip()
    assert save_bundle(bundle, tmp_path / "again") == version
    assert save_bundle(load_bundle(tmp_path / "again"), tmp_path / "again") == version
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == sorted(["CURRENT", version.name])


def test_a_version_folder_can_be_loaded_by_itself(saved: Path) -> None:
    version = (saved / "CURRENT").read_text().strip()
    assert load_bundle(saved / version).name == "small"


def test_adding_a_phenomics_tower_leaves_the_molecule_path_as_it_is(bundle: Bundle, tmp_path: Path) -> None:
    more = with_second_space(bundle, "0123456789abcdef", 5)
    assert more.molecule_path_hash == bundle.molecule_path_hash
    save_bundle(more, tmp_path / "more")
    loaded = load_bundle(tmp_path / "more")
    assert loaded.molecule_path_hash == bundle.molecule_path_hash
    assert set(loaded.spaces) == {*bundle.spaces, "0123456789abcdef"}
    assert loaded.embed_phenotypes(np.zeros((2, 5), dtype=np.float32), "0123456789abcdef").shape == (2, 16)


def test_the_whole_hash_is_another_one_where_only_a_phenomics_tower_was_trained_anew(
    bundle: Bundle, saved: Path, tmp_path: Path
) -> None:
    loaded = load_bundle(saved)
    assert loaded.whole_hash == read_card(saved / (saved / "CURRENT").read_text().strip())["hashes"]["whole"]
    (space,) = bundle.spaces
    tuned = dataclasses.replace(load_bundle(saved))
    with torch.no_grad():
        next(tuned.retriever.phenomics[space].parameters()).mul_(2)
    # What is not saved yet is none of those that are.
    assert (bundle.whole_hash, tuned.whole_hash) == ("", "")
    again = load_bundle(save_bundle(tuned, tmp_path / "tuned"))
    assert again.molecule_path_hash == loaded.molecule_path_hash
    assert len(again.whole_hash) == 64
    assert again.whole_hash != loaded.whole_hash


def test_the_molecule_path_hash_covers_all_of_the_molecule_side(bundle: Bundle) -> None:
    hashes = {bundle.molecule_path_hash}
    scaler = dataclasses.replace(bundle.scaler, mean=bundle.scaler.mean + 0.1)
    doses = dataclasses.replace(bundle.doses, spread=bundle.doses.spread * 2)
    hashes.add(dataclasses.replace(bundle, scaler=scaler).molecule_path_hash)
    hashes.add(dataclasses.replace(bundle, doses=doses).molecule_path_hash)
    other = with_second_space(bundle, "a", 3)
    other.retriever.molecule.dose.weight.data[0, 0] += 1
    hashes.add(dataclasses.replace(other).molecule_path_hash)
    assert len(hashes) == 4


def test_seen_goes_by_the_connectivity(bundle: Bundle) -> None:
    key = next(iter(bundle.training_molecules))
    assert bundle.is_seen(f"{key}-UHFFFAOYSA-N")
    assert bundle.is_seen(f"{key}-OTHERSTERE-N")
    assert not bundle.is_seen("AAAAAAAAAAAAAA-UHFFFAOYSA-N")
    assert not bundle.is_seen(None)


def test_a_plate_in_another_space_is_refused_by_name(bundle: Bundle) -> None:
    learned = simulated_plate(encoder="unknown", names=[f"f_{i}" for i in range(30)])
    with pytest.raises(
        UnknownSpaceError, match=r"simulated.h5ad: embedding space: .* expected one of model 'small'"
    ):
        bundle.prepare(learned)
    with pytest.raises(UnknownSpaceError, match="nowhere"):
        bundle.embed_phenotypes(np.zeros((1, 8), dtype=np.float32), "nowhere")


def _reads_the_same(card: bytes, saved: Path) -> bool:
    """Whether a flip turned white space of the card into other white space."""
    version = (saved / "CURRENT").read_text().strip()
    try:
        return json.loads(card) == read_card(saved / version)
    except ValueError:
        return False


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_a_flipped_bit_in_any_file_is_refused(
    saved: Path, tmp_path_factory: pytest.TempPathFactory, name: str, where: float, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("flipped") / "small"
    shutil.copytree(saved, folder)
    file = file_of(folder / (folder / "CURRENT").read_text().strip(), name)
    data = bytearray(file.read_bytes())
    data[int(where * len(data))] ^= 1 << bit
    file.write_bytes(data)
    if name == "card.json" and _reads_the_same(bytes(data), saved):
        return
    assert refused(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_truncated_file_is_named(copy: Path, name: str) -> None:
    file = file_of(copy, name)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    assert file.name in refused(copy.parent if name != "card.json" else copy).source
    file.unlink()
    assert refused(copy.parent).found


def test_an_edited_card_is_refused(copy: Path) -> None:
    card = read_card(copy)
    card["figures"] = [{"recall_top_1_percent": 0.99}]
    (copy / "card.json").write_text(json.dumps(card))
    assert refused(copy.parent).field == "hashes.whole"


@pytest.mark.parametrize("text", ["", "..", "../..", "nowhere", "a/b", "\0", "CURRENT", "ü"])
def test_a_pointer_to_nowhere_is_refused(copy: Path, text: str) -> None:
    (copy.parent / "CURRENT").write_text(text)
    error = refused(copy.parent)
    assert error.source.endswith("CURRENT")
    assert error.field == "version"


def test_no_bundle_at_all_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path).field == "CURRENT"
    assert refused(tmp_path / "absent").field == "CURRENT"
    (tmp_path / "file").write_text("x")
    assert refused(tmp_path / "file").field == "CURRENT"


@pytest.mark.parametrize("name", ["../CURRENT", "..", "", "/etc/hostname", "sub/x", "nul\0"])
def test_a_path_outside_of_the_version_is_refused(copy: Path, name: str) -> None:
    card = read_card(copy)
    card["hashes"]["files"][name] = "0" * 64
    (copy / "card.json").write_text(json.dumps(card))
    assert refused(copy).field == "hashes.files"


@pytest.mark.parametrize(
    "content",
    ["[]", "3", "null", "{", "\udc80", "[" * 100_000, '{"format": 1}', '{"format": 1, "hashes": {"files": 3}}'],
)
def test_a_card_that_is_none_is_refused(copy: Path, content: str) -> None:
    (copy / "card.json").write_bytes(content.encode(errors="surrogateescape"))
    assert refused(copy).source.endswith("card.json")


def test_a_newer_format_says_so(copy: Path) -> None:
    card = read_card(copy)
    card["format"] = 2
    sign(copy, card)
    error = refused(copy)
    assert (error.field, error.found) == ("format", "2")
    assert "newer" in error.expected


def _no_width(card: dict[str, Any]) -> None:
    next(iter(card["spaces"].values())).pop("width")


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "architecture without end": lambda card: card["architecture"].update(width=10**9),
    "architecture below zero": lambda card: card["architecture"].update(joint=-1),
    "architecture of text": lambda card: card["architecture"].update(width="24"),
    "architecture that drops all": lambda card: card["architecture"].update(dropout=7),
    "architecture too deep": lambda card: card["architecture"].update(molecule_blocks=10**9),
    "architecture of no kind": lambda card: card["architecture"].update(kind="transformer"),
    "architecture whose kind is a number": lambda card: card["architecture"].update(kind=1),
    "architecture unknown": lambda card: card["architecture"].update(heads=8),
    "another width": lambda card: card["architecture"].update(width=25),
    "no architecture": lambda card: card.pop("architecture"),
    "architecture a list": lambda card: card.update(architecture=[1]),
    "spaces a list": lambda card: card.update(spaces=["a"]),
    "no spaces": lambda card: card.pop("spaces"),
    "spaces that are none": lambda card: card.update(spaces={}),
    "space of infinite width": lambda card: next(iter(card["spaces"].values())).update(width=float("inf")),
    "space of half a column": lambda card: next(iter(card["spaces"].values())).update(width=8.5),
    "space without end": lambda card: next(iter(card["spaces"].values())).update(width=10**18),
    "encoder that clips all": lambda card: next(iter(card["spaces"].values()))["encoder"].update(limit=0),
    "features of another block": lambda card: card["molecule"].update(feature_blocks=["descriptors"]),
    "space without width": _no_width,
    "space with a dot": lambda card: card["spaces"].update({"a.b": {"width": 3, "encoder": None}}),
    "space without tower": lambda card: card["spaces"].update({"ab": {"width": 3, "encoder": None}}),
    "molecule a text": lambda card: card.update(molecule="morgan"),
    "another standardiser": lambda card: card["molecule"].update(standardiser="other"),
    "unknown features": lambda card: card["molecule"].update(feature_blocks=["ecfp"]),
    "no dose encoding": lambda card: card["molecule"].pop("dose_encoding"),
    "no name": lambda card: card.pop("name"),
    "another molecule path": lambda card: card["hashes"].update(molecule_path="0" * 32),
    "no molecule path": lambda card: card["hashes"].pop("molecule_path"),
    "encoder of other features": lambda card: next(iter(card["spaces"].values()))["encoder"]["features"].reverse(),
    "encoder with numbers": lambda card: next(iter(card["spaces"].values()))["encoder"].update(features=[1, 2]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_card_that_was_changed_and_signed_again_is_still_refused(copy: Path, change: str) -> None:
    card = read_card(copy)
    CHANGES[change](card)
    sign(copy, card)
    assert refused(copy)


@pytest.mark.parametrize("tensor", ["retriever.log_scale", "retriever.molecule.dose.weight", "scaler.mean"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused_even_when_signed(copy: Path, tensor: str, value: float) -> None:
    arrays = load_file(copy / "model.safetensors")
    damaged = arrays[tensor].copy()
    damaged.reshape(-1)[0] = value
    save_file({**arrays, tensor: damaged}, copy / "model.safetensors")
    sign(copy, read_card(copy))
    error = refused(copy)
    assert error.source.endswith("model.safetensors")
    assert error.field == tensor


def refused_tensors(version: Path, arrays: dict[str, np.ndarray]) -> BundleError:
    """What loading says of other tensors in a version, signed again."""
    save_file(arrays, version / "model.safetensors")
    sign(version, read_card(version))
    error = refused(version)
    assert error.source.endswith("model.safetensors")
    return error


HEAD = ("molecules", "molecule", "log_dose", "dual", "mean", "root", "spread", "towers", "length")
COMPONENTS = ("block", "mean", "sd", "bits", "real", "spread", "centre", "axes")


@pytest.mark.parametrize(
    ("kernel", "tensor"),
    [
        (False, "retriever.molecule.molecule.weight"),
        *((False, f"scaler.{name}") for name in ("kept", "counts", "mean", "sd", "limit", "weight")),
        *((False, f"encoder.SPACE.{name}") for name in ("mean", "matrix")),
        *((True, f"scaler.{name}") for name in COMPONENTS),
        *((True, f"head.SPACE.{name}") for name in HEAD),
    ],
)
def test_a_tensor_too_few_or_of_another_shape_is_named(
    copy: Path, copy_with_head: Path, bundle: Bundle, kernel: bool, tensor: str
) -> None:
    version, name = copy_with_head if kernel else copy, tensor.replace("SPACE", bundle.spaces[0])
    arrays = load_file(version / "model.safetensors")
    without = {other: array for other, array in arrays.items() if other != name}
    error = refused_tensors(version, without)
    assert (error.field, error.found) == (name, "nothing")
    for damaged in (arrays[name].ravel()[None, None], np.zeros(arrays[name].shape, dtype=np.int16)):
        assert refused_tensors(version, {**arrays, name: damaged}).field == name


@pytest.mark.parametrize("name", ["mean", "matrix"])
def test_a_profile_encoder_of_another_size_is_refused(copy: Path, bundle: Bundle, name: str) -> None:
    arrays = load_file(copy / "model.safetensors")
    tensor = f"encoder.{bundle.spaces[0]}.{name}"
    for damaged in (arrays[tensor][:-1].copy(), arrays[tensor][..., 0].copy()):
        assert refused_tensors(copy, {**arrays, tensor: damaged}).field == tensor


@pytest.mark.parametrize(
    ("kernel", "tensor", "value"),
    [
        (False, "scaler.sd", 0.0),
        (False, "scaler.sd", -1.0),
        (False, "scaler.limit", -5.0),
        (False, "scaler.weight", 0.0),
        (True, "scaler.spread", -1.0),
        (True, "head.SPACE.length", 0.0),
        (True, "head.SPACE.length", -1.0),
        (True, "head.SPACE.log_dose", 400.0),
        (True, "head.SPACE.log_dose", -1e9),
        (True, "head.SPACE.molecule", -1),
        (True, "head.SPACE.molecule", 10_000),
    ],
)
def test_an_impossible_constant_is_named(
    copy: Path, copy_with_head: Path, bundle: Bundle, kernel: bool, tensor: str, value: float
) -> None:
    version, name = copy_with_head if kernel else copy, tensor.replace("SPACE", bundle.spaces[0])
    arrays = load_file(version / "model.safetensors")
    damaged = arrays[name].copy()
    damaged[-1] = value
    assert refused_tensors(version, {**arrays, name: damaged}).field == name


def test_a_head_embeds_bit_for_bit_after_a_round_trip(copy_with_head: Path) -> None:
    bundle, loaded = small_bundle(kernel=True), load_bundle(copy_with_head)
    (space,) = bundle.spaces
    for one in (bundle, loaded):
        assert one.width > one.retriever.shape.joint
    features, doses = bundle.molecule_features(SMILES), np.array([1.0, np.nan])
    np.testing.assert_array_equal(features, loaded.molecule_features(SMILES))
    np.testing.assert_array_equal(bundle.embed_molecules(features, doses), loaded.embed_molecules(features, doses))
    values = bundle.references[space].embeddings
    np.testing.assert_array_equal(bundle.embed_phenotypes(values, space), loaded.embed_phenotypes(values, space))


def test_feature_blocks_that_the_kernel_was_not_fitted_to_are_refused(copy_with_head: Path) -> None:
    card = read_card(copy_with_head)
    card["molecule"]["feature_blocks"] = ["maccs", "descriptors"]
    sign(copy_with_head, card)
    assert refused(copy_with_head).field == "molecule.feature_blocks"


@pytest.mark.parametrize("content", ["{}", "[1]", "[", "3", "[" * 100_000])
def test_training_molecules_that_are_none_are_refused(copy: Path, content: str) -> None:
    (copy / "training_molecules.json").write_text(content)
    sign(copy, read_card(copy))
    assert refused(copy).source.endswith("training_molecules.json")


def test_a_reference_in_another_space_is_refused(copy: Path, bundle: Bundle) -> None:
    (space,) = bundle.spaces
    other = dataclasses.replace(bundle.references[space], feature_names=tuple(f"other_{i}" for i in range(8)))
    write_plate(other, copy / f"reference-{space}.h5ad")
    sign(copy, read_card(copy))
    assert refused(copy).field == "uns/embedding/space"


@pytest.mark.parametrize("at", ["write_plate", "card_of"])
def test_an_interrupted_save_leaves_the_old_version_in_use(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    folder = tmp_path / "small"
    save_bundle(bundle, folder)
    before = sorted(path.name for path in folder.iterdir())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bundle_files, at, interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_bundle(dataclasses.replace(bundle, name="newer"), folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert load_bundle(folder).name == "small"


def test_a_newer_version_takes_over_and_the_older_stays(bundle: Bundle, tmp_path: Path) -> None:
    first = save_bundle(bundle, tmp_path / "small")
    second = save_bundle(dataclasses.replace(bundle, name="newer"), tmp_path / "small")
    assert first != second
    assert load_bundle(tmp_path / "small").name == "newer"
    assert load_bundle(first).name == "small"


def test_a_damaged_version_is_mended_by_saving_again(bundle: Bundle, tmp_path: Path) -> None:
    version = save_bundle(bundle, tmp_path / "small")
    (version / "model.safetensors").write_bytes(b"x")
    save_bundle(bundle, tmp_path / "small")
    assert load_bundle(tmp_path / "small").name == "small"


def test_a_place_that_cannot_be_written_is_named(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="file"):
        save_bundle(bundle, tmp_path / "file" / "small")
