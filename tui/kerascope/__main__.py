"""`python -m kerascope`: the same as the console script."""

import sys

from kerascope.cli import main

if __name__ == "__main__":
    sys.exit(main())
