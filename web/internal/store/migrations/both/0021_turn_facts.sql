-- Figures of turns that lists of sessions show, and the words of an error, to be searched.
-- Turns that were stored before have them from their next reading.

alter table turns add column error text not null default '';
alter table turns add column sentences bigint not null default 0;
alter table turns add column failed boolean not null default false;

-- A list counts the turns of each session. The index has all that it reads: the texts of
-- a turn are long, and in the same row.
create index turns_facts on turns (session, n, failed, sentences);
