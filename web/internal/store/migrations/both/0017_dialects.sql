-- The team's own dialects. Times are microseconds since 1970, UTC.

create table dialects (
  name       text    not null primary key,
  source     text    not null, -- YAML or JSON
  sum        text    not null, -- of the source
  listed     boolean not null, -- false for one that came with a request
  owner      text    not null, -- id of the person who saved it last
  created_at bigint  not null,
  updated_at bigint  not null
);

-- The name of a dialect; '' for none. A dialect may be gone.
alter table services add column dialect text not null default '';
alter table sessions add column dialect text not null default '';
-- The values of the dialect's variables as JSON, and the environment that they came from.
alter table sessions add column dialect_vars text not null default '{}';
alter table sessions add column environment text not null default '';
-- The reading that all turns of an ended session were stored by; '' when they were not.
alter table sessions add column turns_by text not null default '';
