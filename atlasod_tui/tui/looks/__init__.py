"""Themes, characters, and what a terminal can show of them."""
