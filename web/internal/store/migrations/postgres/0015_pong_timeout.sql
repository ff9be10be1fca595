-- How long a session waits for a pong before it is cut; 0 is for ever.

alter table services add column pong_timeout_us bigint not null default 0;
