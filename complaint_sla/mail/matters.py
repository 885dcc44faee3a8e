"""Whose matter a server's refusal is: one table, each line with where such replies are described. The first that fits decides.

What a reply says of *whom* counts: its enhanced code (RFC 3463, section 3) together with its words, then the enhanced code,
then words, then the code alone (RFC 5321, 4.2). What surely speaks of the address is the address's matter, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from complaint_sla.core.replies import Answer


class Phase(Enum):
    """How far an attempt has come: connecting (up to the login), MAIL, RCPT, DATA, and the text itself."""

    CONNECT = "connecting"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    TEXT = "text"


class Bound(Enum):
    """What a server allows so much of: connections at a time, letters on one of them, letters in a while."""

    CONNECTIONS = "connections"
    LETTERS = "letters"
    RATE = "rate"


_ALL = tuple(Phase)
# The sender has been named.
_NAMED = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.TEXT)
# The person addressed has been named: what is said before is not held against them.
_ADDRESSED = (Phase.RCPT, Phase.DATA, Phase.TEXT)


@dataclass(frozen=True)
class Matter:
    """A reply fits if all that is given does: the phase, the digits of the code, the enhanced code, and the words.

    `code` and `status` are patterns for the whole of each; `words` is looked for anywhere. `source` is where it stands.
    """

    answer: Answer
    source: str
    status: str = r".*"
    words: str = ""
    code: str = r"[45].."
    phases: tuple[Phase, ...] = _NAMED
    bound: Bound | None = None

    def fits(self, phase: Phase, code: int, status: str, text: str) -> bool:
        return (
            phase in self.phases
            and re.fullmatch(self.code, str(code)) is not None
            and re.fullmatch(self.status, status) is not None
            and re.search(self.words, text, re.IGNORECASE | re.DOTALL) is not None
        )


# Whoever counts what mails are sent in a day counts our account's.
_A_DAY = r"daily|per.day|24.?h(?:ou)?rs?|\b(?:a|one|1).day\b"
_USER = r"(?:users?|recipients?|mailbox|mail box|accounts?|address(?:ee)?|alias|person|local.?part)"
# So much between two words that belong together.
_NEAR = r"[^.;]{0,40}?"

MATTERS = (
    # --- Our account and the address that we send as, whatever else the code says.
    Matter(
        Answer.SENDER,
        (
            "Exchange Online, 5.2.252 and 5.7.60 (SendAsDenied); Postfix, reject_sender_login_mismatch; "
            "Amazon SES, SMTP issues"
        ),
        words=(
            r"send.?as.?denied|(?:allowed|permissions?|authoriz\w+|right) to send (?:as|from|on behalf|mail from)"
            r"|not owned by"
            r"|(?:address|sender|identity|identities)[^.]{0,60}not (?:been )?verified"
            r"|sender.{0,40}login.{0,20}mismatch|from\b.{0,20}must be (?:the )?(?:same|equal)|storedrv\.submission"
        ),
    ),
    Matter(
        Answer.SENDER,
        (
            "Exchange Online, 5.1.90, 5.7.705, 5.7.708, SubmissionQuotaExceeded; Gmail, 5.4.5; "
            "Amazon SES, daily message quota"
        ),
        words=(
            rf"submission.?quota|(?:{_A_DAY}).{{0,60}}(?:limit|quota|exceed)|(?:limit|quota"
            rf"|exceed).{{0,60}}(?:{_A_DAY})|sending quota"
        ),
    ),
    Matter(
        Answer.SENDER,
        "Exchange Online, NDR codes of the sending tenant",
        status=r"5\.(?:1\.90|7\.(?:60|70[58]|750))",
    ),
    # --- A mailbox that gets too much at once is this address's.
    Matter(
        Answer.LATER,
        "Gmail, 4.2.1 and 5.2.1; Rackspace, G30; Exchange Online, recipient thread limit, 5.2.121",
        words=(
            r"receiving mail (?:too quickly|at a rate)|(?:mailbox|recipient|user) (?:has )?received too (?:much|many)"
            r"|recipient thread limit|recipient.s per hour"
        ),
        phases=_ADDRESSED,
    ),
    # --- So much at once, on one connection, in a while: nobody is at fault.
    Matter(
        Answer.LIMIT,
        "Yahoo, max message per connection; Exim, smtp_accept_max_per_connection",
        words=(
            r"(?:messages?|mails?|e-?mails|transactions?|recipients?)\b.{0,30}\b(?:per|in|on|for|during|this|a"
            r"|same|one) (?:\w+ )?"
            r"(?:connection|session)|(?:connection|session) (?:message|mail|transaction)s? limit"
        ),
        phases=_ALL,
        bound=Bound.LETTERS,
    ),
    Matter(
        Answer.LIMIT,
        "Sendmail, ConnectionRateThrottle; Postfix, smtpd_client_connection_rate_limit",
        words=r"connection rate|connections? (?:too )?(?:frequent|quickly|per (?:second|minute|hour))",
        code=r"4..",
        phases=_ALL,
        bound=Bound.RATE,
    ),
    Matter(
        Answer.LIMIT,
        (
            "Exchange Online, 4.3.2; Postfix, smtpd_client_connection_count_limit; Sendmail, MaxDaemonChildren; "
            "Exim, smtp_accept_max; Rackspace, G2"
        ),
        words=(
            r"too many (?:[\w-]+ ){0,3}(?:connections?|sessions?)|(?:concurrent|simultaneous|parallel"
            r"|open) (?:[\w-]+ ){0,2}(?:connections?|sessions?)"
            r"|(?:connections?|sessions?) (?:[\w-]+ ){0,2}(?:limit|count|quota|exceed)"
            r"|max\w* (?:[\w-]+ ){0,3}(?:connections?|sessions?)|sender thread limit|trop de connexions"
        ),
        phases=_ALL,
        bound=Bound.CONNECTIONS,
    ),
    Matter(
        Answer.LIMIT,
        "Exchange Online, 4.7.500 to 4.7.699",
        status=r"4\.7\.[56]\d\d",
        code=r"4..",
        phases=_ALL,
        bound=Bound.RATE,
    ),
    Matter(
        Answer.LIMIT,
        (
            "Exchange, MessageRateLimit; Gmail, 4.2.1 (peak SMTP relay limit), 4.4.5; Amazon SES, throttling; "
            "Postfix, anvil; RFC 3463, x.4.5"
        ),
        words=(
            r"rate.?limit|(?:sending|submission|message|mail|recipient|smtp) rate|rate (?:is )?exceed|throttl"
            r"|server (?:is )?(?:too )?busy|too busy"
            r"|too (?:many|much) (?:[\w-]+ ){0,2}(?:messages?|mails?|e-?mails?|recipients|requests|commands|traffic)"
            r"|too (?:quickly|fast)|slow down|relay limit|(?:limit|exceed\w*|per|each"
            r"|an?) (?:of )?(?:\d+ )?(?:the )?(?:second|minute|hour)\b|hourly|unusual rate"
        ),
        code=r"4..",
        phases=_ALL,
        bound=Bound.RATE,
    ),
    Matter(
        Answer.LIMIT,
        "Servers that put a limit into a code for good, as cPanel's Exim does for mails in an hour",
        words=(
            r"rate.?limit|throttl|(?:max|exceed)[^.;]{0,40}per hour|too many (?:messages|e-?mails|mails) (?:sent"
            r"|in|per)"
        ),
        code=r"5..",
        phases=_ALL,
        bound=Bound.RATE,
    ),
    # --- This letter is too large, for the server (x.3.4) or for this mailbox (x.2.3).
    Matter(
        Answer.TOO_LARGE, "RFC 3463, x.3.4 and x.2.3; RFC 1870, 6", status=r"[45]\.(?:3\.4|2\.3)", code=r"5.."
    ),
    Matter(
        Answer.TOO_LARGE,
        "RFC 1870, 6; Exim, message_size_limit; qmail, databytes; Gmail, 5.3.4; Mimecast, 554",
        status=r"|5\.(?!2\.2).*",
        words=(
            r"(?:message|mail|size|body|data)\b.{0,40}(?:too (?:large|big|long)|exceed\w*|larger than|bigger than"
            r"|over the)(?!.{0,20}(?:quota|storage|allocation))"
            r"|too much (?:mail )?data|size limit|maximum (?:allowed )?(?:message )?size|max\w*.message.size"
        ),
        code=r"552|55[0-4]|523",
    ),
    # --- The mailbox is full: later.
    Matter(Answer.LATER, "RFC 3463, x.2.2", status=r"[45]\.2\.2", phases=_ADDRESSED),
    Matter(
        Answer.LATER,
        "Dovecot, quota_full; Yahoo, over quota; Gmail, 4.2.2; Zimbra, mailbox over quota",
        status=r"|[45]\.(?:0\.0|2\..*|7\.1)",
        words=(
            rf"{_USER}\b{_NEAR}\b(?:is |was )?(?:full|over.?quota|exceed\w*|out of (?:storage|space))|over.?quota"
            rf"|quota exceeded|recipient storage full|exceeds? quota"
        ),
        phases=_ADDRESSED,
    ),
    Matter(Answer.LATER, "RFC 5321, 4.2.3 (552 names storage)", status="", code="552", phases=_ADDRESSED),
    # --- The address that we send as, by its enhanced code and by what is said of it.
    Matter(Answer.SENDER, "RFC 3463, x.1.7 and x.1.8", status=r"[45]\.1\.[78]"),
    Matter(
        Answer.SENDER,
        "RFC 3463, 3.2: no other address has been named yet",
        status=r"[45]\.1\..*",
        phases=(Phase.MAIL,),
    ),
    Matter(
        Answer.SENDER,
        "RFC 7372 (5.7.20 to 5.7.25); RFC 7489; Gmail, 5.7.26 and 5.7.27; Exchange Online, 5.7.509, 5.7.515",
        status=r"5\.7\.(?:2[0-7]|509|515)",
        code=r"5..",
    ),
    Matter(
        Answer.SENDER,
        (
            "Postfix, reject_unknown_sender_domain; Exim, sender verify; Sendmail, check_mail; "
            "Mimecast, 553 and 550; Proofpoint, 5.1.0"
        ),
        words=(
            r"sender (?:address |domain |e-?mail )?(?:\w+ )?(?:rejected|denied|refused|blocked|verif\w+|unknown"
            r"|invalid|not\b|fail\w*|does)|(?:domain of|bad|invalid|unverified|bad outbound) sender"
            r"|\b(?:SPF|DMARC|DKIM)\b|(?:mail|envelope).?from\b.{0,30}(?:reject|not|invalid|denied)"
            r"|not allowed to (?:use|send).{0,40}(?:sender|from)"
        ),
        code=r"5..|4[25]1|450",
        status=r"|5\..*|[45]\.(?:0|1|7)\..*",
    ),
    # --- People and groups who take letters from some only.
    Matter(
        Answer.REFUSED,
        "Exchange, 5.7.1 RESOLVER.RST; Exchange Online, 5.7.12x, 5.7.13x (groups and restrictions)",
        status=r"5\.7\.(?:12\d|13[0-6])",
        code=r"55.",
        phases=_ADDRESSED,
    ),
    # --- Our access to their server, and what they think of where we come from.
    Matter(Answer.SERVER, "RFC 4954, 6; RFC 3207, 4", code=r"53[0-8]"),
    Matter(
        Answer.SERVER,
        (
            "Postfix, reject_unauth_destination; Sendmail, 5.7.1; Exchange, 5.7.54 and 5.7.64; qmail, 5.7.1; "
            "Exim, relay not permitted"
        ),
        words=(
            r"relay(?:ing)?\b.{0,30}(?:denied|permitted|prohibited|allowed|not|access)|unable to relay|(?:not"
            r"|isn.t) in my list of allowed|we do not relay"
            r"|authenticat\w+ (?:is )?required|must (?:issue|authenticat)|not logged in|log ?in first|credentials"
        ),
    ),
    Matter(
        Answer.SERVER,
        (
            "Postfix, reject_rbl_client and reject_unknown_client_hostname; Spamhaus; Barracuda, BRBL; "
            "Exchange Online, 5.7.606; Rackspace, G1F"
        ),
        words=(
            r"(?:black|block|deny|reject).?list|\bRBL\b|\bDNSBL\b|spamhaus|spamcop|barracudacentral|reputation"
            r"|client host|reverse (?:dns|host|lookup)|\bPTR\b|banned"
            r"|(?:your|sending|this) (?:ip|host|server|network|mail server)|\bIP\b.{0,40}(?:block|listed|denied"
            r"|refus)|helo (?:command )?rejected|(?:local|access) policy"
        ),
        status=r"|[45]\.(?!1\.[1-6]).*",
    ),
    # --- This letter's words.
    Matter(
        Answer.REFUSED,
        (
            "RFC 3463, x.6.x; Exim, malware and spam; Barracuda, Mimecast and Proofpoint, content; "
            "Gmail, 5.7.0 (security) and 5.7.1 (unsolicited)"
        ),
        words=(
            r"spam|unsolicited|virus|malware|infected|phish|junk|content|attachment|suspicious|RESOLVER\.RST"
            r"|restricted"
        ),
        code=r"5..",
        phases=_ADDRESSED,
    ),
    # --- Later: greylisting and its like.
    Matter(
        Answer.LATER,
        "RFC 6647; Postgrey, 4.2.0; milter-greylist, 4.7.1; rspamd, 4.7.1; Mimecast, 451",
        status=r"|[45]\.(?![3]).*",
        words=r"gr[ea]y.?list|try (?:again|later)|come back|retry|temporar\w+|defer|later",
        code=r"4..",
        phases=_ADDRESSED,
    ),
    # --- Surely there is no such mailbox.
    Matter(
        Answer.NO_ADDRESS,
        "RFC 3463, x.1.1 to x.1.4 and x.1.6; Exchange Online, 5.1.10; RFC 7505 (5.1.10)",
        status=r"5\.1\.(?:[12346]|10)",
        code=r"5(?!52)..",
        phases=_ADDRESSED,
    ),
    Matter(
        Answer.NO_ADDRESS,
        "Gmail, 5.2.1 (disabled, inactive); RFC 3463, x.2.1",
        status=r"5\.2\.1",
        words=r"disabled|inactive|suspended|closed|deactivated|no longer",
        code=r"5..",
        phases=_ADDRESSED,
    ),
    Matter(
        Answer.NO_ADDRESS,
        "Sendmail, user unknown; vpopmail (qmail), no mailbox; Yahoo, no such account; Zimbra and Exim, unknown user",
        status=r"|5\.(?:0\.0|1\.0|5\.0)",
        words=(
            rf"\b(?:no such|unknown|invalid) (?:[\w-]+ )?{_USER}\b|\b{_USER}\b{_NEAR}\b(?:unknown|not (?:be )?found"
            rf"|(?:does|do|did)(?:n.t| not) exist|not exist|no longer (?:exists|valid|here))"
            rf"|no mailbox (?:here|by)|not a (?:valid|known) {_USER}|user.{{0,20}}doesn.t have an? .{{0,30}}account"
        ),
        code=r"55[0134]|511",
        phases=_ADDRESSED,
    ),
    # --- By the enhanced code alone. A server that ends the conversation says nothing but that.
    Matter(Answer.LATER, "RFC 5321, 3.8", code="421", phases=_ADDRESSED),
    Matter(Answer.SERVER, "RFC 3463, x.3.x: the mail system", status=r"[45]\.3\..*"),
    Matter(Answer.SERVER, "RFC 3463, x.7.x: security or policy", status=r"[45]\.7\..*"),
    Matter(
        Answer.LATER,
        "RFC 3463, x.1.x, x.2.x, x.4.x for now",
        status=r"[45]\.[124]\..*",
        code=r"4..",
        phases=_ADDRESSED,
    ),
    Matter(
        Answer.REFUSED, "RFC 3463, what is left of it", status=r"[45]\..*", code=r"5..", phases=_ADDRESSED
    ),
    # --- By the code alone.
    Matter(Answer.LATER, "RFC 5321, 4.2.1: 4yz", code=r"4..", phases=_ADDRESSED),
    Matter(Answer.REFUSED, "RFC 5321, 4.2.1: 5yz names nobody", code=r"5..", phases=_ADDRESSED),
    Matter(Answer.SERVER, "RFC 5321, 3.1 and 4.2.1: before anybody was addressed", phases=_ALL),
)


def fitting(phase: Phase, code: int, status: str, text: str) -> Iterator[Matter]:
    """What a refusal may be, the likeliest first."""
    return (matter for matter in MATTERS if matter.fits(phase, code, status, text))
