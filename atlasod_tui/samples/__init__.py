"""What the releases contain, and where a sample's files are in a folder."""
