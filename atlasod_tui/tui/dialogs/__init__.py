"""What is asked over a page."""
