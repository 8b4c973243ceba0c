"""Files into a lake: checked beforehand, written, and made known in one transaction."""
