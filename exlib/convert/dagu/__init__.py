"""Dagu: workflows in YAML, several in one file with `---` between them."""
