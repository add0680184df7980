"""The rungs of the ladder: what a chunk of a loop becomes, by the class of its step."""
