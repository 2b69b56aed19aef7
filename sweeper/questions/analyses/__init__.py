"""What is made of the results: pure functions from results to an answer, one file each."""
