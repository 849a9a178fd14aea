"""What users do, one module per noun; each function checks who may, then does it in its own transaction."""
