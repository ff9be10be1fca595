-- Environments of the team: named values and secrets for templates of services. Times are
-- microseconds since 1970, UTC.

create table environments (
  id         text   not null primary key,
  name       text   not null,
  folded     text   not null unique, -- the name without regard to case
  vars       text   not null,        -- the values as a JSON object
  owner      text   not null,        -- id of the person who saved it last
  created_at bigint not null,
  updated_at bigint not null
);

create table environment_secrets (
  environment  text   not null references environments (id) on delete cascade,
  field        text   not null,
  key_id       text   not null, -- the master key that wraps the data key
  wrapped      bytea  not null,
  box          bytea  not null,
  binding      text   not null, -- where it may go, as it is sealed along with it
  fingerprint  text   not null,
  updated_at   bigint not null,
  last_used_at bigint not null, -- 0: never
  primary key (environment, field)
);

-- The name of the environment that a service uses; '' for none. It may be gone.
alter table services add column environment text not null default '';
