-- The messages behind the first that are packed into the same row: its part 0 in bodies holds
-- all of them, and its seq is that of the first. 0 is a row of one message.
alter table messages add column further bigint not null default 0;
