"""Proven reductions, scans and maps split over several devices, with the bits of one."""

from hyperion_cluster.splitting.splitter import Splitter as Splitter
from hyperion_cluster.splitting.splitter import Whole as Whole
