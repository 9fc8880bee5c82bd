"""One module a tool: declaration, load, one library call, write. Commands never import commands."""
