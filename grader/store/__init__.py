"""Tables and queries, one module per noun; knows nothing of who may do what."""
