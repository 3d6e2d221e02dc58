"""`python -m imageway` is the command line."""

import sys

from imageway.cli import main

sys.exit(main())
