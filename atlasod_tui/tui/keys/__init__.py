"""Keys by the names that people and Textual give them, and the user's own."""
