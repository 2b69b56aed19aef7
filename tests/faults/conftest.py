"""Makes ``spoken``, and the study tests' ``targets`` and ``helpers``, importable, here and in worker processes."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.with_name("study"))]
