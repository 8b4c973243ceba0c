"""Work in the background: what a job is, the folder that keeps it, the runner that does it."""
