"""The words of what `doctor` finds: each finding by its key, with what ends it; and of errors what their own words don't say."""

from collections.abc import Mapping

from complaint_sla.cli import clockwork, holders, places, rules, secrecy
from complaint_sla.wording import N_

_START = N_("Start the service: complaint-sla run (or run --once from cron each minute).")
_ADD = N_("Add one: complaint-sla staff add EMAIL --name NAME --office CODE --role {role}")
_SEE_FAILED = N_("See why: complaint-sla mail list --failed")
_SEE_REFUSED = N_("See why: complaint-sla mail list --failed; mend it, then: complaint-sla mail retry")
_MEND_MAIL = N_("Mend COMPLAINT_SLA_MAIL or its password, then: complaint-sla mail test EMAIL")
_RETRY = N_("Mend it, then: complaint-sla mail retry")
_AGAIN = N_("Mend it, then: complaint-sla run --once")
_SEE_DAMAGE = N_("See what is wrong with each: complaint-sla audit; bring back the last backup.")
_STOPPED = N_("`{job}` was stopped: {fault}")
_STOPPED_SINCE = N_("`{job}` has been stopped since {since}: {fault}")
_RAN = N_("`{job}` last ran {when}.")
_FREE = N_("Free on the disk of {folder}: {gigabytes} GB")
_NAME_DATABASE = N_("Name the right one with --db or COMPLAINT_SLA_DB.")

