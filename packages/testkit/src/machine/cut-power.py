"""Cuts the power of a file system: nothing that is not on the disk yet will reach it.

Says "ready", waits for a line, and shuts the file system of the folder down without flushing its journal
(FS_IOC_SHUTDOWN of Linux; Node.js has no ioctl).
"""

import fcntl
import os
import struct
import sys

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2

folder = os.open(sys.argv[1], os.O_RDONLY)
print("ready", flush=True)
if sys.stdin.readline():
    fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
