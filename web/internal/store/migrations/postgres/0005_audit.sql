-- What people did, in one chain. Nothing in the program changes or deletes a row.
create table audit (
  seq          bigint not null primary key check (seq > 0), -- without gaps
  at_us        bigint not null,
  person_id    text   not null,
  person_name  text   not null,
  peer         text   not null,
  action       text   not null,
  session      text   not null,
  service      text   not null,
  service_name text   not null,
  target       text   not null,
  outcome      text   not null,
  detail       text   not null,
  request      text   not null,
  key_id       text   not null, -- the master key that mac was made with
  prev         bytea  not null, -- hash of the row before
  hash         bytea  not null,
  mac          bytea  not null
);

-- The newest row, signed. Whoever adds rows changes it first, and so has it locked.
create table audit_head (
  id     bigint not null primary key check (id = 1),
  seq    bigint not null,
  hash   bytea  not null,
  key_id text   not null,
  mac    bytea  not null
);

insert into audit_head (id, seq, hash, key_id, mac) values (1, 0, '', '', '');
