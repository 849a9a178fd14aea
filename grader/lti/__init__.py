"""LTI 1.3: messages, keys and the services of a platform; no web framework and no tables."""
