#!/bin/sh
# Makes schema-5.db.gz: a database as the last program of revision 0005_at_the_counter left it, whose plan was activity 2.4
# alone (plan-2560-1.toml), and schema-5.page.html, that page of its frozen quarter, of which schema-5.page.txt holds the first
# cell. Run with that program first in PATH, in a folder of its own; salts and Message-IDs differ each time.
#
# Two offices, three people, two complaints of quarter 1/2560, one of them late. The quarter is frozen.
set -eu
export COMPLAINT_SLA_DB=sqlite:///$PWD/schema-5.db COMPLAINT_SLA_MAIL=folder:$PWD/mail COMPLAINT_SLA_LANG=th
export COMPLAINT_SLA_AS=clerk@example.org COMPLAINT_SLA_CONFIG=
at() { moment=$1; shift; complaint-sla --now "$moment" "$@"; }

at "2017-01-02 08:00" init --rehearsal
at "2017-01-02 08:00" office add EAST --name-th ตะวันออก --name-en East --parent MAIN
at "2017-01-02 08:00" office set EAST --name-en "The East"
at "2017-01-02 08:00" staff add boss@example.org --name Boss --office MAIN --role manager --lang en
at "2017-01-02 08:00" staff add super@example.org --name Super --office EAST --role supervisor --lang th
at "2017-01-10 09:00" log --group residential --channel phone --category outage --office EAST --subject ไฟดับ
at "2017-01-20 09:00" close C-6001-1 --outcome mended
at "2017-03-01 09:00" log --group key-account --channel phone --category outage --office EAST --subject ไฟตก
at "2017-03-20 09:00" close C-6003-1 --outcome "new transformer"
at "2017-05-01 09:00" report 1/2560 --freeze
at "2017-05-01 09:00" report 1/2560 --plan --format html --output schema-5.page.html
at "2017-05-01 09:05" audit
complaint-sla backup schema-5.copy
gzip -9 -c -n schema-5.copy > schema-5.db.gz
