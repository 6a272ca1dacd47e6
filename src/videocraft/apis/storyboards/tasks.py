"""The job handlers of the storyboards family, by importing the modules that register them."""

from __future__ import annotations

from videocraft.apis.storyboards import export_task, plan_task, refine_task, render_task

__all__ = ["export_task", "plan_task", "refine_task", "render_task"]
