"""What servers really answer, whose matter each is, and where it stands: the table that judging replies is held to."""

from typing import NamedTuple

from complaint_sla.core.replies import Answer
from tests.servers.smtp import Phase

EXCHANGE = "learn.microsoft.com, non-delivery reports and SMTP errors in Exchange Online"
STOREDRV = "learn.microsoft.com, SMTP AUTH client submission"
GMAIL = "support.google.com/a/answer/3726730"
SES = "docs.aws.amazon.com/ses, SMTP response codes; sending quotas"
YAHOO = "senders.yahooinc.com, smtp error codes"
RACKSPACE = "postmaster.emailsrvr.com, response codes"
MIMECAST = "mimecastsupport.zendesk.com, SMTP error codes"
BARRACUDA = "campus.barracuda.com/doc/39815000"
PROOFPOINT = "spambrella.com, email delivery error codes"
POSTFIX = "postfix.org, postconf(5) and smtpd(8)"
EXIM = "exim.org, spec, smtp_accept_max…; src/smtp_in.c"
SENDMAIL = "sendmail.org, op.me; proto.m4; daemon.c"
QMAIL = "cr.yp.to, qmail-smtpd; vpopmail chkuser"
DOVECOT = "doc.dovecot.org, quota; LMTP"
ZIMBRA = "wiki.zimbra.com, quota and LMTP"
GREYLIST = "RFC 6647; postgrey(8); milter-greylist; rspamd greylisting"
CPANEL = "docs.cpanel.net, Exim, max emails per hour"
RFC = "RFC 5321, 4.2.3; RFC 3463; RFC 7505"
NETEASE = "help.mail.163.com, SMTP return codes"

US, THEM, OTHER = "sla@example.org", "supervisor@example.org", "manager@elsewhere.example"


class Said(NamedTuple):
    phase: Phase
    reply: str
    answer: Answer
    source: str


G, M, R, D, B, U = Phase.GREETING, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.AUTH
SENDER, SERVER, LIMIT, LATER = Answer.SENDER, Answer.SERVER, Answer.LIMIT, Answer.LATER
LARGE, REFUSED, NOBODY = Answer.TOO_LARGE, Answer.REFUSED, Answer.NO_ADDRESS

