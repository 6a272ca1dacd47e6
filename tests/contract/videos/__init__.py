"""The videos family over HTTP, held against its document."""
