"""What the lake page shows and asks, without a widget."""
