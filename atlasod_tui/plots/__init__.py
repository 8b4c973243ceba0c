"""Data/MC: the numbers of a plot, drawn in a terminal or on paper."""
