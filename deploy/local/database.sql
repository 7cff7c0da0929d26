-- Makes the role and the database of the product; may be run again. Variables: password.
SELECT 'CREATE ROLE miyun LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'miyun') \gexec
ALTER ROLE miyun PASSWORD :'password';
SELECT 'CREATE DATABASE miyun OWNER miyun' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'miyun') \gexec
\connect miyun
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public;
