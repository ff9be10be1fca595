-- What was there before belongs to whoever used this machine, and was everybody's.

alter table services add column owner text not null default 'local';
alter table services add column shared boolean not null default true;

alter table sessions add column owner text not null default 'local';
alter table sessions add column owner_name text not null default '';
alter table sessions add column shared boolean not null default false;
alter table sessions add column rights text not null default 'watch';
