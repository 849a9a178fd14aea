"""Statements to a learning record store: their form, and sending them."""
