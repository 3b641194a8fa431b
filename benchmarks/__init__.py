"""Programs that measure. They print tables and are never imported by the product."""

import sys
from pathlib import Path

# The tests' way to start the real app; a package named `tests` would collide with
# the one that iterative-stratification leaves in site-packages.
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
