"""Several documents made into one: side by side (``together``), or two that changed a third (``threeway``)."""
