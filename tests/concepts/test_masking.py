"""Masks show enough to tell two rows apart and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts.masking import KINDS, mask, mask_identity_number, mask_name, mask_phone


def test_masks_by_kind():
    assert mask("张三丰", "name") == mask_name("张三丰") == "张**"
    assert mask("310199195912080473", "identity_number") == mask_identity_number("310199195912080473") == "3…(18)"
    assert mask("12554751234", "phone") == mask_phone("12554751234") == "125****1234"


def test_without_a_kind_the_first_character_and_the_length_are_shown():
    assert mask("杨树浦路112弄") == "杨…(8)"


def test_the_length_of_a_name_is_not_shown():
    assert mask_name("张三") == mask_name("张三丰") == mask_name("张三丰一")


def test_a_telephone_number_is_masked_however_it_is_written():
    assert mask_phone("125-5475-1234") == "125****1234"
    assert mask_phone("65551234") == "****34"
    assert mask_phone("110") == "****"


@given(st.sampled_from(["", *KINDS]), st.text("张三丰Smith", min_size=1, max_size=20), st.integers(10**6, 10**17))
def test_no_value_is_shown_whole(kind, text, number):
    assert text not in mask(text, kind)
    assert str(number) not in mask(str(number), kind)
    assert not any(str(number)[-5:] in mask(str(number), each) for each in KINDS)


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_an_empty_value_stays_empty(kind):
    assert mask("", kind) == ""


def test_an_unknown_kind_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        mask("x", "colour")
