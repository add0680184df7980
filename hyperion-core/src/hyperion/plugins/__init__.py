"""Finds plugins, keeps them apart, and holds what they register.

rules       which plugins are on, and which of two is preferred; who says so
activating  imports a plugin and registers its hooks, or finds out why not
faults      what is wrong with a plugin that raises, and what to do about it
patience    says in whose code a process is that takes long or is interrupted
surroundings  what of the process importing a plugin changes, and how it is put back
tables      what the hooks of active plugins register
homes       which distributions of this project register what
host        all of them together, for one Instance
"""

from hyperion.plugins.host import PluginChoice as PluginChoice
from hyperion.plugins.host import PluginHost as PluginHost
from hyperion.plugins.interfaces import INTERFACES as INTERFACES
from hyperion.plugins.interfaces import interface as interface
from hyperion.plugins.status import PluginStatus as PluginStatus
from hyperion.plugins.status import State as State
