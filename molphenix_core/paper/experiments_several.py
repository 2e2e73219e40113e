"""Does a molecule tower taught by several assays find unseen scaffolds better in one of them?"""

from __future__ import annotations

from molphenix_core.paper.experiment import Experiment, how
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.ranks import UNSEEN_SCAFFOLDS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Section
from molphenix_core.paper.study import Study
from molphenix_core.paper.tables import finding, recall_table
from molphenix_core.paper.units import rivals_unit

__all__ = ["several_phenotypes"]


def several_phenotypes(study: Study, *, seeds: int) -> Experiment:
    """Each file alone, against all of them through one molecule tower, on the same scaffold folds."""
    files = study.files
    together = study.units(study.recipe(*files), seeds=seeds) if len(files) > 1 else ()
    arms: dict[str, list[Arm]] = {}
    for number, file in enumerate(files if together else ()):
        alone = study.units(study.recipe(file), seeds=seeds, dealt=files)
        rivals = tuple(rivals_unit(unit) for unit in alone if unit.seed == 0)
        arms[file.title] = [
            Arm(f"{file.title} alone", alone),
            Arm("all together", together, file=number),
            Arm("kernel ridge on Tanimoto, sphered", rivals, "kernel ridge on Tanimoto, sphered"),
        ]

    def write(outcome: Outcome) -> tuple[Section, ...]:
        title = "Several phenotypes, one molecule tower"
        asked = (
            "Does a molecule tower that several assays teach find unseen scaffolds better in one of them? The "
            "molecules of all files are dealt into scaffold folds together, so that no assay shows a molecule "
            "that another one holds out; each assay has a phenomics tower of its own. Files: "
            + ", ".join(f"{file.title} ({file.treatments} treatments)" for file in files)
            + "."
        )
        if not arms:
            return (Section(title, (asked, "Not available: one file.")),)
        tables = [
            recall_table(f"{title}: {name}, {how(of[0].units)}", of, outcome, split=UNSEEN_SCAFFOLDS)
            for name, of in arms.items()
        ]
        found = [f"{name}: {finding(of[:2], outcome, split=UNSEEN_SCAFFOLDS)}" for name, of in arms.items()]
        return (Section(title, (asked, *found), tuple(tables)),)

    units = tuple(unit for of in arms.values() for arm in of for unit in arm.units)
    return Experiment("several", units, write)
