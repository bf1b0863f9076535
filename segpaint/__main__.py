"""``python -m segpaint``, and ``accelerate launch -m segpaint``."""

import sys

from segpaint.cli import main

sys.exit(main())
