"""Makes the study tests' ``targets`` and ``helpers`` importable, here and in worker processes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
