-- Messages that people keep with a service, to send them again.
create table saved_messages (
  id         text   not null primary key,
  service    text   not null references services (id) on delete cascade,
  folder     text   not null, -- '' is none
  position   bigint not null, -- in its folder, from 0 without gaps
  name       text   not null,
  type       text   not null,
  size       bigint not null,
  version    bigint not null, -- of the body
  updated_at bigint not null
);

create index saved_messages_order on saved_messages (service, folder, position);

-- Their bodies, in parts. A body that is replaced gets another version, so that nobody
-- reads half of each.
create table saved_bodies (
  message text   not null references saved_messages (id) on delete cascade,
  version bigint not null,
  part    bigint not null, -- from 0
  data    bytea   not null,
  primary key (message, version, part)
);
