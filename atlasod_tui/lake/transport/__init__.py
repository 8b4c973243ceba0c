"""How bytes come: over https, over root:// or from a folder of this machine, and what has come of a file so far."""
