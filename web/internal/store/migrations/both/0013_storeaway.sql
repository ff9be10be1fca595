-- The newest sent message that is known to have been written to its socket. Later ones
-- may not have arrived, when the process dies.
alter table counts add column delivered_seq bigint not null default 0;

-- What ran before did not keep it: none of its messages is called unsure.
update counts set delivered_seq = last_seq;
