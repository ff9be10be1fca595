-- A session that is pinned is kept by the retention sweep.
alter table sessions add column pinned boolean not null default false;
-- A deletion has begun: it goes on after a restart, and the session cannot be pinned.
alter table sessions add column deleting boolean not null default false;

create index sessions_ended on sessions (ended_at, id);
