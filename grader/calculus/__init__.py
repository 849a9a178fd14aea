"""Derivatives on our own tree by one table of rules, and all that is built on them."""
