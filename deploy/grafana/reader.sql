-- A role that reads what boards show of a namespace, and nothing else. For psql, as a superuser, once the recorder
-- has made the schema; may be run again. Variables: namespace, role, password.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;

SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT 20 PASSWORD :'password';
ALTER ROLE :"role" SET default_transaction_read_only = on;
ALTER ROLE :"role" SET statement_timeout = '30s';
ALTER ROLE :"role" SET search_path = :"namespace", public;

-- What an earlier release granted and this one does not is taken back.
REVOKE ALL ON ALL TABLES IN SCHEMA :"namespace" FROM :"role";
GRANT USAGE ON SCHEMA :"namespace" TO :"role";
GRANT SELECT ON
    :"namespace".aggregates_1m,
    :"namespace".alert_transitions,
    :"namespace".alerts,
    :"namespace".alerts_now,
    :"namespace".city_clock,
    :"namespace".inspections,
    :"namespace".judged,
    :"namespace".points,
    :"namespace".station_states,
    :"namespace".stations,
    :"namespace".stations_now,
    :"namespace".systems_now,
    :"namespace".towns_now
TO :"role";

COMMIT;
