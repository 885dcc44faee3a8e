"""What the tests of sending share: a message, and one sending of it to a postbox."""

from collections.abc import Callable

from complaint_sla.core.replies import Reply
from complaint_sla.mail.servers import Security, SmtpServer
from complaint_sla.mail.smtp import SmtpTransport
from tests.servers.smtp import Postbox, client_context

RECIPIENT = "supervisor@example.org"
SENDER = "sla@example.org"
MESSAGE = b"Message-ID: <m-1@example.org>\r\nSubject: Due today\r\n\r\nFirst line\r\n.a line with a dot\r\n"

OpenPostbox = Callable[..., Postbox]


def server_of(box: Postbox, security: Security = Security.PLAIN, **values: object) -> SmtpServer:
    return SmtpServer(
        **{"host": box.host, "port": box.port, "security": security, "sender": SENDER, **values}
    )


async def sent(server: SmtpServer, recipient: str = RECIPIENT) -> Reply:
    transport = SmtpTransport(server, tls=client_context())
    try:
        return await transport.send(recipient, MESSAGE)
    finally:
        await transport.close()
