"""Captions as data: timed words, and everything that is made of them."""
