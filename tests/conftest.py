"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# No deadline: the machine may be busy, and time is not what these tests are about. Derandomised: the same
# commit gives the same result everywhere.
settings.register_profile("videocraft", deadline=None, derandomize=True)
settings.load_profile("videocraft")