SAID = [
    # --- Our account, and the address that we send as.
    Said(B, f"554 5.2.252 SendAsDenied; {US} not allowed to send as {OTHER}", SENDER, EXCHANGE),
    Said(B, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied", SENDER, STOREDRV),
    Said(B, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", SENDER, STOREDRV),
    Said(B, "554 5.2.2 Mailbox full; STOREDRV.Submission.Exception:QuotaExceededException", SENDER, STOREDRV),
    Said(B, "554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException", SENDER, STOREDRV),
    Said(M, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", SENDER, EXCHANGE),
    Said(R, "550 5.1.8 Access denied, bad outbound sender", SENDER, EXCHANGE),
    Said(B, "550 5.1.90 Your message can't be sent because you've reached your daily limit for recipients", SENDER, EXCHANGE),
    Said(R, "550 5.7.705 Access denied, tenant has exceeded threshold", SENDER, EXCHANGE),
    Said(R, "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", SENDER, EXCHANGE),
    Said(B, "550 5.7.515 Access denied, sending domain example.org does not meet the required level", SENDER, EXCHANGE),
    Said(B, "550 5.4.5 Daily user sending quota exceeded. - gsmtp", SENDER, GMAIL),
    Said(B, "550-5.7.26 This mail is unauthenticated\r\n550 5.7.26 SPF did not pass. - gsmtp", SENDER, GMAIL),
    Said(D, "454 Throttling failure: Daily message quota exceeded", SENDER, SES),
    Said(B, "554 Message rejected: Email address is not verified.", SENDER, SES),
    Said(R, f"553 5.7.1 <{US}>: Sender address rejected: not owned by user sla", SENDER, POSTFIX),
    Said(R, f"450 4.1.8 <{US}>: Sender address rejected: Domain not found", SENDER, POSTFIX),
    Said(M, f"501 5.1.7 Bad sender address syntax <{US}>", SENDER, RFC),
    Said(M, "550 5.1.1 Address unknown", SENDER, RFC),
    Said(M, f"553 5.1.8 <{US}>... Domain of sender address {US} does not exist", SENDER, SENDMAIL),
    Said(R, "550 Sender verify failed", SENDER, EXIM),
    Said(R, "550 5.1.0 sender rejected", SENDER, PROOFPOINT),
    Said(M, "501 mail from address must be same as authorization user", SENDER, NETEASE),
    # --- So much at once, on one connection, in a while.
    Said(M, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", LIMIT, STOREDRV),
    Said(M, "432 4.3.2 Concurrent connections limit exceeded", LIMIT, EXCHANGE),
    Said(M, "421 4.4.2 Message submission rate for this client has exceeded the configured limit", LIMIT, EXCHANGE),
    Said(R, "451 4.7.500 Server busy. Please try again later", LIMIT, EXCHANGE),
    Said(G, "421 4.7.0 mail.example Error: too many connections from 192.0.2.1", LIMIT, POSTFIX),
    Said(M, "450 4.7.1 Error: too much mail from 192.0.2.1", LIMIT, POSTFIX),
    Said(G, "421 mail.example: Too many concurrent SMTP connections; please try again later.", LIMIT, EXIM),
    Said(M, "421 too many messages in this connection", LIMIT, EXIM),
    Said(G, "421 4.3.2 Too many open connections.", LIMIT, SENDMAIL),
    Said(G, "421 4.3.2 Connection rate limit exceeded.", LIMIT, SENDMAIL),
    Said(G, "421 Too many concurrent connections from this client (G2)", LIMIT, RACKSPACE),
    Said(G, "421 Too many concurrent SMTP connections", LIMIT, SES),
    Said(B, "454 Throttling failure: Maximum sending rate exceeded", LIMIT, SES),
    Said(M, "421 Max message per connection reached, closing transmission channel", LIMIT, YAHOO),
    Said(R, "452 4.5.3 Too many recipients this hour", LIMIT, YAHOO),
    Said(G, "421 4.4.5 Server busy, try again later.", LIMIT, GMAIL),
    Said(R, "450 4.2.1 Peak SMTP relay limit exceeded for customer", LIMIT, GMAIL),
    Said(R, "550 Domain example.org has exceeded the max emails per hour (30/30 (100%)) allowed.", LIMIT, CPANEL),
    # --- Their system, and our access to it.
    Said(G, "554 5.7.1 No SMTP service here", SERVER, POSTFIX),
    Said(G, "521 mail.example does not accept mail", SERVER, "RFC 7504"),
    Said(M, "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", SERVER, EXCHANGE),
    Said(M, "530-5.5.1 Authentication Required.\r\n530 5.5.1 - gsmtp", SERVER, GMAIL),
    Said(R, f"554 5.7.1 <{THEM}>: Relay access denied", SERVER, POSTFIX),
    Said(R, f"550 5.7.1 <{THEM}>... Relaying denied", SERVER, SENDMAIL),
    Said(R, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", SERVER, QMAIL),
    Said(R, "550 relay not permitted", SERVER, EXIM),
    Said(R, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", SERVER, EXCHANGE),
    Said(R, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", SERVER, POSTFIX),
    Said(R, "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]", SERVER, POSTFIX),
    Said(R, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", SERVER, EXCHANGE),
    Said(M, "452 4.3.1 Insufficient system storage", SERVER, POSTFIX),
    Said(R, "452 4.3.1 Insufficient system resources", SERVER, PROOFPOINT),
    Said(D, "451 4.3.0 Mail server temporarily rejected message.", SERVER, GMAIL),
    Said(M, "451 4.7.1 Service unavailable - try again later", SERVER, POSTFIX),
    # --- This letter is too large.
    Said(M, "552 5.3.4 Message size exceeds fixed limit", LARGE, POSTFIX),
    Said(B, "552-5.3.4 Your message exceeded Google's message size limits.\r\n552 5.3.4 - gsmtp", LARGE, GMAIL),
    Said(B, "552 Error: Too much mail data", LARGE, "aiosmtpd.readthedocs.io, data_size_limit"),
    Said(B, "552 Message size exceeds maximum permitted", LARGE, EXIM),
    Said(B, "552 sorry, that message size exceeds my databytes limit (#5.3.4)", LARGE, QMAIL),
    Said(R, "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient", LARGE, EXCHANGE),
    Said(D, "554 Maximum email size exceeded", LARGE, MIMECAST),
    # --- This mailbox takes nothing for now.
    Said(R, "452-4.2.2 The email account that you tried to reach is over quota.\r\n452 4.2.2 - gsmtp", LATER, GMAIL),
    Said(B, "552 5.2.2 This message is larger than the system limit or the recipient's mailbox is full.", LATER, EXCHANGE),
    Said(B, f"552 5.2.2 <{THEM}> Quota exceeded (mailbox for user is full)", LATER, DOVECOT),
    Said(B, "552 5.2.2 Over quota", LATER, ZIMBRA),
    Said(R, "550 5.7.1 Recipient mailbox is over quota", LATER, YAHOO),
    Said(R, "421 4.3.2 Service shutting down", LATER, RFC),
    Said(D, "451 Requested action aborted: local error in processing", LATER, RFC),
    Said(R, "552 Requested mail action aborted: exceeded storage allocation", LATER, RFC),
    Said(R, "450 4.2.1 The user you are trying to contact is receiving mail too quickly.", LATER, GMAIL),
    Said(R, "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery.", LATER, GMAIL),
    Said(B, "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", LATER, EXCHANGE),
    Said(R, f"450 4.2.1 <{THEM}>: Mailbox received too much email in a short period of time (G30)", LATER, RACKSPACE),
    Said(R, f"450 4.2.0 <{THEM}>: Recipient address rejected: Greylisted, see http://postgrey.example/help", LATER, GREYLIST),
    Said(R, "451 4.7.1 Greylisting in action, please come back in 00:05:00", LATER, GREYLIST),
    Said(B, "451 4.7.1 Try again later", LATER, GREYLIST),
    Said(R, "451 Internal resource temporarily unavailable", LATER, MIMECAST),
    Said(R, f"450 4.1.1 <{THEM}>: Recipient address rejected: User unknown in local recipient table", LATER, POSTFIX),
    Said(R, f"450 5.1.1 <{THEM}>: Recipient address rejected: User unknown", LATER, POSTFIX),
    Said(R, f"450 4.1.2 <{THEM}>: Recipient address rejected: Domain not found", LATER, POSTFIX),
    Said(R, f"450 4.4.1 <{THEM}>: The recipient's server was temporarily unavailable (G6)", LATER, RACKSPACE),
    Said(B, "420 The message has been deferred due to suspect content", LATER, BARRACUDA),
    # --- This letter as it is, or nobody that is named.
    Said(B, "550 5.7.0 This message was blocked because its content presents a potential security issue.", REFUSED, GMAIL),
    Said(B, "554 5.7.1 Message rejected as spam by Content Filtering.", REFUSED, EXCHANGE),
    Said(B, "550 Rejected: this message contains a virus (Eicar)", REFUSED, EXIM),
    Said(B, "554 5.6.0 Message contains invalid header", REFUSED, POSTFIX),
    Said(R, "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", REFUSED, EXCHANGE),
    Said(R, "550 5.7.124 RESOLVER.RST.NotAuthorized; not authorized", REFUSED, EXCHANGE),
    Said(R, "550 5.4.1 Recipient address rejected: Access denied", REFUSED, EXCHANGE),
    Said(R, "550 5.4.14 Hop count exceeded - possible mail loop", REFUSED, EXCHANGE),
    Said(R, "550 Requested action not taken: mailbox unavailable", REFUSED, RFC),
    Said(R, "554 Transaction failed", REFUSED, RFC),
    Said(R, "550 Unrouteable address", REFUSED, EXIM),
    Said(R, "550 4.1.1 User unknown", REFUSED, RFC),
    Said(R, "550 ไม่มีผู้ใช้นี้", REFUSED, RFC),
    Said(R, "550 \udcc4\udce8\udca1", REFUSED, RFC),
    # After the text, or about somebody else, it says nothing certain of the person addressed.
    Said(B, "550 5.1.1 User unknown", REFUSED, RFC),
    Said(R, f"550 5.1.1 <{THEM}>: host mx.example said: 550 5.1.1 <{OTHER}>: User unknown", REFUSED, POSTFIX),
    Said(B, f"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {OTHER} not found", REFUSED, EXCHANGE),
    # --- Surely there is no such mailbox.
    Said(R, "550-5.1.1 The email account that you tried to reach does not exist.\r\n550 5.1.1 - gsmtp", NOBODY, GMAIL),
    Said(R, "550 5.2.1 The email account that you tried to reach is disabled.", NOBODY, GMAIL),
    Said(R, f"550 5.1.1 <{THEM}>: Recipient address rejected: User unknown in virtual mailbox table", NOBODY, POSTFIX),
    Said(R, f"550 5.1.1 <{THEM}>... User unknown", NOBODY, SENDMAIL),
    Said(R, "550 sorry, no mailbox here by that name (#5.1.1)", NOBODY, QMAIL),
    Said(R, "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", NOBODY, QMAIL),
    Said(R, f"550 5.1.1 <{THEM}> User doesn't exist: {THEM}", NOBODY, DOVECOT),
    Said(R, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup", NOBODY, EXCHANGE),
    Said(B, f"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {THEM} not found", NOBODY, EXCHANGE),
    Said(R, "554 delivery error: dd This user doesn't have a yahoo.com account (192.0.2.1) [0]", NOBODY, YAHOO),
    Said(R, "550 No such user here", NOBODY, EXIM),
    Said(R, "556 5.1.10 Recipient address has null MX", NOBODY, RFC),
    Said(R, "550 5.1.6 Mailbox has moved", NOBODY, RFC),
    Said(R, "550 5.1.1 ไม่พบผู้รับ", NOBODY, RFC),
]  # fmt: skip
