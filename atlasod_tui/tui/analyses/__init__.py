"""What the analyses page shows and asks, without a widget."""
