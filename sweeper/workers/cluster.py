"""Which machines the workers run on, as a person says it; nothing here knows of Ray."""

from __future__ import annotations

from dataclasses import dataclass

from sweeper.errors import InputError

LOCAL, AUTO, CLIENT = "local", "auto", "ray://"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where workers run, and what each of them needs.

    Attributes:
        address: ``local`` (a Ray of this machine, started for one command), ``auto`` (the cluster that this machine is
            in), or ``ray://HOST:PORT``; empty for processes of this machine.
        cpus: processors of each worker; 0 for as many as it has threads.
        gpus: of each worker; a fraction where several share one.
    """

    address: str = ""
    cpus: int = 0
    gpus: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what says nothing.

        Raises:
            InputError: it is no address of a cluster, or there is none and something is asked of it.
        """
        if self.address not in {"", LOCAL, AUTO} and self.host is None:
            raise InputError(
                f"--cluster {self.address}: no address of a cluster",
                hint="give local, auto, or ray://HOST:PORT, such as ray://head:10001",
                key="--cluster",
            )
        option = "--gpus-per-worker" if self.gpus else "--cpus-per-worker"
        if not self.address and (self.cpus or self.gpus):
            raise InputError(f"{option} is for workers on a cluster", hint="give --cluster local, too", key=option)

    @property
    def host(self) -> tuple[str, int] | None:
        """Host and port of ``ray://HOST:PORT``; None of any other address."""
        host, _, port = self.address.removeprefix(CLIENT).rpartition(":")
        return (host, int(port)) if self.address.startswith(CLIENT) and host and port.isdecimal() else None


HERE_ALONE = Cluster()
"""No cluster: processes of this machine."""
