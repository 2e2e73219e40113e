"""From treatments to batches to a trained retriever."""
