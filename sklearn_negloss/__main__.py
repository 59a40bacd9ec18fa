"""Entry point of ``python -m sklearn_negloss``."""

import sys

from sklearn_negloss._cli import main

if __name__ == "__main__":
    sys.exit(main())
