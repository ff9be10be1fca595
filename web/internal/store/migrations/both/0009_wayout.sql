-- The certificate that a service is shown where it asks for one, with its chain, in PEM.
-- Its key is among the secrets.
alter table services add column client_cert_pem text not null default '';
