"""The exports family (``exports.md``): a multicam edit becomes one file."""
