"""What the scores mean, and the About box."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTextBrowser, QVBoxLayout, QWidget

from app.records import Session
from app.views.scroll_bar import SlimScrollBar

__all__ = ["about_dialog", "scores_dialog"]

_SCORES = """
<h3>Predicted candidates</h3>
<p>The model places the phenotype of the selected wells and every molecule of the library in one space. The
<b>score</b> is the cosine between the two, from −1 to 1. It orders candidates; it is not a probability, and scores
of different selections or models cannot be compared. Where the model has a kernel regression beside its towers, as
the bundled one, scores are small numbers (the best mostly below 0.1, and most of the library within 0.02 of zero):
their order alone counts.</p>
<p>Candidates are scored at the wells' own dose where it is known, otherwise over one grid of doses that is the
same for all molecules.</p>
<h3>Nearest measured treatments</h3>
<p>Here two <b>measured</b> phenotypes are compared: the similarity is the cosine between them. A measured
match is worth more than a predicted one.</p>
<h3>Seen and unseen</h3>
<p><b>SEEN</b>: the model was trained on this molecule, so a high rank may be memory. <b>UNSEEN</b>: it was not,
and its place is a prediction from structure alone. Expect far more from the first than from the second.</p>
<h3>Activity</h3>
<p><b>Activity p</b> asks whether the replicates of a treatment look more alike than wells of different
treatments do. With one replicate there is none. It says nothing about strength: the <b>distance to control</b>
does. <b>q</b> is p corrected for the number of treatments tested. Replicates that share one well position also
share its bias: then p should compare them with wells at one position, and the line under the headline says
whether it does. Above p = 0.1 a ranking rests on noise, and a banner says so.</p>
<h3>True molecule and chance</h3>
<p>Where the file names the molecule in the wells, its rank is shown beside the rank that chance gives in the
middle. One good rank proves little; the model's held-out recall stands in the status line.</p>
<p>The <b>chance</b> in the header is what held-out treatments of the same kind reached: so often, in a hundred
rankings, the true molecule was among the first percent of a library of this size. In brackets stands the 95 %
interval. Treatments whose molecule is not known get the chance of molecules of unseen scaffolds. For molecules
that the model was trained on it holds on new plates of the training screen alone: much of it comes from the
positions that those plates share. Where nothing of the kind was held out, no chance is shown, and the header says
why.</p>
<h3>Near to the training data, or not</h3>
<p>The <b>distance to the training data</b> is a percentile among the training treatments: beyond the 95th the
wells are unlike those, a banner says so, and no chance is shown. Unseen candidates name the <b>nearest training
molecule</b> with its Tanimoto similarity: the lower, the less there was to learn from.</p>
<h3>What to do with it</h3>
<p>Use the lists to choose what to look at next, never as proof of a mechanism or a target.
Confirm by experiment.</p>
"""


def _dialog(parent: QWidget, title: str, width: int, height: int, content: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(18, 16, 18, 14)
    layout.setSpacing(14)
    layout.addWidget(content)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout.addWidget(buttons)
    dialog.resize(width, height)
    return dialog


def scores_dialog(parent: QWidget, session: Session) -> QDialog:
    """What the numbers say, and what not."""
    text = QTextBrowser()
    text.setAccessibleName("What the scores mean")
    text.setFrameShape(QTextBrowser.Shape.NoFrame)
    text.setVerticalScrollBar(SlimScrollBar())
    text.document().setDocumentMargin(12)
    facts = "".join(
        f"<p>{escape(fact).replace(chr(10), '<br>')}</p>"
        for fact in (
            session.model_detail or session.model_error,
            session.library_detail or session.library_error,
        )
        if fact
    )
    text.setHtml(_SCORES + (f"<h3>Model and library in use</h3>{facts}" if facts else ""))
    return _dialog(parent, "What the scores mean", 620, 640, text)


def about_dialog(parent: QWidget, version: str) -> QDialog:
    """Version, licence and sources."""
    label = QLabel(
        f"<h2>MolPhenix Desktop</h2><p>Version {escape(version)}</p>"
        "<p>Ranks candidate molecules for the phenotype of cells, by contrastive retrieval.</p>"
        "<p>Free software under the Apache licence 2.0. Made with Qt for Python (LGPL), RDKit, PyTorch, NumPy, "
        "pandas, h5py and pyqtgraph; their licences come with the program.</p>"
        "<p>For research use only; not for diagnosis or treatment.</p>"
    )
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    return _dialog(parent, "About MolPhenix Desktop", 460, 300, label)
