from server.users import limiter as limiters
from server.users.limiter import Door, Guess, Limiter
from server.users.secrets import token


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def a_limiter():
    clock = Clock()
    return Limiter(clock), clock


def storm(limiter, door, tries=1000, word="guess"):
    """Try many passwords as a front does, and return how many were really checked."""
    checked = 0
    for at in range(tries):
        if not limiter.wait_s(door):
            checked += 1
            limiter.wrong(door, Guess(password=f"{word} {at}"))
    return checked


ATTACKER = Door("anna", "198.51.100.1", "x")
PHONE = Door("anna", "192.0.2.7", "DSub")


def test_an_account_bears_ten_wrong_tries_a_minute_from_wherever_they_come():
    limiter, clock = a_limiter()
    checked = sum(storm(limiter, Door("anna", f"198.51.100.{at}", "x"), 100, f"host {at}") for at in range(50))
    assert checked == 10
    assert 0 < limiter.wait_s(ATTACKER) <= 60
    clock.now += 61
    assert limiter.wait_s(ATTACKER) == 0
    assert storm(limiter, ATTACKER) == 10


def test_an_address_bears_thirty_wrong_tries_a_minute_whatever_names_it_uses():
    limiter, _ = a_limiter()
    assert sum(storm(limiter, Door(f"user {at}", "198.51.100.1", "x"), 5) for at in range(100)) == 30
    assert limiter.wait_s(Door("never heard of", "198.51.100.1", "x"))
    assert not limiter.wait_s(Door("never heard of", "198.51.100.2", "x"))


def test_tries_without_a_name_count_for_the_address():
    limiter, _ = a_limiter()
    checked = 0
    for at in range(1000):
        door = Door("", "198.51.100.1", "x")
        if not limiter.wait_s(door):
            checked += 1
            limiter.wrong(door, Guess(api_key=f"fk_{at}"))
    assert checked == 30


def test_another_client_name_buys_no_further_tries():
    limiter, _ = a_limiter()
    assert sum(storm(limiter, Door("anna", "198.51.100.1", f"client {at}"), 5, f"word {at}") for at in range(100)) == 10


def test_the_window_slides_and_the_wait_that_is_told_is_true():
    limiter, clock = a_limiter()
    for at in range(10):
        limiter.wrong(ATTACKER, Guess(password=str(at)))
        clock.now += 1
    wait_s = limiter.wait_s(ATTACKER)
    assert wait_s == 50
    clock.now += wait_s - 1
    assert limiter.wait_s(ATTACKER) == 1
    clock.now += 1
    assert limiter.wait_s(ATTACKER) == 0
    limiter.wrong(ATTACKER, Guess(password="one more"))
    assert limiter.wait_s(ATTACKER) == 1


def test_the_same_wrong_thing_again_counts_once():
    limiter, _ = a_limiter()
    for _ in range(100):
        limiter.wrong(ATTACKER, Guess(password="typo"))
        limiter.wrong(ATTACKER, Guess(token="0" * 32, salt="fixed"))
    assert limiter.wait_s(ATTACKER) == 0
    assert storm(limiter, ATTACKER) == 8


def test_a_token_and_then_its_password_plain_count_once():
    limiter, _ = a_limiter()
    for at in range(9):
        wrong = f"typo {at}"
        limiter.wrong(PHONE, Guess(token=token(wrong.encode(), f"salt {at}"), salt=f"salt {at}"))
        limiter.wrong(PHONE, Guess(password=wrong))
    assert limiter.wait_s(PHONE) == 0
    assert storm(limiter, PHONE) == 1


def test_an_app_that_has_signed_in_stays_in_while_its_account_and_address_are_attacked():
    limiter, _ = a_limiter()
    limiter.right(PHONE, Guess(password="right"))
    storm(limiter, ATTACKER)
    for at in range(50):
        storm(limiter, Door(f"user {at}", PHONE.address, "x"), 5)
    assert limiter.wait_s(ATTACKER)
    assert limiter.wait_s(Door("anna", PHONE.address, "x"))
    assert limiter.wait_s(PHONE) == 0


def test_a_trusted_app_is_counted_too():
    limiter, _ = a_limiter()
    limiter.right(PHONE, Guess(password="right"))
    assert storm(limiter, PHONE) == 10
    assert storm(limiter, ATTACKER) == 0


def test_an_old_phone_with_the_wrong_password_does_not_lock_out_the_laptop_beside_it():
    limiter, _ = a_limiter()
    laptop = PHONE._replace(client="Feishin")
    limiter.right(laptop, Guess(password="new"))
    limiter.right(PHONE, Guess(password="old"))
    storm(limiter, PHONE)
    assert limiter.wait_s(PHONE)
    assert limiter.wait_s(laptop) == 0


def test_trust_ends_after_a_week():
    limiter, clock = a_limiter()
    limiter.right(PHONE, Guess(password="right"))
    assert limiter.knows(PHONE)
    clock.now += 7 * 86_400
    assert not limiter.knows(PHONE)
    storm(limiter, ATTACKER)
    assert limiter.wait_s(PHONE)


def test_a_try_that_turns_out_right_does_not_count():
    limiter, _ = a_limiter()
    for at in range(100):
        limiter.wrong(PHONE, Guess(password=f"right {at}"))
        limiter.right(PHONE, Guess(password=f"right {at}"))
    assert storm(limiter, ATTACKER) == 10


def test_nobody_is_known_at_once_while_somebody_is_over_the_limit():
    limiter, clock = a_limiter()
    limiter.right(PHONE, Guess(password="right"))
    assert limiter.knows(PHONE)
    storm(limiter, ATTACKER)
    assert not limiter.knows(PHONE)
    clock.now += 60
    assert limiter.knows(PHONE)


def test_a_flood_of_names_and_addresses_stays_within_bounds(monkeypatch):
    monkeypatch.setattr(limiters, "MOST_WINDOWS", 100)
    monkeypatch.setattr(limiters, "MOST_TRUSTED", 50)
    limiter, _ = a_limiter()
    for at in range(500):
        limiter.wrong(Door(f"user {at}", f"address {at}", "x"), Guess(token="0" * 32, salt="s" * 1000))
        limiter.right(Door("anna", "192.0.2.1", str(at)), Guess(password="right"))
    assert len(limiter._windows) == 100
    assert len(limiter._trusted) == 50
    assert "sss" not in repr(limiter._windows)


def test_wrong_passwords_are_not_kept_as_they_are():
    limiter, _ = a_limiter()
    limiter.wrong(PHONE, Guess(password="nearly right"))
    assert "nearly right" not in repr(limiter._windows)
