"""Quiz polls: rounds, ballots, reveal, standings."""
