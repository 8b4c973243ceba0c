"""Event loops: an analysis declared in plain Python, compiled, run over columns, summed into histograms."""
