"""Shell scripts: commands as jobs where that keeps the meaning, and workflows as scripts that run alone."""
