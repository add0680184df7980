"""How a derived theorem is known again: keys of programs, and equivalents fitted to the names of another program."""
