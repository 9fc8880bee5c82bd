"""Completions for bash, zsh and fish, generated from the commands: ``make completions``."""
