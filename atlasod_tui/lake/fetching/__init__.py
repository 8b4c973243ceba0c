"""Files out of a lake: from whichever replica has them, resumed, verified, and the copies that are here already."""
