"""What a workflow could do without, and what would make it quicker or safer: the order, its data, its history."""
