"""One run from a checked document to its exit code: joins the engine, the history and the reports."""
