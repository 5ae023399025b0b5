"""A name server on loopback: a real zone, real packets, one zone file."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.resolver
import dns.rrset
import dns.zone

from support.patience import PATIENCE_S


class _Server(socketserver.UDPServer):
    """What it knows, by name and type."""

    def __init__(self, zone: dns.zone.Zone) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.known = {
            (name.derelativize(zone.origin or dns.name.root), data.rdtype): data
            for name, data in zone.iterate_rdatasets()
        }


class _Handler(socketserver.BaseRequestHandler):
    """One question, one answer."""

    def handle(self) -> None:
        """Answer with what is known under that name, or that there is no such name."""
        assert isinstance(self.server, _Server)
        packet, socket = self.request
        reply = dns.message.make_response(dns.message.from_wire(packet))
        asked = reply.question[0]
        found = self.server.known.get((asked.name, asked.rdtype))
        reply.flags |= dns.flags.AA
        if found:
            reply.answer.append(dns.rrset.from_rdata_list(asked.name, found.ttl, list(found)))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(reply.to_wire(), self.client_address)


@contextmanager
def serving(zone_file: str, origin: str) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a server of this zone, and nobody else."""
    zone = dns.zone.from_text(zone_file, origin, relativize=False, check_origin=False)
    with _Server(zone) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield _resolver(*server.server_address[:2])
        finally:
            server.shutdown()
            thread.join()


def _resolver(host: object, port: int) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [str(host)]
    resolver.port = port
    resolver.lifetime = PATIENCE_S
    return resolver
