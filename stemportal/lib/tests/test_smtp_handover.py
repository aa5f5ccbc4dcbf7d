from __future__ import annotations

import pytest

from stemportal.embedded.process import free_port
from stemportal.lib.smtp_handover import CutOff, Handover, MailServerAway, Refused
from stemportal.testing.smtp_server import bad_server

MAIL = b"Subject: Hei\r\n\r\n..punktum\r\n"


@pytest.fixture
def server(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    with bad_server(0) as habits:
        settings.EMAIL_PORT = habits.port
        yield habits


def hand_over(handover: Handover, receiver: str = "kari@example.org", begin=lambda: True) -> bool:
    return handover.send(sender="retur@example.org", receiver=receiver, mail=MAIL, begin=begin)


def test_mails_go_over_one_connection_as_they_are(server):
    with Handover() as handover:
        for number in range(3):
            assert hand_over(handover, f"leser{number}@example.org")

    assert server.connections == 1
    assert server.receivers() == ["leser0@example.org", "leser1@example.org", "leser2@example.org"]
    assert server.taken[0].sender == "retur@example.org"
    assert server.taken[0].content == b"Subject: Hei\r\n\r\n.punktum\r\n"


def test_caller_may_say_no_after_the_server_said_yes(server):
    with Handover() as handover:
        assert not hand_over(handover, begin=lambda: False)
        assert hand_over(handover, "ola@example.org")

    assert server.receivers() == ["ola@example.org"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "permanent"), [("450 4.2.0 Not now", False), ("550 5.1.1 No such mailbox", True)], ids=["4yz", "5yz"]
)
def test_refused_receiver_does_not_end_the_connection(server, answer, permanent):
    server.refuse["kari@example.org"] = [answer]
    begun = []
    with Handover() as handover:
        with pytest.raises(Refused) as refused:
            hand_over(handover, begin=lambda: begun.append(1) or True)
        assert hand_over(handover, "ola@example.org")

    assert (refused.value.permanent, refused.value.about_receiver) == (permanent, True)
    assert str(refused.value) == answer
    assert not begun
    assert server.connections == 1


def test_refused_text_is_not_about_the_receiver(server):
    server.refuse_text["kari@example.org"] = ["550 Looks like spam"]
    with Handover() as handover:
        with pytest.raises(Refused) as refused:
            hand_over(handover)
        assert hand_over(handover)

    assert (refused.value.permanent, refused.value.about_receiver) == (True, False)


def test_connection_that_ends_after_the_text_leaves_it_unknown(server):
    server.cut_after_text.add("kari@example.org")
    with Handover() as handover:
        with pytest.raises(CutOff):
            hand_over(handover)
        assert hand_over(handover, "ola@example.org")

    assert server.receivers() == ["ola@example.org"]


def test_connection_that_ends_before_the_text_is_tried_once_more(server):
    server.cut_before_text.add("kari@example.org")
    with Handover() as handover:
        assert hand_over(handover, "ola@example.org")
        assert hand_over(handover)

    assert server.receivers() == ["ola@example.org", "kari@example.org"]
    assert server.connections == 2


def test_connection_that_ends_in_a_text_that_is_not_all_out_has_not_delivered_it(server):
    server.cut_in_text.add("kari@example.org")
    long = b"x" * 70 + b"\r\n"
    with Handover() as handover, pytest.raises(Refused) as refused:
        handover.send(sender="", receiver="kari@example.org", mail=long * 400_000, begin=lambda: True)

    assert not refused.value.permanent


def test_answer_that_does_not_come_in_time_leaves_it_unknown(server):
    server.seconds_for_answer = 0.4
    with Handover(mail_seconds=0.1) as handover, pytest.raises(CutOff):
        hand_over(handover)


def test_slow_answer_is_waited_for(server):
    server.seconds_for_answer = 0.3
    with Handover(command_seconds=0.1) as handover:
        assert hand_over(handover)
        server.seconds_for_answer = 0
        assert hand_over(handover)

    assert len(server.taken) == 2


def test_server_that_takes_few_mails_a_connection_gets_more_connections(server):
    server.mails_a_connection = 2
    with Handover() as handover:
        for number in range(5):
            assert hand_over(handover, f"leser{number}@example.org")

    assert len(server.taken) == 5
    assert server.connections == 3


def test_server_that_refuses_the_sender_is_away(server):
    server.refuse_sender = "554 5.7.1 We do not know you"
    with Handover() as handover, pytest.raises(MailServerAway, match="554 5.7.1"):
        hand_over(handover)


def test_server_that_is_not_there_is_away(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with Handover() as handover, pytest.raises(MailServerAway):
        hand_over(handover)


def test_line_end_in_an_address_reaches_no_server(server):
    with Handover() as handover, pytest.raises(ValueError, match="newline"):
        hand_over(handover, "kari@example.org>\r\nRCPT TO:<ola@example.org")

    assert not server.taken
