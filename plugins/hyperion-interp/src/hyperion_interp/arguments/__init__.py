"""Python and NumPy arguments to values of the IR, and back. NumPy need not be installed."""

from hyperion_interp.arguments.parameters import result as result
from hyperion_interp.arguments.parameters import values_of_arguments as values_of_arguments
