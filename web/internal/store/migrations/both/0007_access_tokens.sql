-- Times are microseconds since 1970, UTC.

create table access_tokens (
  id         text   not null primary key,
  hash       text   not null unique, -- SHA-256 of the token, which is nowhere
  person     text   not null,
  name       text   not null,
  scopes     text   not null,
  made_at    bigint not null,
  until_at   bigint not null,
  used_at    bigint not null, -- 0: never
  revoked_at bigint not null  -- 0: good
);

create index access_tokens_person on access_tokens (person, made_at);
create index access_tokens_revoked on access_tokens (revoked_at);
