"""For all tests."""

from hypothesis import settings

# The same examples each time: a check that passes passes again. Look further with `--hypothesis-profile=search`.
settings.register_profile("checks", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("checks")
