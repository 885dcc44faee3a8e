#!/bin/sh
# Makes release-0.1.0.db.gz: a database as release 0.1.0 (revision 0001_the_house) left it. Run with the program of that
# release first in PATH, in a folder of its own; the random salts and Message-IDs differ each time.
#
# Two offices, six complaints of quarter 1/2560: in time, late, never closed, withdrawn, reclassified after its breach, and
# one whose customer was erased. The quarter is frozen, then one is reopened and one entered late, and it is restated.
set -eu
export COMPLAINT_SLA_DB=sqlite:///$PWD/release-0.1.0.db COMPLAINT_SLA_MAIL=folder:$PWD/mail COMPLAINT_SLA_LANG=en
export COMPLAINT_SLA_AS=clerk@example.org COMPLAINT_SLA_CONFIG=
at() { moment=$1; shift; complaint-sla --now "$moment" "$@"; }
log() { moment=$1; shift; at "$moment" log --channel phone --category outage --office EAST "$@"; }

at "2017-01-02 08:00" init
at "2017-01-02 08:00" office add EAST --name-th ตะวันออก --name-en East --parent MAIN
at "2017-01-02 08:00" staff add boss@example.org --name Boss --office MAIN --role manager --lang en
at "2017-01-02 08:00" staff add super@example.org --name Super --office EAST --role supervisor --lang th
at "2017-01-02 08:00" staff add agent@example.org --name Agent --office EAST --role agent --lang th
log "2017-01-10 09:00" --group residential --subject ไฟดับ --owner agent@example.org
at "2017-01-20 09:00" close C-6001-1 --outcome mended
log "2017-02-01 09:00" --group spp-area --subject "the voltage is low" --customer สมชาย --phone 0812345678
at "2017-02-07 09:00" sweep
at "2017-02-07 09:00" deliver
at "2017-02-20 09:00" close C-6002-1 --outcome "new transformer"
log "2017-02-21 09:00" --group key-account --subject "bill too high"
at "2017-03-01 09:00" withdraw C-6002-2 --reason "a mistake of the customer"
log "2017-03-05 10:00" --group residential --urgent --subject "line on the road"
at "2017-03-05 10:01" sweep
at "2017-03-05 10:01" deliver
at "2017-03-09 10:00" sweep
at "2017-03-09 10:00" deliver
at "2017-03-09 11:00" reclassify C-6003-1 --no-urgent --reason "no danger"
at "2017-03-12 11:00" close C-6003-1 --outcome "line put up"
log "2017-03-20 10:00" --group residential --subject "no answer" --office MAIN
at "2017-04-15 09:00" sweep
at "2017-04-15 09:00" deliver
log "2017-03-28 10:00" --group residential --subject "meter spins" --customer "Mr. A" --email a@example.org --received-at "2017-03-25 10:00"
at "2017-03-29 10:00" close C-6003-3 --outcome "meter changed"
at "2017-03-30 10:00" erase C-6003-3 --reason "asked for by letter 12"
at "2017-04-26 00:00" report 1/2560 --freeze
at "2017-04-27 09:00" reopen C-6001-1 --reason "out again"
log "2017-04-27 10:00" --group residential --subject "found in a drawer" --received-at "2017-03-31 16:00"
at "2017-04-28 09:00" report 1/2560 --freeze
at "2017-05-02 09:00" sweep
at "2017-05-02 09:00" deliver
at "2017-05-02 09:05" audit
complaint-sla backup release-0.1.0.copy
gzip -9 -c -n release-0.1.0.copy > release-0.1.0.db.gz
