"""What ex-validate can find, one function a rule, each with a stable code."""
