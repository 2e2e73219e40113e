"""Does a molecule tower taught by several assays find unseen scaffolds better in one of them?"""

from __future__ import annotations

from molphenix_core.paper.experiment import Experiment, how
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.ranks import UNSEEN_SCAFFOLDS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Section
from molphenix_core.paper.study import FileFacts, Study
from molphenix_core.paper.tables import finding, recall_table
from molphenix_core.paper.units import Unit, rivals_unit

__all__ = ["several_phenotypes"]


_CLOSELY = 2
_RIDGE = "kernel ridge on Tanimoto, sphered"


def several_phenotypes(study: Study) -> Experiment:
    """Each file alone, against all of them through one molecule tower, on the same scaffold folds.

    The first two files, also as a pair, with all seeds; all files together with one.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Experiment
        Without units where there is one file only.
    """
    files = study.files
    pair = files[:_CLOSELY]

    def trained(*of: FileFacts, seeds: int | None = None) -> tuple[Unit, ...]:
        return study.units(study.recipe(*of), seeds=seeds, dealt=files)

    arms: dict[str, list[Arm]] = {}
    for number, file in enumerate(files if len(files) > 1 else ()):
        closely = number < len(pair)
        alone = trained(file, seeds=None if closely else 1)
        here = [Arm(f"{file.title} alone", alone)]
        if closely:
            here.append(
                Arm("with " + " and ".join(o.title for o in pair if o != file), trained(*pair), file=number)
            )
        if len(files) > len(pair):
            here.append(Arm("all files together", trained(*files, seeds=1), file=number))
        rivals = tuple(rivals_unit(unit) for unit in alone if unit.seed == 0)
        here.append(Arm(_RIDGE, rivals, _RIDGE))
        arms[file.title] = here

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
            recall_table(
                f"{title}: {name}, {how(of[0].units)} (all together: one seed)",
                of,
                outcome,
                split=UNSEEN_SCAFFOLDS,
            )
            for name, of in arms.items()
        ]
        found = [f"{name}: {finding(of[:-1], outcome, split=UNSEEN_SCAFFOLDS)}" for name, of in arms.items()]
        return (Section(title, (asked, *found), tuple(tables)),)

    units = tuple(unit for of in arms.values() for arm in of for unit in arm.units)
    return Experiment("several", units, write)
