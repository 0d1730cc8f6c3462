"""Every defence of the program that has to be missed when it is gone."""

from __future__ import annotations

from tests.faults.mutation.calls import CALLS
from tests.faults.mutation.doors import DOORS
from tests.faults.mutation.downloads import DOWNLOADS
from tests.faults.mutation.files import FILES
from tests.faults.mutation.machines import MACHINES
from tests.faults.mutation.media import MEDIA
from tests.faults.mutation.money import MONEY
from tests.faults.mutation.people import PEOPLE
from tests.faults.mutation.places import PLACES
from tests.faults.mutation.posting import POSTING
from tests.faults.mutation.providers import PROVIDERS
from tests.faults.mutation.secrets import SECRETS
from tests.faults.mutation.store import STORE
from tests.faults.mutation.submitting import SUBMITTING
from tests.faults.mutation.watching import WATCHING
from tests.faults.mutation.words import WORDS

DEFENCES = (
    *POSTING,
    *WORDS,
    *MONEY,
    *SUBMITTING,
    *WATCHING,
    *STORE,
    *DOWNLOADS,
    *PLACES,
    *DOORS,
    *PROVIDERS,
    *SECRETS,
    *PEOPLE,
    *MEDIA,
    *MACHINES,
    *FILES,
    *CALLS,
)
