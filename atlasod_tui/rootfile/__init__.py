"""The ROOT container: parsing, columns, writing; nothing of ATLAS in here."""
