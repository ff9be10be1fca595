-- Pages of other origins that may use the relay of a service: a JSON list.

alter table services add column relay_origins text not null default '[]';
