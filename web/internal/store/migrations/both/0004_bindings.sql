-- Where a secret may go, as it is sealed along with it; '' for one that was sealed
-- before secrets were bound.
alter table secrets add column binding text not null default '';

alter table services add column skip_verify boolean not null default false;
