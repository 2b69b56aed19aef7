"""Makes ``targets`` and ``helpers`` importable, here and in worker processes, which take over the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
