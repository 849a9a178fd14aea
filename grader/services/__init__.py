"""What users do, one module per noun.

Each function checks who may, then does it in its own transaction.
"""
