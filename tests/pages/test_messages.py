"""No trace ever reaches a person."""

from streamlit.testing.v1 import AppTest


def _refused() -> None:
    from core.errors import DatasetError
    from pages._ui import messages

    with messages.guarded():
        raise DatasetError("The folder [a](b) is empty; choose another.")


def _broken() -> None:
    from pages._ui import messages

    with messages.guarded():
        raise KeyError("secret")


def test_a_refusal_is_shown_as_its_sentence_and_not_as_markup() -> None:
    app = AppTest.from_function(_refused).run()
    assert app.error[0].value.replace("\\", "") == "The folder [a](b) is empty; choose another."
    assert "](" not in app.error[0].value
    assert not app.exception


def test_an_unforeseen_error_is_a_calm_sentence_with_details_to_copy() -> None:
    app = AppTest.from_function(_broken).run()
    assert "unexpected" in app.error[0].value
    assert "secret" not in app.error[0].value
    assert "KeyError: 'secret'" in app.expander[0].code[0].value
    assert not app.exception


def _ended() -> None:
    from pages._ui import messages

    messages.problem("There is nothing at /data/eyes; open its folder again.", "")


def test_a_failure_without_details_has_no_fold() -> None:
    app = AppTest.from_function(_ended).run()
    assert "/data/eyes" in app.error[0].value
    assert not app.expander
