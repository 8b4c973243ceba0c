"""Browse and analyse the Datalake with ATLAS Open Data, in a terminal."""

__version__ = "0.1.0"
