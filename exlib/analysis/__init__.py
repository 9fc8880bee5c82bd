"""What a graph tells before anything runs: which edges say something, how long it takes, what holds it up."""
