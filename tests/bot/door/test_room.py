"""Laws of `bot.door.room`: so many and no more, and the silent go first."""

from hypothesis import given
from hypothesis import strategies as st

from bot.door.room import Room


def test_the_silent_leave_before_those_who_spoke():
    """Who made a request stays while somebody silent can go."""
    room = Room(most=2, most_per_address=9)
    room.enter("first", "127.0.0.1")
    room.hear("first")
    room.enter("second", "127.0.0.1")

    assert room.enter("third", "127.0.0.1") == "second"


def test_a_public_address_has_a_share_of_the_room():
    """Above its share a public address is turned away; a private one is a proxy with everybody behind it."""
    room = Room(most=99, most_per_address=2)

    public = [room.enter(number, "93.184.216.34") for number in range(3)]
    private = [room.enter(number, "10.0.0.1") for number in range(3, 6)]

    assert public == [None, None, 2]
    assert private == [None, None, None]


@given(st.lists(st.tuples(st.sampled_from(["enter", "hear", "leave"]), st.integers(0, 12)), max_size=200))
def test_a_room_never_holds_more_than_it_may(steps):
    """Whatever order people come, speak and go in, the limits hold and everybody leaves in the end."""
    room = Room(most=5, most_per_address=3)
    inside = set()
    for step, guest in steps:
        address = f"93.184.216.{guest % 3}"
        if step == "enter" and guest not in inside:
            leaver = room.enter(guest, address)
            inside = (inside | {guest}) - {leaver}
        elif step == "hear":
            room.hear(guest)
        elif step == "leave":
            room.leave(guest)
            inside.discard(guest)
        assert len(inside) == len(room) <= 5
        assert all(sum(1 for one in inside if one % 3 == share) <= 3 for share in range(3))