# Each finding by its key: what is said, and what to do about it.
SENTENCES: Mapping[str, tuple[str, str]] = {
    **clockwork.SENTENCES,
    **holders.SENTENCES,
    **secrecy.SENTENCES,
    **places.SENTENCES,
    "settings-unusable": ("{problem}", N_("Mend it where it is set; what it concerns was not looked at.")),
    "rules-unusable": ("{problem}", N_("Mend it, then: complaint-sla rules check")),
    "drafts-unusable": (
        N_("The files in {folder} can't be published; what was published before holds. {problem}"),
        N_("Mend it, then: complaint-sla rules publish"),
    ),
    "database-unusable": ("{problem}", ""),
    "mail-unusable": ("{problem}", _MEND_MAIL),
    "books-lost": (N_("Rule books that are in force and can't be read: {names}"), _SEE_DAMAGE),
    "books-in-order": (N_("Rule books in force: {books}"), ""),
    "no-book-in-force": (
        N_("No rule book is in force today: the first begins on {day}."),
        N_("Let it begin earlier, or put the book that holds today into the folder."),
    ),
    "book-to-come": (N_("From {day} on: {book}"), ""),
    "plan-of-complaints": (rules.NARROW, rules.COPY),
    "report-for-nobody": (
        N_("rules/service.toml orders reports of {office}, and there is no such office."),
        N_("Correct it there; the offices: complaint-sla office list"),
    ),
    "quarter-uncounted": (
        N_("The quarter {quarter} can't be counted: {problem}"),
        N_("Bring back the rule books that were in force then; then: complaint-sla rules check"),
    ),
    "calendar-ends": (
        N_("Complaints received from {day} on can get no deadline: the calendar of {book} ends too soon."),
        N_(
            "Make a new book with a later holidays_through, effective_from that day or before; then: "
            "complaint-sla rules check"
        ),
    ),
    "calendar-reaches": (N_("The calendar of {book} reaches {day}."), ""),
    "database-reached": (N_("Database reached: {url} (revision {version})"), ""),
    "database-standby": (
        N_("This server is a standby: it shows what its primary has kept, and takes no writes."),
        N_("Work, and run the service, at the primary."),
    ),
    "database-damaged": (
        N_("The database's file is damaged: {problem}"),
        N_("Stop the service, keep the file, and bring back the last backup."),
    ),
    "database-unread": (
        N_(
            "The database's file is large and was not read through for damage; in a quiet hour: "
            'sqlite3 FILE "PRAGMA quick_check"'
        ),
        "",
    ),
    "database-unreadable": (
        N_("The database holds what can't be read: {problem}"),
        N_("See what is wrong: complaint-sla audit; bring back the last backup."),
    ),
    "complaints-astray": (
        N_("Open complaints whose office, owner or rule book is not there: {names}"),
        _SEE_DAMAGE,
    ),
    "people-damaged": (N_("Offices and people whose rows can't be read: {names}"), _SEE_DAMAGE),
    "offices-in-circle": (
        N_("Offices that stand below one another, in a circle: {offices}"),
        N_("Put one of them where it belongs: complaint-sla office set CODE --parent CODE"),
    ),
    "disk-free": (_FREE, ""),
    "disk-full": (_FREE, N_("Make room: when it is full, nothing can be logged and no alert written.")),
    "job-never": (N_("`{job}` has never run to its end."), _START),
    "job-late": (_RAN, _START),
    "job-ran": (_RAN, ""),
    "job-to-come": (
        N_("`{job}` last ran {when}, which is still to come: a clock is or was wrong."),
        N_("Set this machine's clock right, then: complaint-sla run --once"),
    ),
    "mail-stopped": (_STOPPED, _RETRY),
    "mail-stopped-since": (_STOPPED_SINCE, _RETRY),
    "mail-not-as-sender": (
        N_("Mail can't leave, because of the account, or of the address that it sends as: {fault}"),
        N_(
            "Set COMPLAINT_SLA_MAIL_FROM to an address that it may send as, or have it allowed to at the mail server; if its "
            "quota is used up, wait or have it raised. Then: complaint-sla mail retry"
        ),
    ),
    "mail-limited": (
        N_("A limit of the mail server has let nothing through since {since}: {fault}"),
        N_("Wait until it takes messages again, or have the limit raised; none is lost."),
    ),
    "service-stopped": (_STOPPED, _AGAIN),
    "service-stopped-since": (_STOPPED_SINCE, _AGAIN),
    "job-set-aside": (
        N_("`{job}` set aside what it could not handle, and did the rest: {names}"),
        _SEE_DAMAGE,
    ),
    "plan-unused": (
        N_(
            "The plan {plan} is not in use here, and nobody is told of it until a figure is entered: complaint-sla plan show"
        ),
        "",
    ),
    "plan-untold": (
        N_("The action plan {plan} is in use, and nobody is told what is not in: there is no daily summary."),
        N_("Switch it on: the part [summary] of rules/service.toml, then: complaint-sla rules publish"),
    ),
    "plan-classless": (
        N_("Offices without a class, so that everything of the plan {plan} is asked of them: {offices}"),
        N_(
            "Give each its own: complaint-sla office set CODE --class KEY; the classes: complaint-sla rules show"
        ),
    ),
    "plan-unheard": (
        N_("Figures of the plan that are due, and of which nobody is told, of: {offices}"),
        _ADD,
    ),
    "quarters-unserved": (
        N_(
            "Final and not frozen, since they ended before a complaint was first logged by hand here, and whether the "
            "sheets have brought all of theirs, only a person knows: {quarters}"
        ),
        N_("When all is in, freeze each: complaint-sla report {first} --freeze"),
    ),
    "quarters-of-sheets": (
        N_(
            "Final and not frozen, since nothing is logged by hand here, and whether the sheets have brought all of theirs, "
            "only a person knows: {quarters}"
        ),
        N_("When all is in, freeze each: complaint-sla report {first} --freeze"),
    ),
    "plan-unfrozen": (
        N_("The action plan of {quarter} is past its day of handing in, and not frozen."),
        N_("Freeze what is final: complaint-sla run --once; or by hand: complaint-sla plan freeze {quarter}"),
    ),
    "unswept": (
        N_("Complaints waiting to be raised: {n}, the oldest since {when}."),
        N_("Raise them now: complaint-sla sweep"),
    ),
    "letters-held-up": (N_("Messages waiting: {n}, the oldest since {when}."), _SEE_FAILED),
    "letters-waiting": (N_("Messages waiting: {n}"), ""),
    "letters-put-off": (
        N_("Messages that leave as fast as a limit of the mail server lets them: {n} ({fault})"),
        "",
    ),
    "letters-turned-away": (
        N_("Messages that the mail server refuses, and not because of the address: {n} ({fault})"),
        N_(
            "Mend what it says, or ask whoever runs the server; then: complaint-sla mail retry. After a day the next in line "
            "is told as well."
        ),
    ),
    "letters-too-large": (
        N_("Messages that are too large for the mail server or the mailbox, however short: {n} ({fault})"),
        N_("Have the server or the mailbox take larger messages, then: complaint-sla mail retry"),
    ),
    "letters-later": (
        N_("Messages put off for now, by the mailbox or on the way to it: {n} ({fault})"),
        N_("They are tried again by themselves; whose they are: complaint-sla mail list --failed"),
    ),
    "letters-unanswered": (
        N_("Messages that were sent, and to which no answer was heard: {n} ({fault})"),
        N_("They are sent again by themselves, as they were: complaint-sla mail list --failed"),
    ),
    "letter-unwritten": (
        N_("Message {id} can't be written: {fault}"),
        N_("Mend what it says, then: complaint-sla mail retry {id}"),
    ),
    "letters-refused": (N_("Messages refused for good: {n}"), _SEE_REFUSED),
    "letters-perhaps-arrived": (
        N_("Messages refused for good, of which an earlier copy may have arrived: {n}"),
        _SEE_REFUSED,
    ),
    "nobody-alerted": (N_("There is no supervisor and no manager: nobody would be alerted."), _ADD),
    "no-supervisor": (N_("No supervisor and no manager is there for: {offices}"), _ADD),
    "no-manager": (N_("No manager is there for escalations of: {offices}"), _ADD),
    "post-empty": (
        N_("Alerts that reach nobody, owed to the {role}: {n}, the oldest since {when}."),
        N_(
            "Fill the post with `staff add` or `staff set`; what is owed is sent then. If it is filled, see why "
            "nothing arrives: complaint-sla mail list --failed"
        ),
    ),
    "post-unreached": (
        N_(
            "Alerts that have reached nobody of the {role}, though the post is filled: {n}, the oldest since {when}."
        ),
        _SEE_REFUSED,
    ),
    "owner-retired": (
        N_("{email} is retired and owns open complaints: {n}"),
        N_(
            "See which: complaint-sla list --owner {email}; hand each over: complaint-sla assign NUMBER EMAIL"
        ),
    ),
    "nobody-stands-in": (
        N_("{email} is away until {day}, and nobody stands in (deputy: {deputy})."),
        N_("Name another: complaint-sla staff away {email} --until {day} --deputy EMAIL"),
    ),
    "address-dead": (
        N_("The mail server knows no address {email}."),
        N_("If it is right after all: complaint-sla staff set {email} --reachable"),
    ),
    "address-strange": (
        N_("{email} gets alerts, and is of no domain that people may have."),
        N_(
            "complaint-sla staff retire {email} --to EMAIL; or add the domain to mail_domains, then: complaint-sla rules publish"
        ),
    ),
    "mail-stuck": (N_("Mail can't leave: {fault}"), _MEND_MAIL),
    "mail-turned-away": (
        N_("Mail can't leave: the mail server turns this machine away: {fault}"),
        N_(
            "If it lasts, ask whoever runs the server why; the messages wait, and are tried again by themselves."
        ),
    ),
    "mail-slow": (
        N_(
            "The mail server {server} is there, and has said nothing within {seconds} s; messages wait for it longer."
        ),
        N_("If messages stay here, ask whoever runs the server why it is slow: complaint-sla mail list"),
    ),
    "mail-untrusted": (
        N_(
            "Mail can't leave: the certificate of {server} is of an authority that nobody here trusts: {issuer}"
        ),
        N_(
            "If it is one of your own, name the file with its certificate (PEM): COMPLAINT_SLA_MAIL_CA, or mail_ca in "
            "config.toml."
        ),
    ),
    "mail-self-signed": (
        N_("Mail can't leave: the certificate of {server} is signed by nobody but itself: {issuer}"),
        N_(
            "Get that certificate (PEM) from whoever runs the server, and name its file: COMPLAINT_SLA_MAIL_CA, or mail_ca in "
            "config.toml."
        ),
    ),
    "mail-out-of-date": (
        N_(
            "Mail can't leave: the certificate of {server} has expired, or is not valid yet (issued by {issuer})."
        ),
        N_("Let whoever runs the server renew it; if they have, see whether this machine's clock is right."),
    ),
    "mail-other-name": (
        N_("Mail can't leave: the certificate of {server} is for another name (issued by {issuer})."),
        N_("In COMPLAINT_SLA_MAIL, name the server as its certificate does; whoever runs it knows."),
    ),
    "mail-answers": (N_("The mail server answers: {server}"), ""),
    "mail-folder": (N_("Mail is written into the folder {folder}"), ""),
    "mail-kept-here": (
        N_("No mail leaves: nothing says how, and every message is written into the folder {folder}"),
        N_("Set COMPLAINT_SLA_MAIL to your mail server, or to folder:PATH if somebody sees to that folder."),
    ),
    "mail-plain": (
        N_("Mail travels without encryption, and everybody on the way can read it."),
        N_("Use smtp:// (STARTTLS) or smtps:// (TLS) in COMPLAINT_SLA_MAIL."),
    ),
}
# What to do where the error's own words don't say it.
CURES: Mapping[str, str] = {
    "bad-database-url": _NAME_DATABASE,
    "database-old": N_("Back it up: complaint-sla backup FILE; then: complaint-sla init"),
    "database-locked": N_("Let whoever holds it finish, or end their session, then: complaint-sla doctor"),
    "database-new": N_("Install the newer complaint-sla here too; nothing in the database is lost."),
    "database-foreign": _NAME_DATABASE,
    "database-unreachable": N_(
        "Check the address, the permissions and that the server runs; if the file is damaged, bring back the last backup."
    ),
}
