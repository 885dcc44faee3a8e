"""Whose matter a refusal is, by what real servers say, each said by a real server in its place; and what comes of limits."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.replies import Answer
from complaint_sla.mail import replies
from complaint_sla.mail.matters import MATTERS
from complaint_sla.mail.matters import Phase as Step
from complaint_sla.mail.servers import Patience
from complaint_sla.mail.smtp import SmtpTransport
from tests.mail.answers import OTHER, SAID, THEM, US
from tests.mail.sending import MESSAGE, RECIPIENT, OpenPostbox, server_of
from tests.servers.smtp import Phase

STEPS = {
    Phase.GREETING: Step.CONNECT,
    Phase.MAIL: Step.MAIL,
    Phase.RCPT: Step.RCPT,
    Phase.DATA: Step.DATA,
    Phase.BODY: Step.TEXT,
}


async def test_each_real_answer_is_judged_by_whose_matter_it_is(postbox: OpenPostbox):
    box = postbox()
    found = []
    for one in SAID:
        box.answer(one.phase, one.reply)
        transport = SmtpTransport(server_of(box))
        reply = await transport.send(RECIPIENT, MESSAGE)
        await transport.close()
        box.mend()
        found.append((one.reply, reply.answer, reply.code))

    assert found == [(one.reply, one.answer, int(one.reply[:3])) for one in SAID]
    assert box.received == []


def test_each_line_of_the_table_is_needed_by_a_real_answer():
    decided = set()
    for one in SAID:
        text = "\n".join(line[4:] for line in one.reply.split("\r\n"))
        found = replies._ENHANCED.search(text)
        words = replies._NAMED.sub("", text)
        status = found[1] if found else ""
        decided.add(next(replies.fitting(STEPS[one.phase], int(one.reply[:3]), status, words)))

    assert [matter.source for matter in MATTERS if matter not in decided] == []


TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from([one.reply[4:] for one in SAID]),
    st.builds(
        "{} {}".format,
        st.from_regex(r"[245]\.[0-9]\.[0-9]{1,3}", fullmatch=True),
        st.sampled_from([one.reply[4:].partition(" ")[2] for one in SAID]),
    ),
)


@given(step=st.sampled_from(Step), code=st.integers(-1, 999), text=TEXTS)
def test_nobody_is_passed_over_but_for_what_is_for_good_and_about_them(step: Step, code: int, text: str):
    answer = replies.judged(step, code, text, THEM, US).answer

    assert answer is not Answer.ACCEPTED
    assert (answer is Answer.UNKNOWN) == (step is Step.TEXT and code // 100 not in (4, 5))
    if answer is Answer.NO_ADDRESS:
        assert code // 100 == 5
        assert step in (Step.RCPT, Step.DATA, Step.TEXT)
        elsewhere = replies.judged(step, code, f"{text} <{OTHER}>", THEM, US).answer
        assert elsewhere is not Answer.NO_ADDRESS


class TestLimits:
    async def test_so_many_connections_are_learnt_and_all_letters_go_on_those(self, postbox: OpenPostbox):
        for phase in (Phase.MAIL, Phase.GREETING, Phase.RCPT):
            box = postbox(at_once=2, limit_phase=phase)
            transport = SmtpTransport(server_of(box))

            answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(12)))
            tried = box.connections
            answers += await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(12)))
            await transport.close()

            assert {reply.answer for reply in answers} == {Answer.ACCEPTED}
            assert len(box.received) == 24
            # From then on no more are tried.
            assert (tried, box.connections) == (4, 4)

    async def test_a_server_that_takes_none_puts_off_without_being_pressed(self, postbox: OpenPostbox):
        box = postbox(at_once=0)
        transport = SmtpTransport(server_of(box))

        answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(12)))
        await transport.close()

        assert {reply.answer for reply in answers} == {Answer.LIMIT}
        assert box.connections <= 8

    async def test_so_many_letters_on_one_connection_are_learnt(self, postbox: OpenPostbox):
        box = postbox(on_one=3)
        transport = SmtpTransport(server_of(box), connections=1)

        answers = [(await transport.send(RECIPIENT, MESSAGE)).answer for _ in range(12)]
        await transport.close()

        assert answers == [Answer.ACCEPTED] * 12
        assert box.connections == 4
        # Told once; afterwards the connection is left in time.
        assert len(box.reached(Phase.MAIL)) == 13

    async def test_so_many_letters_in_a_while_put_off_all_that_wait_at_once(self, postbox: OpenPostbox):
        for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY):
            box = postbox(in_all=3, limit_phase=phase)
            transport = SmtpTransport(server_of(box), connections=1)

            answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(12)))
            box.in_all = 12
            later = await transport.send(RECIPIENT, MESSAGE)
            await transport.close()

            assert [reply.answer for reply in answers] == [Answer.ACCEPTED] * 3 + [Answer.LIMIT] * 9
            # The server was asked once, and not once for each.
            assert len(box.reached(phase)) == 5
            assert later.answer is Answer.ACCEPTED
            assert box.connections == 1

    async def test_a_server_that_says_nothing_is_waited_for_by_nobody_twice(self, postbox: OpenPostbox):
        box = postbox()
        box.hold(Phase.GREETING, times=None)
        transport = SmtpTransport(server_of(box, patience=Patience.of(0.2)), connections=2)

        answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(12)))
        await transport.close()

        assert {reply.answer for reply in answers} == {Answer.SERVER}
        assert box.connections == 2
