"""What is private does not survive in a report of a problem."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.private_text import Secrets, hide, own_secrets

STRUCTURES = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C)C(=O)N2C",
    "C[C@@H]1CC[C@H](C(=O)O)N1",
    "[Na+].[Cl-]",
    "F/C=C/F",
    "OCC%12CCCCC%12",
    "CCO",
    "BrCCBr",
    "InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)",
    "BSYNRYMUTXBXSQ-UHFFFAOYSA-N",
)
NAMES = (
    st.text("abcdefghijklmnopqrstuvwxyzäß0123456789 _-", min_size=2, max_size=12)
    .map(str.strip)
    .filter(lambda name: len(name) > 1 and name not in {"path", "user", "file", "structure"})
)
WORDS = st.lists(
    st.sampled_from(["found", "expected", "well", "B07", "line", "12", "in", "plate", "(", "):", "at", "'", '"']),
    max_size=5,
).map(" ".join)
AROUND = st.sampled_from([" ", "\n", '"', "'", "('", "')", ": ", ", ", ": found ", "=", "; "])


def quoted(text: str, how: int) -> str:
    return (text, text.replace("\\", "\\\\"), text.replace("\\", "/"))[how]


@given(NAMES, NAMES, st.booleans(), st.integers(0, 2), WORDS, WORDS, AROUND, AROUND, st.booleans())
def test_no_home_folder_survives(user, below, windows, how, before, after, left, right, upper):
    home = f"C:\\Users\\{user}" if windows else f"/home/{user}"
    mark = "\\" if windows else "/"
    path = f"{home}{mark}{below}{mark}secret.h5ad"
    text = f"{before}{left}{quoted(path.upper() if upper else path, how)}{right}{after}"
    told = hide(text, Secrets(folders=(home,), users=(user,)))
    for secret in {quoted(home, h) for h in range(3)}:
        assert secret.casefold() not in told.casefold()
    assert "secret.h5ad" not in told.casefold()


@given(NAMES, NAMES, st.booleans(), WORDS, AROUND, AROUND)
def test_no_plate_file_survives(folder, name, windows, before, left, right):
    path = f"D:\\{folder}\\{name}.h5ad" if windows else f"/mnt/{folder}/{name}.h5ad"
    told = hide(f"{before}{left}{path}{right}{name} was read", Secrets(files=(path,)))
    assert path not in told
    assert f"{name} was" not in told


@given(st.sampled_from(STRUCTURES), WORDS, WORDS, AROUND, AROUND, st.booleans())
def test_no_structure_survives_known_or_not(structure, before, after, left, right, known):
    secrets = Secrets(structures=frozenset(STRUCTURES) if known else ())
    assert structure not in hide(f"{before}{left}{structure}{right}{after}", secrets)


@given(st.text(max_size=60))
def test_any_text_is_taken_and_taking_twice_changes_nothing(text):
    secrets = Secrets(("/home/anna",), ("/mnt/x/plate.h5ad",), ("anna",), STRUCTURES)
    once = hide(text, secrets)
    assert hide(once, secrets) == once


@pytest.mark.parametrize(
    "text",
    [
        "found NaN in 3 of 96 wells; expected finite numbers",
        "no such column, so on; OK",
        "self.workspace.plate = None",
        "wells / plates: 3 / 4",
        "hash 0e420e416f321fa24db3a3e65075169a15dc43c0ad3e260ca5ded6649782bb6a",
        "2026-01-31T09:30:00Z  WARNING  app.engine: the engine stopped (exit code -11)",
        "I/O operation on closed file; op of 3 PCs; NaN in self.no.so",
        "Linux-6.1.0-x86_64-with-glibc2.36",
    ],
)
def test_what_tells_of_the_problem_stays(text):
    assert hide(text, Secrets(("/home/anna",), (), ("anna",), STRUCTURES)) == text


def test_places_in_the_program_stay_and_folders_go():
    trace = (
        'File "/opt/molphenix env/lib/python3.12/site-packages/app/engine.py", line 12, in submit\n'
        'File "C:\\Program Files\\MolPhenix\\molphenix_core\\plates\\files.py", line 3, in read_plate\n'
        "reading /mnt/projects/secret.csv and other.csv failed"
    )
    assert hide(trace, Secrets()).splitlines() == [
        'File "<path>/site-packages/app/engine.py", line 12, in submit',
        'File "<path>/molphenix_core/plates/files.py", line 3, in read_plate',
        "reading <path> and <file> failed",
    ]


def test_own_home_and_user_are_secrets():
    secrets = own_secrets(["/mnt/a/ab.h5ad"])
    told = hide(f"{Path.home()}/x y, and ab of {getpass.getuser()}", secrets)
    assert str(Path.home()) not in told
    assert told == "<path>, and <file> of <user>"


PIECES = st.sampled_from(["Merck", "Jo", "Größe", "Projekt", "2024", "Überblick", "assay", "x1", "Çelik", "run-7"])
BLANKS = st.lists(PIECES, min_size=1, max_size=3).map(" ".join)


@given(st.lists(BLANKS, min_size=1, max_size=4), BLANKS, st.sampled_from(["/", "\\", "\\\\"]), st.data())
def test_no_unknown_path_with_blanks_survives(folders, name, mark, data):
    root = data.draw(st.sampled_from(["/", "~/", ""] if mark == "/" else ["C:" + mark, "\\\\" + mark, ""]))
    ending = data.draw(st.sampled_from(["h5ad", "zarr", "csv", "sdf", "H5AD"]))
    path = root + mark.join([*folders, f"{name}.{ending}"])
    left, right = data.draw(
        st.sampled_from(
            [("cannot read ", " now"), ("'", "'"), ('"', '", line 3'), ("", ": shape: found 3"), (": ", "")]
        )
    )
    told = hide(f"{left}{path}{right}", Secrets())
    for piece in {word for part in (*folders, name) for word in part.split(" ")}:
        assert piece not in told


@given(
    BLANKS, BLANKS, st.sampled_from(["{}.h5ad", "{}_hits.csv", "{}"]), st.sampled_from([" ", "'", '"', "(", ": "])
)
def test_no_name_of_a_known_file_survives(folder, name, written, around):
    told = hide(
        f"file{around}{written.format(name)}{around}is bad", Secrets(files=(f"/mnt/{folder}/{name}.h5ad",))
    )
    assert told.startswith("file")
    assert told.endswith("is bad")
    assert name not in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cannot read /home/jo/Merck Project X/other plate.h5ad", "cannot read <path>"),
        (r"cannot read C:\Users\Jo Smith\Alpha Beta\p.h5ad", "cannot read <path>"),
        ("no such folder /mnt/Merck Project X; expected one", "no such folder <path>; expected one"),
        ("file 'secret assay.h5ad'", "file '<file>'"),
        ("Projects/Alpha/plate.zarr", "<path>"),
        ("other plate.h5ad: obs: found 3", "<file>: obs: found 3"),
        ("Projects/Alpha/Beta is a folder", "<path> is a folder"),
    ],
)
def test_paths_end_where_they_end(text, told):
    assert hide(text, Secrets()) == told


def test_names_of_compounds_go():
    secrets = Secrets(names=("MK-0822 HCl", "aspirin", "A1", "12"))
    told = hide("mk-0822 hcl and aspirin in A1, 12 wells", secrets)
    assert told == "<compound> and <compound> in A1, 12 wells"


def test_a_long_line_takes_no_longer_than_its_length():
    began = time.process_time()
    hide("a b " * 10_000, Secrets())
    assert time.process_time() - began < 2
