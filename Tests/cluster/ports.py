"""Ports for servers that are stopped and started again, and for those that never start."""
import random
import socket

RANGE = "/proc/sys/net/ipv4/ip_local_port_range"
TRIES = 1000


def reserve():
    """A socket that keeps a port of 127.0.0.1 for us as long as it is open, also in a child that inherits it.

    The port lies below those that the system gives to connections: of those, any may be taken while its server is
    away. Nobody else can bind it, so that runs side by side do not meet; a server of ours can, because it sets
    SO_REUSEADDR, as this does. Until then a connection to it is refused.
    """
    try:
        with open(RANGE) as file:
            end = int(file.read().split()[0])
    except OSError:
        end = 32768
    for _ in range(TRIES):
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = random.randrange(max(1024, end - 16384), end)
        try:
            # Without SO_REUSEADDR first: with it, two holders of one port are fine with the system.
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                holder.bind(("127.0.0.1", port))
            return holder
        except OSError:
            holder.close()
    raise OSError(f"no port below {end} is free")


def number(holder):
    return holder.getsockname()[1]
