"""One HTML page about a plate file: quality, hits, and what the retriever says of them."""
