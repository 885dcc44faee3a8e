-- What each role of complaint_sla may do in this database. Run it as the owner of the tables, or as a superuser:
--
--     complaint-sla roles | psql DATABASE
--
-- It may be run again at any time, and is to be run again after each upgrade, and when the settings give out otherwise who
-- may close, reopen, reclassify, or change people. All of it is done, or nothing.
--
-- Each person and the service has a login of their own, which is made a member of one role:
--
--     CREATE ROLE malee LOGIN PASSWORD '…' IN ROLE @ROLE@_officer;
--     complaint-sla staff set malee@pea.example --login malee      (says where an officer or a supervisor works)
--
-- reader         sees everything, changes nothing; that something was read or taken out is written into the journal
-- officer        sees and changes the complaints of the own office and those below it, and enters what their plan asks for
-- supervisor     an officer who changes the people of these offices
-- service        raises, delivers, freezes what is final, erases what is kept no longer
-- administrator  everything, but the schema is the owner's: upgrades and restoring are done as the owner

BEGIN;
SET LOCAL search_path = @SCHEMA@;
SET LOCAL client_min_messages = warning;

DO $do$
DECLARE role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['reader', 'officer', 'supervisor', 'service', 'administrator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '@ROLE@_' || role) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', '@ROLE@_' || role);
        END IF;
    END LOOP;
    -- An owner who may make no roles runs this, too, once they are there.
    IF NOT pg_catalog.pg_has_role('@ROLE@_supervisor', '@ROLE@_officer', 'MEMBER') THEN
        GRANT @ROLE@_officer TO @ROLE@_supervisor;
    END IF;
END $do$;

-- Nobody has what an earlier version of this, or a hand, has given them, be it a role or a single login.
DO $do$
DECLARE given record;
BEGIN
    FOR given IN
        SELECT DISTINCT kept.oid::regclass AS name, kept.relkind,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END AS holder
        FROM pg_catalog.pg_class AS kept
        CROSS JOIN LATERAL (
            SELECT (pg_catalog.aclexplode(kept.relacl)).grantee
            UNION ALL
            SELECT (pg_catalog.aclexplode(attacl)).grantee FROM pg_catalog.pg_attribute WHERE attrelid = kept.oid
        ) AS held
        WHERE kept.relnamespace = '@SCHEMA@'::regnamespace AND (kept.relkind = 'S' OR kept.relname = ANY ('{alembic_version, @TABLES@}'::name[]))
            AND grantee <> kept.relowner
    LOOP
        EXECUTE pg_catalog.format(
            'REVOKE ALL ON %s %s FROM %s CASCADE',
            CASE given.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, given.name, given.holder);
    END LOOP;
END $do$;
REVOKE CREATE ON SCHEMA @SCHEMA@ FROM PUBLIC;
GRANT USAGE ON SCHEMA @SCHEMA@ TO @ROLE@_reader, @ROLE@_officer, @ROLE@_service, @ROLE@_administrator;

-- --- Who somebody is ----------------------------------------------------------------------------------------------------

-- The highest role of who is connected; NULL for whoever has none. The owner of the tables administers.
CREATE OR REPLACE FUNCTION complaint_sla_role() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT held.role FROM (
        SELECT 5 AS rank, 'administrator' AS role, relowner AS of FROM pg_class WHERE oid = '@SCHEMA@.complaint'::regclass
        UNION ALL
        SELECT known.rank, known.role, pg_roles.oid
        FROM (VALUES (5, 'administrator'), (4, 'service'), (3, 'supervisor'), (2, 'officer'), (1, 'reader'))
            AS known (rank, role)
        JOIN pg_roles ON rolname = '@ROLE@_' || known.role
    ) AS held
    WHERE pg_has_role(session_user, held.of, 'MEMBER')
    ORDER BY held.rank DESC LIMIT 1
$$;

-- The ids of the office at which who is connected works, and of those below it.
CREATE OR REPLACE FUNCTION complaint_sla_offices() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
    WITH RECURSIVE below (id) AS (
        SELECT office_id FROM staff WHERE login = session_user::text AND retired_at IS NULL
        UNION
        SELECT office.id FROM office JOIN below ON office.parent_id = below.id
    )
    SELECT coalesce(pg_catalog.array_agg(id), '{}') FROM below
$$;

