"""Posts cards, films and notices: once, wherever they can still be posted.

`rungs.py` says where a film belongs and where next, `places.py` finds that place in Discord, `marks.py`
recognises what stands there already, and `delivery.py` posts.
"""

from bot.delivery.delivery import NONCE_WINDOW, Delivery, Parcel, Posted, nonce_is_forgotten
from bot.delivery.places import BY_DEFAULT
from bot.delivery.rungs import Rung, below, first, for_notices, wants_copy

__all__ = [
    "BY_DEFAULT",
    "NONCE_WINDOW",
    "Delivery",
    "Parcel",
    "Posted",
    "Rung",
    "below",
    "first",
    "for_notices",
    "nonce_is_forgotten",
    "wants_copy",
]
