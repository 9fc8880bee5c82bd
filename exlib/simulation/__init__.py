"""What a run would be like: its durations guessed from history or limits, its schedule made by the scheduler itself."""
