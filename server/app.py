"""What the parts of a running Familiar share: one frozen record, built in `main` and handed to everybody."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel.config import Config
from server.kernel.db import Database
from server.kernel.ids import Ids
from server.kernel.jobs import Queue
from server.kernel.metrics import Metrics

if TYPE_CHECKING:
    from server.kernel.fetch import Fetch


@dataclass(frozen=True, slots=True)
class App:
    config: Config
    db: Database
    ids: Ids
    queue: Queue
    render: object
    """The faces that the scanner draws: a `server.library.facts.Renderer`."""
    parts: dict = field(default_factory=dict)
    """What some processes have and others never need, by type: sign-in, covers, transcoder, the way out."""
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def fetch(self) -> "Fetch":
        """The only way out to other servers; made for who first takes it, since a short command never does."""
        from server.kernel.fetch import Fetch

        return self.parts.get(Fetch) or self.parts.setdefault(Fetch, Fetch(self.config.fetch_allow))

    def part(self, kind: type):
        """Return the one part of this type."""
        return self.parts[kind]
