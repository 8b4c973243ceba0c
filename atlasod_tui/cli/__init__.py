"""The headless program: one module per verb, output, exit codes."""
