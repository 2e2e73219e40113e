"""The retriever: towers, losses and the bundle that ships them."""
