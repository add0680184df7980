"""Virtual devices in pure Python: the model for device plugins, and what every error path is tested with.

driver.py knows the devices and opens them with options.py; device.py is an open one; memory.py its memories and their
buffers; values.py takes arrays from there and back; schedule.py does work in threads, as if in the order of asking;
life.py is open, lost or closed; faults.py makes any call fail. A driver of real devices has the same files, with calls
of the vendor's library in place of NumPy.
"""
