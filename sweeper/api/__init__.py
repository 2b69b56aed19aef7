"""sweeper in Python: what the commands do, called with keyword arguments, giving typed results that a notebook shows.

Each function reads its arguments, calls the job that the command of its name calls, and puts the job's document into a
frozen object. ``import sweeper`` names them all and loads none.
"""
