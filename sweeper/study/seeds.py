"""How many fresh seeds can be asked for, by which leaders are confirmed."""

FEWEST_SEEDS, MOST_SEEDS = 3, 100
