"""The main comparison: ours beside every rival, on unseen scaffolds, held-out plates and an unseen batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from molphenix_core.evaluation.recall import figures_from_ranks
from molphenix_core.evaluation.rival_recipes import RIVAL_RECIPES, rival_job
from molphenix_core.paper.experiment import OURS, Experiment, ablation, how, rival_arms
from molphenix_core.paper.figures import Arm, pooled
from molphenix_core.paper.published import NOT_COMPARABLE, SETTING, published_recall
from molphenix_core.paper.ranks import HELD_OUT, HELD_OUT_PLATES, UNSEEN_SCAFFOLDS
from molphenix_core.paper.ratios import Against, ratio_table
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Cell, Section, Table
from molphenix_core.paper.study import FileFacts, Study
from molphenix_core.paper.tables import collapsed_table, recall_table
from molphenix_core.paper.units import NO_FOLD, HoldOut
from molphenix_core.plates.plate import BATCH

__all__ = ["main_comparison", "unseen_dataset"]


def main_comparison(study: Study, file: FileFacts) -> Experiment:
    """Ours, the trained rivals, the untrained ones and the controls, on one file.

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
        With the published recalls (arXiv 2409.08302) beside ours.
    """
    # Of files after the first, what is slowest or cannot win by its making is trained with one seed.
    fewer = study.seeds if file == study.files[0] else 1
    ours = study.recipe(file)
    units = study.units(ours)
    arms = [Arm(OURS, units)]
    arms += [
        Arm(name, study.units(rival_job(ours, name), seeds=fewer if name == "CLOOME" else None))
        for name in RIVAL_RECIPES
    ]
    arms += rival_arms(units)
    arms.append(Arm("shuffled structures", study.units(ours, shuffle="structures", seeds=fewer)))
    arms.append(Arm("shuffled doses", study.units(ours, shuffle="doses", seeds=fewer)))

    def more(outcome: Outcome) -> tuple[tuple[str, ...], tuple[Table, ...]]:
        tables = tuple(
            collapsed_table(
                f"Main comparison: {file.title}, {split}, {how(units)}",
                arms,
                outcome,
                split=split,
                gallery=gallery,
            )
            for split in (UNSEEN_SCAFFOLDS, HELD_OUT_PLATES)
            for gallery in ("all", "active")
        )
        ratios = ratio_table(
            f"Published ratios beside ours on {file.title}, {UNSEEN_SCAFFOLDS}. S2L: towers alone, by that loss.",
            _RATIOS,
            arms,
            outcome,
            split=UNSEEN_SCAFFOLDS,
        )
        words = (
            "CLOOME is told no dose, so all doses of a molecule tie: by treatment it cannot do well, and is to be "
            "compared by molecule. Position only is the mean of other treatments' training wells at the query's "
            "positions, through our towers; layout only looks at no phenotype at all, but at what stood "
            "at the query's positions in training: where it does well, replicates share positions, and recall on "
            "held-out plates says little.",
            _CHOSEN_ELSEWHERE,
            _BY_CHANCE,
            NOT_COMPARABLE,
            SETTING,
        )
        beside = _published(arms[0], outcome, file.title, _AS_PUBLISHED, ("all", "active"))
        return words, (*tables, ratios, beside)

    held_out = ", ".join(ours.split.held_out_plates) or "none"
    return ablation(
        f"main-{file.title}",
        f"Main comparison on {file.title}",
        f"How does the recipe do beside its rivals? {file.treatments} treatments of {file.molecules} molecules in "
        f"scaffold folds; held-out plates: {held_out}. Every fold fits its encoder, scaling and towers on its own "
        "training wells. The untrained rivals are the same with every seed."
        + (" CLOOME without dose and the shuffled controls: one seed, for time." if fewer < study.seeds else ""),
        arms,
        data=file.title,
        more=more,
    )


_RATIOS = {
    "MolPhenix over CLOOME on images": (),
    "CLOOME on Phenom1 embeddings over CLOOME on images": (),
    "MolPhenix over CLOOME, both on Phenom1 embeddings": (
        Against(OURS, "CLOOME with dose"),
        Against("S2L", "CLOOME with dose"),
        Against(OURS, "CLOOME", by_molecule=True),
        Against("S2L", "CLOOME", by_molecule=True),
    ),
}
"""Of the published ratios, those of unseen molecules: there are no images here to train on."""

_CHOSEN_ELSEWHERE = (
    "The learning rates of CLOOME, with and without dose, were chosen on inner folds of u2os_cell_injury alone; "
    "on any other file they are used as they are, and one chosen there might do better."
)

_BY_CHANCE = (
    "Chance by molecule: of random scores for every dose, the best of more doses ranks higher, so that a molecule "
    "with more of them in the gallery is found more often; a method told no dose gives each molecule one score, "
    "and finds any molecule as often as another by chance."
)

_AS_PUBLISHED = {UNSEEN_SCAFFOLDS: "unseen scaffolds", HELD_OUT_PLATES: "seen molecules"}


def _published(
    ours: Arm, outcome: Outcome, title: str, splits: Mapping[str, str], galleries: Sequence[str]
) -> Table:
    """Ours with its candidates beside the published figure with its own, by our and the published split."""
    rows: list[tuple[Cell, ...]] = []
    for split, name in splits.items():
        for gallery in galleries:
            here, published = pooled(ours, outcome, split, gallery), published_recall(gallery, name)
            measured: tuple[Cell, ...] = (None, None, None)
            if not isinstance(here, str):
                figures = figures_from_ranks(here.forward, here.sizes, here.molecule)
                measured = (round(figures.recall_top_1_percent, 4), round(figures.chance, 4), figures.candidates)
            # How many of the published candidates are active was not published.
            told: tuple[Cell, ...] = (None, None)
            if published is not None:
                told = (published.recall, published.candidates if gallery == "all" else None)
            rows.append((split, gallery, *measured, name, *told))
    columns = (
        "Split",
        "Gallery",
        "Ours, top 1 %",
        "Chance",
        "N",
        "Published split",
        "Published, top 1 %",
        "Published N",
    )
    return Table(f"Ours on {title} beside the published figures, which are not comparable.", columns, tuple(rows))


def unseen_dataset(study: Study) -> Experiment:
    """Leave each batch of the first file out in turn; and say which files share an embedding space.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Experiment
        Without units where the file has fewer than two named batches.
    """
    first = study.files[0]
    ours = study.recipe(first)
    batches = first.batches if len(first.batches) >= 2 else ()
    named = {"ours": ours, "S2L": rival_job(ours, "S2L"), "SigLIP": rival_job(ours, "SigLIP")}
    named["CLOOME with dose"] = rival_job(ours, "CLOOME with dose")
    arms_of = {
        batch: tuple(
            Arm(label, study.units(job, folds=(NO_FOLD,), held_out=HoldOut(BATCH, batch)))
            for label, job in named.items()
        )
        for batch in batches
    }
    arms_of = {batch: (*arms, *rival_arms(arms[0].units)) for batch, arms in arms_of.items()}

    def write(outcome: Outcome) -> tuple[Section, ...]:
        tables = [
            recall_table(
                f"Batch {batch} of {first.title} left out, {how(arms[0].units)}",
                arms,
                outcome,
                split=HELD_OUT,
                gallery=gallery,
            )
            for batch, arms in arms_of.items()
            for gallery in ("all", "active", "unseen molecules")
        ]
        tables += [
            _published(
                arms[0], outcome, f"{first.title}, batch {batch}", {HELD_OUT: "unseen dataset"}, ("all", "active")
            )
            for batch, arms in arms_of.items()
        ]
        words = [
            "A data set that nothing was fitted on, as RxRx3 in the publication. Embeddings of one space only can "
            "be ranked by one retriever."
        ]
        words += _shared(study)
        if batches:
            words.append(
                f"Instead, each of the {len(batches)} batches of {first.title} is left out in turn: no well of it "
                "takes part in training. Its molecules may have been trained on in other batches; gallery 'unseen "
                "molecules' has only those that were not. A batch of the same laboratory is less than other "
                "data."
            )
            words.append(NOT_COMPARABLE)
        else:
            words.append(f"{first.title} has {len(first.batches)} batches with a name: none can be left out.")
        return (Section("Unseen dataset", tuple(words), tuple(tables)),)

    return Experiment(
        "unseen-dataset", tuple(unit for arms in arms_of.values() for arm in arms for unit in arm.units), write
    )


def _shared(study: Study) -> list[str]:
    words = []
    for number, one in enumerate(study.files):
        for other in study.files[number + 1 :]:
            shared = len(set(one.feature_names) & set(other.feature_names))
            same = "one space" if one.space == other.space else "not available"
            words.append(
                f"{one.title} and {other.title}: {same} ({shared} features by the same name, of "
                f"{len(one.feature_names)} and {len(other.feature_names)})."
            )
    return words
