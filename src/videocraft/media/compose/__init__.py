"""Films out of scenes: layers, sound, captions and transitions, rendered scene by scene and joined."""
