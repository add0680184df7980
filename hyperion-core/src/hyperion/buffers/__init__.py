"""Bytes in host memory, typed views of them, and the ways in and out: DLPack, buffer protocol, array interface."""
