"""What is ordered from the headless verbs, and what that comes to."""
