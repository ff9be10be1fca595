-- The folder of a service; '' for none.
alter table services add column folder text not null default '';
-- A name that people gave to a session; '' for none.
alter table sessions add column name text not null default '';

-- Folders that a person made: they stay in the person's list while nothing is in them.
create table folders (
  owner      text   not null, -- id of the person
  folded     text   not null, -- the name without regard to case
  name       text   not null,
  created_at bigint not null,
  primary key (owner, folded)
);
