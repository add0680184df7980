"""Ordered sets of devices and what is known of the ways between them."""

from hyperion.clusters.cluster import DeviceCluster as DeviceCluster
from hyperion.clusters.described import DescribedCluster as DescribedCluster
