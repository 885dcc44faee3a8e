"""The words of errors, by key: what the state of things forbids, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

ERRORS: Mapping[str, str] = {
    # what is broken
    "quarter-damaged": N_(
        "The quarter {quarter} can't be frozen while these complaints can't be counted: {numbers}. See what is wrong: "
        "complaint-sla audit."
    ),
    "uncounted": N_("Complaints of {quarter} that can't be counted: {count}. Which: complaint-sla audit."),
    "record-damaged": N_(
        "What is stored of {about} can't be read ({columns}). See all that is wrong: complaint-sla audit; bring back the "
        "last backup."
    ),
    # what has been done, or is not to be done yet
    "already-acknowledged": N_(
        "{number} was acknowledged at {at}. Tell the customer more with: complaint-sla note {number} TEXT --kind communicate."
    ),
    "already-open": N_("{number} is open: there is nothing to reopen. See it: complaint-sla show {number}."),
    "already-owner": N_("{owner} is the owner of {number} already. Nothing has to be done."),
    "already-there": N_("{number} is at the office {office} already. Nothing has to be done."),
    "at-before-last-change": N_(
        "{at} lies before {last}, when it was received, or its status or deadline last changed. A day without a time is its "
        "00:00: add the time."
    ),
    "at-before-touch": N_(
        "{at} lies before what was done last ({kind}), at {last}: it was not closed before. Close it now, without --at; "
        "when and why goes into the outcome."
    ),
    "at-in-future": N_("{at} is still to come. Give a moment that has passed, or leave it out."),
    "at-too-far-back": N_(
        "{at} is too far back: by the rule book a closing is dated back by {days} days at most, today to {earliest}. "
        "Close it now, without --at; when it was really closed goes into the outcome."
    ),
    "channel-decides": N_(
        "By the rule book the channel {channel} gives {number} another deadline, of {days} days. Give it so: "
        "complaint-sla reclassify {number} --channel {channel} --reason TEXT."
    ),
    "corrected-meanwhile": N_(
        "{number} was corrected by somebody else meanwhile: {corrections}. Nothing was changed: look at it again."
    ),
    "external-id-taken": N_("{value} is the id of {number} already: two complaints can't have it."),
    "nothing-corrected": N_("Nothing was changed: {number} says so already: {corrections}."),
    "words-erased": N_("Who complained and in which words is erased of {number}: nothing can be corrected."),
    "changed-meanwhile": N_(
        "The figure of {quarter} has changed while its report was made. Nothing was frozen: try again."
    ),
    "changed-since-seen": N_(
        "{number} was changed meanwhile ({kind}, {by}): nothing was done. Look at it again."
    ),
    "duplicate-of-itself": N_(
        "{number} can't be a duplicate of {of}: that leads back to itself. Name the complaint that goes on with --of."
    ),
    "erase-open": N_(
        "{number} is open, and whoever works on it needs to know whose it is. Let it be erased once it has ended: "
        "complaint-sla erase {number} --at-end --reason TEXT."
    ),
    "erasure-noted": N_(
        "That {number} is erased once it has ended is noted already. Nothing has to be done."
    ),
    "nothing-to-erase": N_("There is nothing left to erase of {number}. Nothing has to be done."),
    "not-taken-back": N_(
        "What was written down last ({kind}: {numbers}) can't be taken back. Add a note that corrects it."
    ),
    "nothing-to-take-back": N_("Nothing was done yet that could be taken back."),
    "no-such-version": N_(
        "The figure of {quarter} has no version {version}; versions that are frozen: {known} (0: none yet)."
    ),
    "nobody-gets-reports": N_(
        "Nobody gets the reports of {office} (*: of all offices). Name them under [[report]] in rules/service.toml."
    ),
    "not-final-yet": N_("The figure of {quarter} can't be frozen before it is final, at {final_at}."),
    "nothing-to-restate": N_(
        "Nothing counts otherwise in {quarter} than in version {version}, which stands. Nothing has to be done."
    ),
    "plan-not-final-yet": N_(
        "The plan of {quarter} can't be frozen before its day of handing in is past and its closure rate is final, at "
        "{final_at}."
    ),
    "plan-after-closure": N_(
        "The plan of {quarter} is frozen after its closure rate, which is not frozen yet. First: complaint-sla report "
        "{quarter} --freeze."
    ),
    "plan-damaged": N_(
        "The plan of {quarter} can't be frozen: entries of the journal whose figures can't be read: {entries}. See: "
        "complaint-sla audit."
    ),
    "plan-nothing-to-restate": N_(
        "Nothing stands otherwise in the plan of {quarter} than in version {version}, which stands. Nothing has to be done."
    ),
    "not-open": N_(
        "{number} is not open any more ({status}). Reopen it first: complaint-sla reopen {number} --reason TEXT."
    ),
    "now-in-earnest": N_(
        "--now writes into a rehearsal only, and {url} is real. Make one with `complaint-sla --db URL init --rehearsal`, or "
        "from a copy of this one: `backup FILE`, then `--db URL restore FILE --rehearsal`."
    ),
    "no-rehearsal": N_(
        "{url} is real, and stays it. Name a new one with --db, or copy this one: `backup FILE`, then "
        "`--db URL restore FILE --rehearsal`."
    ),
    "rehearsal-mail": N_(
        "A rehearsal's mail stays on this machine, and {mail} would carry it away. Set COMPLAINT_SLA_MAIL to folder:PATH "
        "or to a server on this machine."
    ),
    "books-changed": N_("Rule books were published just now: do it again."),
    "now-with-run": N_("The service follows the real clock: run it without --now."),
    "has-duplicates": N_(
        "{number} can't be withdrawn: the customers of its duplicates, {others}, would get no answer. Close it, or reopen "
        "those first."
    ),
    "original-ended": N_(
        "{number} can't be a duplicate of {of}, which had ended on {at}, long before it came in: nobody would answer it. Reopen "
        "{of} first."
    ),
    "original-withdrawn": N_(
        "{number} can't be a duplicate of {of}, which was withdrawn: nobody would answer it."
    ),
    "office-exists": N_(
        "There is an office {code} already. Change it with: complaint-sla office set {code}."
    ),
    "no-classes": N_(
        "No plan is in force that has classes of offices. Publish one with `classes`: complaint-sla rules publish FILE."
    ),
    "office-loop": N_("{parent} is {code} itself or below it, so it can't be above it."),
    "own-deputy": N_("{email} can't stand in for themselves. Name somebody else as --deputy."),
    "own-heir": N_("{email} can't take over from themselves. Name somebody else with --to."),
    "owns-complaints": N_(
        "{email} owns open complaints: {numbers}. Hand them over with --to EMAIL, or assign them one by one."
    ),
    "mail-domain": N_(
        "{email} is of no domain that people may have: {known}. An administrator adds a domain to mail_domains in "
        "service.toml: complaint-sla rules publish."
    ),
    "events-busy": N_(
        "Events are being written all the time: no anchor could be made. The service tries again in its next round."
    ),
    "bad-anchor": N_(
        "{value} is no anchor. It stands in the daily summary, such as 60-142-3f5c…: two numbers and 32 digits."
    ),
    "person-exists": N_(
        "{email} is on the staff already. Change them with: complaint-sla staff set {email}."
    ),
    "other-customer": N_("{one} and {other} are of different customers. Say why they are one with --reason."),
    "several-refused": N_("Nothing was changed: of {count} complaints {refused} can't be changed so:"),
    "same-classification": N_("{number} is classified like that already. Nothing has to be done."),
}
