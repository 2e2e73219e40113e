"""What was published, to stand beside what is measured here."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "DIRECTIONS",
    "NOT_COMPARABLE",
    "RATIOS",
    "RECALLS",
    "SETTING",
    "SOURCE",
    "PublishedRatio",
    "PublishedRecall",
    "published_recall",
]

SOURCE = "MolPhenix, NeurIPS 2024, arXiv 2409.08302"

NOT_COMPARABLE = (
    "Absolute values of different data are not comparable: a recall depends on the assay and its encoder, on "
    "how many treatments trained the model and how many of them are active, on replicates and doses, on how "
    "unlike the held-out structures are, and on the size of the gallery. What can be compared are the order of "
    "methods and their ratios on one set of data."
)

SETTING = (
    "Published: trained on 1,316,283 treatments from more than 2,150,000 wells, on one A100 in 4.75 hours; "
    "ranked among 15,058 treatments (unseen images of seen molecules), 45,771 (unseen images of unseen "
    "molecules) and 6,549 (unseen dataset, RxRx3)."
)


@dataclass(frozen=True)
class PublishedRecall:
    """A published recall in the top 1 %.

    Parameters
    ----------
    gallery : {"active", "all"}
    split : {"seen molecules", "unseen scaffolds", "unseen dataset"}
        Images are unseen in all three.
    recall : float
    candidates : int
        Treatments in the gallery, as published of that split; whether all or the active is not said.
    source : str
    """

    gallery: str
    split: str
    recall: float
    candidates: int
    source: str = SOURCE


@dataclass(frozen=True)
class PublishedRatio:
    """A published ratio of two recalls on the same data.

    Parameters
    ----------
    what, condition : str
        Which over which, and where.
    ratio : float
    source : str
    """

    what: str
    condition: str
    ratio: float
    source: str = SOURCE


RECALLS = (
    PublishedRecall("active", "seen molecules", 0.9689, 15_058),
    PublishedRecall("active", "unseen scaffolds", 0.7733, 45_771),
    PublishedRecall("active", "unseen dataset", 0.5860, 6_549),
    PublishedRecall("all", "seen molecules", 0.5583, 15_058),
    PublishedRecall("all", "unseen scaffolds", 0.3824, 45_771),
    PublishedRecall("all", "unseen dataset", 0.2809, 6_549),
)
"""Recall in the top 1 % of the method with its best settings."""

RATIOS = (
    PublishedRatio("MolPhenix over CLOOME on images", "active, unseen molecules, matched samples", 8.1),
    PublishedRatio("CLOOME on Phenom1 embeddings over CLOOME on images", "active, unseen molecules", 5.69),
    PublishedRatio("MolPhenix over CLOOME, both on Phenom1 embeddings", "active, unseen molecules", 1.26),
    PublishedRatio("S2L over CLOOME", "held-out doses, at most", 2.26),
)
"""Ratios of recalls in the top 1 %; "up to 126 % over" is a ratio of 2.26."""

DIRECTIONS = {
    "embedding size": "compact embeddings are better",
    "parameters": "more are better",
    "batch size": "larger is better",
    "p cutoff": "lower is better for an unseen dataset",
    "molecule features": "pre-trained features with fingerprints are better than either alone",
    "averaging of replicates": "better than none",
    "dose encoding": "one-hot is best on seen doses, a sigmoid of log10 on unseen ones",
}
"""What the published ablations found, in words: no figures of them are given here."""


def published_recall(gallery: str, split: str) -> PublishedRecall | None:
    """Find the published figure to stand beside ours.

    Parameters
    ----------
    gallery : str
        "active" or "all".
    split : str
        "seen molecules", "unseen scaffolds" or "unseen dataset".

    Returns
    -------
    PublishedRecall or None
        None where none was published.
    """
    return next((each for each in RECALLS if (each.gallery, each.split) == (gallery, split)), None)
