create table people (
  id            text   not null primary key, -- issuer and subject
  name          text   not null,
  email         text   not null,
  role          text   not null, -- the last one they had
  person_groups text   not null,
  seen_at       bigint not null, -- 0: never
  signed_out_at bigint not null  -- what vouched for them before is worth nothing; 0: never
);

-- No reference to people: a sign-in is written with its person, and both only grow old.
create table sign_ins (
  id             text   not null primary key, -- hash of what the browser's cookie holds
  person         text   not null,
  issuer         text   not null,
  subject        text   not null,
  name           text   not null,
  email          text   not null,
  person_groups  text   not null,
  key_id         text   not null, -- of the refresh token; '' when there is none
  wrapped        bytea  not null,
  box            bytea  not null,
  made_at        bigint not null,
  seen_at        bigint not null,
  until_at       bigint not null,
  refused_at     bigint not null, -- when the provider would not renew it; 0: never
  ended_at       bigint not null, -- 0 while it lasts
  changed_at     bigint not null, -- when it was renewed or ended the last time
  claimed_until  bigint not null  -- who renews it has so long for it
);

create index sign_ins_changed on sign_ins (changed_at);
create index sign_ins_person on sign_ins (person);
