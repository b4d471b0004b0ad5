"""Networks: the recipes of the papers, the architectures, and their weights.

`recipes` and `architectures` need no torch; the server may import them. `building` and what it uses load it.
"""
