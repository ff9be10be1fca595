-- Turns that have ended. They can be computed from the log at any time.

create table turns (
  session  text   not null references sessions (id) on delete cascade,
  n        bigint not null, -- from 1
  read_by  text   not null, -- the dialect's sum and the version of the reader
  answer   text   not null, -- the joined text, to be searched
  asked    text   not null, -- of the other side
  turn     text   not null, -- JSON
  primary key (session, n)
);
