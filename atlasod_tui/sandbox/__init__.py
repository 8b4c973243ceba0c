"""A real Rucio in a box: installed on request, one process on loopback, with data of its own."""
