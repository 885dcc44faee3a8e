"""Mail servers that refuse, hang, break off, dawdle, or are not to be trusted: every answer at every phase."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from complaint_sla.mail.servers import Security, SmtpServer
from tests.faults.bureau import Bureau
from tests.faults.oracle import SUPERVISOR
from tests.servers.smtp import Certificate, Phase

PHASES = (Phase.GREETING, Phase.EHLO, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY)
REPLIES = (
    "421 4.3.2 Shutting down",
    "450 4.2.1 Mailbox busy",
    "451 4.3.0 Try again",
    "452 4.2.2 Mailbox full",
    "550 5.1.1 No such user",
    "552 5.2.2 Mailbox full",
    "554 5.6.0 No",
)
# Seconds after which a slow server greets at last, well within an attempt's time.
SLOW = 0.1

Fault = Callable[[Bureau], None]


def _suffer(bureau: Bureau) -> None:
    """A round with the fault, which is mended then; what could not be sent must be where people look."""
    code, steps = bureau.work()
    if code != 0:
        bureau.oracle.problems.append(f"a mail server brought down a worker: {steps[-1]}")
    if not bureau.in_sight():
        bureau.oracle.problems.append("what could not be sent is nowhere to be seen")


def _refusing(bureau: Bureau, phase: Phase, reply: str) -> None:
    bureau.urgent_matter()
    to = SUPERVISOR if phase in (Phase.RCPT, Phase.DATA, Phase.BODY) else None
    if to is not None:
        bureau.oracle.refused.add(to)
    bureau.box.answer(phase, reply, to=to)
    _suffer(bureau)
    bureau.check()


def _hanging(bureau: Bureau, phase: Phase) -> None:
    bureau.urgent_matter()
    bureau.box.hold(phase, times=None)
    _suffer(bureau)
    bureau.check()


def _breaking_off(bureau: Bureau, phase: Phase) -> None:
    bureau.urgent_matter()
    bureau.box.drop(phase)
    _suffer(bureau)
    bureau.check()


def _refusing_then_refused(bureau: Bureau) -> None:
    """The first copy was taken, and nobody heard of it; then the server knows no such person."""
    bureau.urgent_matter()
    bureau.oracle.refused.add(SUPERVISOR)
    bureau.box.drop(Phase.ACCEPTED)
    _suffer(bureau)
    bureau.box.answer(Phase.RCPT, "450 4.2.1 Mailbox busy")
    bureau.house.later(minutes=3)
    _suffer(bureau)
    bureau.check()


def _slow(bureau: Bureau) -> None:
    bureau.urgent_matter()
    before = bureau.oracle.count().delivered
    hold = bureau.box.hold(Phase.GREETING, times=None)
    worker, _ = bureau.send_out()
    hold.wait()
    release = threading.Timer(SLOW, hold.release)
    release.start()
    worker.ended()
    release.join()
    bureau.settle_post()
    bureau.check()
    assert bureau.oracle.count().delivered == before + 1


def _nobody_there(bureau: Bureau) -> None:
    bureau.urgent_matter()
    bureau.box.stop()
    _suffer(bureau)
    bureau.box.start()
    bureau.check()


def _secured(bureau: Bureau, security: Security, tls: str, certificate: Certificate) -> None:
    """TLS is demanded, and not to be had as it should be."""
    bureau.urgent_matter()
    plain = bureau.mail
    assert isinstance(plain, SmtpServer)
    came = len(bureau.box.received)
    bureau.mail = replace(plain, security=security)
    bureau.box.tls, bureau.box.certificate = tls, certificate  # type: ignore[assignment]
    _suffer(bureau)
    if len(bureau.box.received) > came:
        bureau.oracle.problems.append(f"a letter went to a server without good TLS: {certificate}")
    bureau.box.tls, bureau.box.certificate = "none", Certificate.GOOD
    bureau.mail = plain
    bureau.check()


def _all() -> Iterator[tuple[str, Fault]]:
    for phase in PHASES:
        for reply in REPLIES:
            yield f"server: {reply[:3]} at {phase.value}", partial(_refusing, phase=phase, reply=reply)
    for phase in (*PHASES, Phase.ACCEPTED):
        yield f"server: hangs at {phase.value}", partial(_hanging, phase=phase)
        yield f"server: breaks off at {phase.value}", partial(_breaking_off, phase=phase)
    yield "server: takes a letter unheard, then refuses for now", _refusing_then_refused
    yield "server: slow to greet", _slow
    yield "server: not there", _nobody_there
    without = partial(_secured, security=Security.STARTTLS, tls="none", certificate=Certificate.GOOD)
    yield "server: no STARTTLS where it is demanded", without
    yield "server: no TLS where it is demanded", partial(without, security=Security.TLS)
    for certificate in (Certificate.WRONG_NAME, Certificate.UNTRUSTED, Certificate.EXPIRED):
        yield (
            f"server: certificate {certificate.name}",
            partial(without, tls="offered", certificate=certificate),
        )


FAULTS: dict[str, Fault] = dict(_all())
