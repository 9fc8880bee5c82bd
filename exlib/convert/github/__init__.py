"""GitHub Actions: workflow files, their expressions, matrices and steps."""
