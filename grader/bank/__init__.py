"""From a YAML file to a problem, and from a problem and a seed to a variant."""
