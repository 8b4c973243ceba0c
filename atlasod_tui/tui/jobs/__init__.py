"""What the jobs page shows and does, without a widget."""
