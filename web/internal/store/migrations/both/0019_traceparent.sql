-- The header traceparent is sent to the service.
alter table services add column send_traceparent boolean not null default false;
