"""The author's own page: a problem file as students will see it, read again whenever it is saved."""
