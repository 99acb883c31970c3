"""The last digit of a code that is read aloud."""

from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts.check_digit import check_digit, fits

codes = st.text("0123456789", min_size=1, max_size=14).map(lambda digits: digits + check_digit(digits))


def test_as_published():
    assert check_digit("572") == "4"
    assert fits("5724")


@given(codes, st.data())
def test_one_wrong_digit_is_found(code, data):
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert fits(code)
    assert not fits(code[:place] + wrong + code[place + 1 :])


@given(codes, st.data())
def test_two_digits_that_changed_places_are_found(code, data):
    place = data.draw(st.integers(0, len(code) - 2))
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert fits(turned) == (code[place] == code[place + 1])


def test_what_is_no_code_does_not_fit():
    for text in ("", "0", "12a4", "５７２４", " 5724"):
        assert not fits(text)