-- Whether a complaint is at one of these offices, and not only was.
CREATE OR REPLACE FUNCTION complaint_sla_is_own(complaint integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM complaint AS one WHERE one.id = $1 AND one.office_id = ANY ((SELECT complaint_sla_offices())::integer[])
    )
$$;

-- What other offices have of the same telephone, account, e-mail, external ids or number: numbers and offices, and no more.
CREATE OR REPLACE FUNCTION complaint_sla_elsewhere(
    by_phone text, by_account text, by_email text, by_ids text[], by_number text
)
RETURNS TABLE (number text, office text, external_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
    SELECT complaint.number, office.code, CASE WHEN complaint.external_id = ANY (by_ids) THEN complaint.external_id END
    FROM complaint JOIN office ON office.id = complaint.office_id
    WHERE complaint.id IN (
        SELECT complaint_id FROM customer WHERE phone = by_phone
        UNION ALL SELECT complaint_id FROM customer WHERE account = by_account
        UNION ALL SELECT complaint_id FROM customer WHERE email = by_email
        UNION ALL SELECT id FROM complaint WHERE external_id = ANY (by_ids)
        UNION ALL SELECT id FROM complaint WHERE complaint.number = by_number
    )
    AND complaint.office_id <> ALL (complaint_sla_offices())
    AND (complaint.came_from_id IS NULL OR complaint.came_from_id <> ALL (complaint_sla_offices()))
    ORDER BY complaint.received_at DESC, complaint.id DESC LIMIT 50
$$;

-- Whether an alert is in a letter, as it was before what is just being done.
CREATE OR REPLACE FUNCTION complaint_sla_is_in_letter(alert integer, letter integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
    SELECT EXISTS (SELECT FROM alert AS one WHERE one.id = $1 AND one.message_id = $2)
$$;

-- Whether somebody is owed alerts of complaints, or owns open ones, that who is connected can't change.
CREATE OR REPLACE FUNCTION complaint_sla_reaches_beyond(address text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM complaint
        WHERE office_id <> ALL (complaint_sla_offices()) AND (
            id IN (
                SELECT complaint_id FROM alert
                WHERE recipient = address AND (state = 'waiting' OR state = 'unalertable')
            )
            OR (status = 'open' AND owner_id IN (SELECT id FROM staff WHERE email = address))
        )
    )
$$;

-- They see all that the owner of the tables sees, whoever has made them, and nobody else writes them anew.
DO $do$
DECLARE made record;
BEGIN
    FOR made IN
        SELECT pg_proc.oid::regprocedure AS name, pg_get_userbyid(relowner) AS owner
        FROM pg_catalog.pg_proc, pg_catalog.pg_class
        WHERE pg_class.oid = '@SCHEMA@.complaint'::regclass AND pronamespace = relnamespace AND proowner <> relowner
            AND proname LIKE 'complaint\_sla\_%'
    LOOP
        EXECUTE pg_catalog.format('ALTER FUNCTION %s OWNER TO %I', made.name, made.owner);
    END LOOP;
END $do$;

REVOKE ALL ON FUNCTION complaint_sla_offices(), complaint_sla_is_own(integer), complaint_sla_is_in_letter(integer, integer),
    complaint_sla_elsewhere(text, text, text, text[], text), complaint_sla_reaches_beyond(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION complaint_sla_offices(), complaint_sla_is_own(integer), complaint_sla_is_in_letter(integer, integer),
    complaint_sla_elsewhere(text, text, text, text[], text), complaint_sla_reaches_beyond(text) TO @ROLE@_officer;
GRANT EXECUTE ON FUNCTION complaint_sla_role() TO PUBLIC;

-- --- What somebody may do with a table ----------------------------------------------------------------------------------

GRANT SELECT ON alembic_version, @TABLES@ TO
    @ROLE@_reader, @ROLE@_officer, @ROLE@_service, @ROLE@_administrator;
GRANT INSERT, UPDATE, DELETE ON @TABLES@ TO @ROLE@_administrator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA @SCHEMA@ TO @ROLE@_officer, @ROLE@_service, @ROLE@_administrator;

-- Chains are written on, and never over. By whom is written down by the server: nobody gives `server_user`, not even
-- an administrator, who can take links away and empty their words.
REVOKE INSERT, UPDATE ON event, journal FROM @ROLE@_administrator;
GRANT UPDATE (words, salt) ON event, journal TO @ROLE@_administrator;
GRANT INSERT (complaint_id, seq, kind, happened_at, recorded_at, actor, system_user, data, words, salt, words_digest, hash)
    ON event TO @ROLE@_officer, @ROLE@_service, @ROLE@_administrator;
GRANT INSERT (seq, kind, happened_at, recorded_at, actor, system_user, data, words, salt, words_digest, hash)
    ON journal TO @ROLE@_reader, @ROLE@_officer, @ROLE@_service, @ROLE@_administrator;
GRANT UPDATE (events, head) ON house TO @ROLE@_reader, @ROLE@_officer, @ROLE@_service;

-- Numbers are given out, complaints are logged and change. What one was logged as stays in its events; what was typed wrongly
-- is put right with an event of its own.
GRANT INSERT, UPDATE (serial, head) ON counter TO @ROLE@_officer;
GRANT INSERT ON complaint, customer, alert, message TO @ROLE@_officer, @ROLE@_service;
GRANT UPDATE (
    office_id, came_from_id, owner_id, "group", urgent, category, rule, days, due_on, due_at, generation, status,
    changed_at, breached_at, closed_at, outcome, acknowledged_at, responded_at, duplicate_of_id, alerted_through,
    next_alert_at, events, head
) ON complaint TO @ROLE@_officer, @ROLE@_service;
GRANT UPDATE (channel, subject, subject_search, detail, external_id) ON complaint TO @ROLE@_officer;
GRANT UPDATE (name, name_search, phone, account, email) ON customer TO @ROLE@_officer;
GRANT UPDATE (state, roles, message_id) ON alert TO @ROLE@_officer, @ROLE@_service;
GRANT UPDATE (state, lease_until, lease_token) ON message TO @ROLE@_officer;

-- What is entered of the plan stays as it was entered. Whom a survey asks follows from a lot, by whoever draws it; what came
-- of asking is added, and who it was is taken away.
GRANT INSERT ON reading, request, listed TO @ROLE@_officer;
GRANT INSERT ON lot, drawn TO @ROLE@_officer, @ROLE@_service;
GRANT UPDATE (since, through, listed) ON listed TO @ROLE@_officer;
GRANT UPDATE (attempts, outcome, score, asked_on, asked) ON drawn TO @ROLE@_officer;
GRANT UPDATE (name, phone) ON request TO @ROLE@_officer, @ROLE@_service;

-- People and offices. Under which login somebody works is the administrators' to say.
GRANT INSERT ON staff, office TO @PEOPLE@;
GRANT UPDATE (email, name, office_id, role, language, away_until, deputy_id, retired_at, failed_at, failure)
    ON staff TO @PEOPLE@;
GRANT UPDATE (name_th, name_en, class) ON office TO @PEOPLE@;

-- The service: alerts that a wrong clock raised are taken back, a figure that it froze is void, letters come and go.
-- Who complained is taken away when it has been kept for long enough.
GRANT DELETE ON alert TO @ROLE@_service;
GRANT UPDATE ON message, heartbeat TO @ROLE@_service;
GRANT INSERT ON heartbeat, figure TO @ROLE@_service;
GRANT UPDATE (voided_at) ON figure TO @ROLE@_service;
GRANT UPDATE (failed_at, failure) ON staff TO @ROLE@_service;
GRANT UPDATE (words, salt) ON event, journal TO @ROLE@_service;
GRANT UPDATE (subject, subject_search, detail, external_id, erase_at_end) ON complaint TO @ROLE@_service;
GRANT DELETE ON customer TO @ROLE@_service;

-- --- Which rows somebody sees and changes -------------------------------------------------------------------------------

DO $do$
DECLARE made record;
BEGIN
    FOR made IN
        SELECT policyname, tablename FROM pg_catalog.pg_policies
        WHERE schemaname = '@SCHEMA@' AND policyname LIKE 'complaint\_sla\_%'
    LOOP
        EXECUTE pg_catalog.format('DROP POLICY %I ON %I', made.policyname, made.tablename);
    END LOOP;
END $do$;

ALTER TABLE complaint ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert ENABLE ROW LEVEL SECURITY;
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE office ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE request ENABLE ROW LEVEL SECURITY;
ALTER TABLE drawn ENABLE ROW LEVEL SECURITY;
ALTER TABLE lot ENABLE ROW LEVEL SECURITY;
ALTER TABLE listed ENABLE ROW LEVEL SECURITY;

DO $do$
DECLARE name text;
BEGIN
    -- Who sees everything pays nothing for it: `true` goes when a query is planned.
    FOREACH name IN ARRAY ARRAY[
        'complaint', 'customer', 'event', 'alert', 'message', 'journal', 'staff', 'office',
        'reading', 'request', 'drawn', 'lot', 'listed'
    ] LOOP
        EXECUTE pg_catalog.format(
            'CREATE POLICY complaint_sla_all ON %I TO @ROLE@_service, @ROLE@_administrator USING (true)', name);
        EXECUTE pg_catalog.format(
            'CREATE POLICY complaint_sla_read ON %I FOR SELECT TO @ROLE@_reader USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['journal', 'staff', 'office'] LOOP
        EXECUTE pg_catalog.format(
            'CREATE POLICY complaint_sla_known ON %I FOR SELECT TO @ROLE@_officer USING (true)', name);
    END LOOP;
END $do$;

-- The plan is an office's: its figures, its finished requests, its lots, and whom these fell on.
DO $do$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['reading', 'request', 'lot', 'listed'] LOOP
        EXECUTE pg_catalog.format(
            'CREATE POLICY complaint_sla_own ON %I TO @ROLE@_officer '
            'USING (office_id = ANY ((SELECT complaint_sla_offices())::integer[])) '
            'WITH CHECK (office_id = ANY ((SELECT complaint_sla_offices())::integer[]))', name);
    END LOOP;
END $do$;
-- It is seen with its request.
CREATE POLICY complaint_sla_own ON drawn TO @ROLE@_officer
    USING (EXISTS (SELECT FROM request WHERE request.id = request_id))
    WITH CHECK (EXISTS (SELECT FROM request WHERE request.id = request_id));
-- The names of customers to be asked are taken away, and not put in another's place.
CREATE POLICY complaint_sla_nameless ON request AS RESTRICTIVE FOR UPDATE TO @ROLE@_officer, @ROLE@_service
    USING (true) WITH CHECK (name IS NULL AND phone IS NULL);

-- The service takes words away, and puts none in their place.
CREATE POLICY complaint_sla_wordless ON event AS RESTRICTIVE FOR UPDATE TO @ROLE@_service
    USING (true) WITH CHECK (words IS NULL AND salt IS NULL);
-- In the journal those of customers who were asked: the names of people on the staff stay.
CREATE POLICY complaint_sla_wordless ON journal AS RESTRICTIVE FOR UPDATE TO @ROLE@_service
    USING (kind = 'survey-asked') WITH CHECK (words IS NULL AND salt IS NULL);

-- What the settings give out: without its event nothing of it can be done that an audit does not find.
CREATE POLICY complaint_sla_close ON event AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (@CLOSE@);
CREATE POLICY complaint_sla_reopen ON event AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (@REOPEN@);
CREATE POLICY complaint_sla_reclassify ON event AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (@RECLASSIFY@);
-- What is to be erased the service takes from the event that says so, and erases it.
CREATE POLICY complaint_sla_erase ON event AS RESTRICTIVE FOR INSERT TO PUBLIC
    WITH CHECK (kind NOT IN ('erasure-due', 'erased') OR (SELECT complaint_sla_role()) IN ('service', 'administrator'));

-- (SELECT …) is asked once for a query, not once for a row. What was handed over can still be seen, and no more than
-- that: nobody comes to see a complaint by naming an office in it, as only one's own can be changed.
CREATE POLICY complaint_sla_see ON complaint FOR SELECT TO @ROLE@_officer USING (
    office_id = ANY ((SELECT complaint_sla_offices())::integer[])
    OR came_from_id = ANY ((SELECT complaint_sla_offices())::integer[])
);
CREATE POLICY complaint_sla_log ON complaint FOR INSERT TO @ROLE@_officer WITH CHECK (
    office_id = ANY ((SELECT complaint_sla_offices())::integer[]) AND came_from_id IS NULL
);
CREATE POLICY complaint_sla_change ON complaint FOR UPDATE TO @ROLE@_officer
    USING (office_id = ANY ((SELECT complaint_sla_offices())::integer[]))
    WITH CHECK (
        office_id = ANY ((SELECT complaint_sla_offices())::integer[])
        OR came_from_id = ANY ((SELECT complaint_sla_offices())::integer[])
    );

-- What belongs to a complaint is seen with it.
CREATE POLICY complaint_sla_see ON customer FOR SELECT TO @ROLE@_officer
    USING (EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_id));
CREATE POLICY complaint_sla_log ON customer FOR INSERT TO @ROLE@_officer
    WITH CHECK (complaint_sla_is_own(complaint_id));
CREATE POLICY complaint_sla_change ON customer FOR UPDATE TO @ROLE@_officer
    USING (complaint_sla_is_own(complaint_id)) WITH CHECK (complaint_sla_is_own(complaint_id));
CREATE POLICY complaint_sla_see ON event FOR SELECT TO @ROLE@_officer
    USING (EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_id));
CREATE POLICY complaint_sla_log ON event FOR INSERT TO @ROLE@_officer
    WITH CHECK (complaint_sla_is_own(complaint_id));
CREATE POLICY complaint_sla_see ON alert FOR SELECT TO @ROLE@_officer
    USING (EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_id));
-- Into a letter alerts are put by the service only: whoever could would see that letter, and could break it up.
CREATE POLICY complaint_sla_log ON alert FOR INSERT TO @ROLE@_officer
    WITH CHECK (complaint_sla_is_own(complaint_id) AND message_id IS NULL);
CREATE POLICY complaint_sla_change ON alert FOR UPDATE TO @ROLE@_officer
    USING (complaint_sla_is_own(complaint_id))
    WITH CHECK (
        complaint_sla_is_own(complaint_id) AND (message_id IS NULL OR complaint_sla_is_in_letter(id, message_id))
    );

-- A letter in which there is one of these complaints can be broken up; notices are no one's complaint.
CREATE POLICY complaint_sla_see ON message FOR SELECT TO @ROLE@_officer
    USING (kind <> 'alerts' OR EXISTS (SELECT FROM alert WHERE alert.message_id = message.id));
-- A report is asked for: that it was sent is nobody's to say but the service's.
CREATE POLICY complaint_sla_log ON message FOR INSERT TO @ROLE@_officer
    WITH CHECK (kind = 'report' AND state = 'waiting' AND attempts = 0);
CREATE POLICY complaint_sla_change ON message FOR UPDATE TO @ROLE@_officer
    USING (kind = 'alerts' AND state = 'waiting' AND EXISTS (SELECT FROM alert WHERE alert.message_id = message.id))
    WITH CHECK (state IN ('waiting', 'dissolved'));

-- That something was read leaves a trace, whoever read it; nothing else is a reader's to say.
CREATE POLICY complaint_sla_trace ON journal FOR INSERT TO @ROLE@_reader
    WITH CHECK (kind IN ('exported', 'contact-read', 'audited', 'backed-up'));
CREATE POLICY complaint_sla_enter ON journal FOR INSERT TO @ROLE@_officer WITH CHECK (kind = 'contact-read');
-- What is said of the plan is said of the own offices.
CREATE POLICY complaint_sla_plan ON journal FOR INSERT TO @ROLE@_officer WITH CHECK (
    kind IN (@PLAN@) AND (data::json ->> 'office') IN (
        SELECT code FROM office WHERE id = ANY ((SELECT complaint_sla_offices())::integer[])
    )
);
CREATE POLICY complaint_sla_people ON journal FOR INSERT TO @PEOPLE@ WITH CHECK (
    kind IN ('office-added', 'office-changed', 'staff-added', 'staff-changed', 'staff-away', 'staff-retired')
);

CREATE POLICY complaint_sla_hire ON staff FOR INSERT TO @PEOPLE@
    WITH CHECK (office_id = ANY ((SELECT complaint_sla_offices())::integer[]) AND login IS NULL);
CREATE POLICY complaint_sla_change ON staff FOR UPDATE TO @PEOPLE@
    USING (office_id = ANY ((SELECT complaint_sla_offices())::integer[]))
    WITH CHECK (office_id = ANY ((SELECT complaint_sla_offices())::integer[]));
CREATE POLICY complaint_sla_found ON office FOR INSERT TO @PEOPLE@
    WITH CHECK (parent_id = ANY ((SELECT complaint_sla_offices())::integer[]));
CREATE POLICY complaint_sla_change ON office FOR UPDATE TO @PEOPLE@
    USING (id = ANY ((SELECT complaint_sla_offices())::integer[]));

COMMIT;
