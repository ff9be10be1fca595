-- Times are microseconds since 1970, UTC. JSON is text that only Go reads.

create table services (
  id                text    not null primary key,
  name              text    not null,
  folded            text    not null unique, -- the name without regard to case
  address           text    not null,
  params            text    not null,
  headers           text    not null,
  subprotocols      text    not null,
  credential_kind   text    not null,
  credential_plain  text    not null,
  compression       boolean not null,
  ca_pem            text    not null,
  ping_us           bigint  not null,
  max_message_bytes bigint  not null,
  record_relay      boolean not null,
  demo              text    not null,
  created_at        bigint  not null,
  updated_at        bigint  not null
);

create table secrets (
  service      text   not null references services (id) on delete cascade,
  field        text   not null,
  key_id       text   not null, -- the master key that wraps the data key
  wrapped      bytea   not null,
  box          bytea   not null,
  fingerprint  text   not null,
  updated_at   bigint not null,
  last_used_at bigint not null, -- 0: never
  primary key (service, field)
);

create table sessions (
  id           text    not null primary key,
  kind         text    not null,
  service      text    not null, -- no reference: a log outlives its service
  service_name text    not null,
  address      text    not null,
  opened_by    text    not null,
  opened_at    bigint  not null,
  report       text    not null,
  ended_at     bigint, -- null while it runs
  close_code   bigint  not null,
  close_reason bytea    not null, -- as received, whatever the bytes
  clean        boolean not null,
  finding      text    not null
);

create index sessions_newest on sessions (opened_at, id);

-- Beside sessions, because it changes with every batch and the report is large.
create table counts (
  session        text   not null primary key references sessions (id) on delete cascade,
  last_seq       bigint not null,
  sent           bigint not null,
  received       bigint not null,
  events         bigint not null,
  bytes_sent     bigint not null,
  bytes_received bigint not null
);

-- No references to sessions in the next two: the row in counts, which every batch
-- has to find, says that the session exists, once for the batch and not for each row.
create table messages (
  session      text    not null,
  seq          bigint  not null,
  at_us        bigint  not null,
  direction    text    not null,
  opcode       text    not null,
  size         bigint  not null,
  invalid_utf8 boolean not null,
  event        text    not null,
  sender       text    not null,
  client_id    text    not null,
  preview      bytea    not null, -- the whole payload when it is short
  body         bytea,             -- the whole payload when it is of middle size
  primary key (session, seq)
);

create unique index messages_client_id on messages (session, client_id) where client_id <> '';

-- Large payloads, in parts.
create table bodies (
  session text   not null,
  seq     bigint not null,
  part    bigint not null, -- from 0
  data    bytea   not null,
  primary key (session, seq, part)
);

create table settings (
  key        text   not null primary key,
  value      text   not null,
  updated_at bigint not null
);
