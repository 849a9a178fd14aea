"""Webhooks: signing and sending; no web framework and no tables."""
