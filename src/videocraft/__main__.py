"""``python -m videocraft``: the same as the command ``videocraft``."""

from __future__ import annotations

from videocraft.cli import main

if __name__ == "__main__":
    main()
