from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import TableError
from molphenix_core.molecules.mechanisms import canonical_mechanisms, default_vocabulary, read_vocabulary
from molphenix_core.resources import default_library, resource_folder

EXAMPLES = [
    ("Src/Abl inhibitor", ("Src family kinase inhibitor", "Abl kinase inhibitor")),
    ("Aurora A kinase inhibitor (IC50=1.2 nM)", ("Aurora kinase inhibitor",)),
    ("inhibitor of Aurora A kinase", ("Aurora kinase inhibitor",)),
    ("EGFR tyrosine kinase inhibitor", ("EGFR family kinase inhibitor",)),
    ("protein tyrosine kinase inhibitor", ("Unspecified kinase inhibitor",)),
    ("inhibitor of PI3K.a./.b./.d./.g", ("PI3K inhibitor",)),
    ("PI3K(¿/ß/¿/¿)/mTOR dual inhibitor", ("PI3K inhibitor", "mTOR inhibitor")),
    ("a.2A-adrenoceptor agonist", ("Alpha-adrenergic receptor agonist",)),
    ("α2A-adrenoceptor agonist", ("Alpha-adrenergic receptor agonist",)),
    ("non-selective beta blocker", ("Beta-adrenergic receptor antagonist",)),
    ("adrenergic agonist", ("Unspecified adrenergic receptor agonist",)),
    (
        "D2 Dopamine receptor antagonist, serotonin receptor antagonist",
        ("Dopamine receptor antagonist", "Serotonin receptor antagonist"),
    ),
    (
        "inhibits serotonin reuptake, 5-HT2A serotonin receptor antagonist",
        ("Monoamine reuptake inhibitor", "Serotonin receptor antagonist"),
    ),
    ("serotonin 5-HT2A inverse agonist", ("Serotonin receptor antagonist",)),
    (
        "NADPH oxidase (NOX) inhibitor and also functions as a TRPA1 activator",
        ("NADPH oxidase inhibitor", "TRP channel agonist"),
    ),
    ("NR2B-selective, NMDA glutamate receptor antagonist", ("NMDA or other glutamate receptor antagonist",)),
    ("AMPK activator", ("AMPK activator",)),
    ("ATR", ("ATM or ATR inhibitor",)),
    ("ADORA2A", ("Adenosine receptor ligand",)),
    ("KCNN4", ("Potassium channel modulator",)),
    ("ubiquitin-activating enzyme inhibitor", ("Ubiquitin or NEDD8 activation inhibitor",)),
    ("inhibitor of anaphase promoting complex", ("Ubiquitin or NEDD8 activation inhibitor",)),
    ("ALK1/ALK2 inhibitor", ("BMP receptor kinase inhibitor",)),
    ("dihydrofolate réductase inhibitor, antimalarial", ("Antimetabolite or DNA synthesis", "Antimalarial")),
    ("EGFR inhibitor|HER2 inhibitor", ("EGFR family kinase inhibitor",)),
    (
        "adrenergic receptor agonist|dopamine receptor antagonist",
        ("Unspecified adrenergic receptor agonist", "Dopamine receptor antagonist"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_texts_of_several_sources(text: str, expected: tuple[str, ...]) -> None:
    assert canonical_mechanisms(text) == expected
    assert canonical_mechanisms(f"  {text.upper()} ") == expected


@pytest.mark.parametrize(
    "text",
    ["", None, "unknown", "mechanism unknown", "potent", "selective", "negative control to BAY-293", "Epithelial"],
)
def test_texts_without_a_mechanism_give_none(text: str | None) -> None:
    assert canonical_mechanisms(text) == ()


def test_a_negative_control_of_a_named_target_gives_none() -> None:
    assert canonical_mechanisms("negative control to the EZH2 inhibitor UNC1999") == ()


@given(st.text(max_size=200))
def test_any_text_gives_each_class_once(text: str) -> None:
    found = canonical_mechanisms(text)
    assert len(set(found)) == len(found)


def test_every_term_of_the_table_is_found_as_itself() -> None:
    with (resource_folder() / "mechanisms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["mechanism", "kind", "terms", "comment"]
    for row in rows:
        for term in row["terms"].split(";"):
            found = canonical_mechanisms(term)
            if row["kind"] == "none":
                assert found == ()
            else:
                assert len(found) == 1, term
                assert found[0].startswith(row["mechanism"]), term


def test_classes_are_not_near_synonyms() -> None:
    with (resource_folder() / "mechanisms.csv").open(encoding="utf-8", newline="") as file:
        names = [(row["mechanism"], row["kind"]) for row in csv.DictReader(file)]
    assert len(set(names)) == len(names)
    plain = Counter("".join(filter(str.isalnum, name.lower())).removesuffix("kinase") for name, _ in names)
    assert [name for name, count in plain.items() if count > 1] == []


def test_covers_the_shipped_library() -> None:
    molecules = pd.read_parquet(default_library() / "molecules.parquet", columns=["mechanism"])
    texts = molecules["mechanism"].fillna("").astype(str)
    found = texts.map(canonical_mechanisms)
    stated = texts[texts.str.len() > 0]
    # What was reached when the table was written: 1,299 of the 1,411 molecules that have a text.
    assert (found[stated.index].str.len() > 0).mean() >= 0.92
    counts = Counter(name for classes in found for name in classes)
    # One class that holds a tenth of all would say nothing.
    assert counts.most_common(1)[0][1] < 0.05 * len(stated)
    assert sum(count >= 2 for count in counts.values()) >= 150


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["mechanism,kind,terms,comment", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_table_of_ones_own_is_read(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(write(tmp_path / "own.csv", "Sonic receptor,receptor,SNC1; sonic,"))
    assert vocabulary.canonical("Sonics agonist") == ("Sonic receptor agonist",)
    assert vocabulary.canonical("EGFR inhibitor") == ()


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["A,target,one; two,", "B,target,TWO,"], r"line 3, terms: found 'TWO', which already stands for 'A'"),
        (["A,target,one; One,"], "already stands for 'A'"),
        (["A,target,one;;two,"], "terms with a ;"),
        (["A,enzyme,one,"], "line 2, kind: found 'enzyme'"),
        ([",target,one,"], "line 2, mechanism: found nothing"),
        (["A,target,,"], "line 2, terms: found nothing"),
    ],
)
def test_an_ambiguous_table_is_refused(tmp_path: Path, lines: list[str], complaint: str) -> None:
    with pytest.raises(TableError, match=complaint):
        read_vocabulary(write(tmp_path / "own.csv", *lines))


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="a table of mechanisms"):
        read_vocabulary(tmp_path / "missing.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError, match="a table of mechanisms"):
        read_vocabulary(tmp_path / "bytes.csv")


def test_the_vocabulary_that_ships_is_read_once() -> None:
    assert default_vocabulary() is default_vocabulary()
